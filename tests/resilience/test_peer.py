# SPDX-License-Identifier: GPL-3.0-or-later
"""The far end is restarted, is gone for minutes, or can be reached by a bad line only: the session
recovers with no help.

Loss, reordering and duplicates are made by a relay: not every kernel has netem.
WG_WRAP_TEST_SOAK=1 takes the times of the soak in place of those that fit into every run."""
import json
import os
import re
import subprocess
import sys
import time

import rig
from transfer import Transfer

SOAK = bool(os.environ.get("WG_WRAP_TEST_SOAK"))
GONE = 300 if SOAK else 20
# The keys of a session are renewed after two minutes.
LOSSY = 200 if SOAK else 2
SEED = int(os.environ.get("WG_WRAP_TEST_SEED", "1"))
PATIENCE = 60


def ask(host, peer, profile, seconds=PATIENCE):
    """Ask the far end for who we are; how long that took."""
    begin = time.monotonic()
    answer = host.wg_wrap("run", profile, "--", "curl", "-s", "--connect-timeout", str(seconds),
                          f"http://{peer.INSIDE4}/", timeout=seconds + 10)
    assert answer.stdout in (peer.CLIENT4, peer.OTHER4), answer
    return time.monotonic() - begin


def test_a_peer_that_forgot_everything(host, peer):
    """It cannot begin: it does not know where we are. What we send is unanswered until we do."""
    host.import_profile("work", peer.profile().replace(
        "Endpoint", "PersistentKeepalive = 3\nEndpoint"))
    transfer = Transfer(host, peer, "work")
    transfer.assert_goes_on()
    peer.stop_engine()
    time.sleep(1)
    peer.start_engine()
    print(f"more came {transfer.assert_goes_on(PATIENCE):.3f} s after the peer was back")


class Answers:
    """Five questions a second from inside, and when they were answered."""

    def __init__(self, host, peer, profile):
        self.output = host.home / "answers"
        with open(self.output, "w", encoding="ascii") as output:
            self.child = host.popen(host.programs / "wg-wrap", "run", profile, "--", "ping", "-n", "-D",
                                    "-i", "0.2", peer.INSIDE4, stdout=output, stderr=output)

    def since(self, moment):
        """CLOCK_REALTIME, seconds."""
        times = re.findall(r"^\[([0-9.]+)\] \d+ bytes from", self.output.read_text(), re.M)
        return [float(when) for when in times if float(when) > moment]


def vanish(peer):
    """As if by a power cut: there is no answer at all, and all is forgotten."""
    link = json.loads(peer.sh("ip", "-json", "link", "show", "veth1"))[0]
    rig.sh("ip", "neigh", "replace", "192.0.2.2", "lladdr", link["address"], "nud", "permanent", "dev",
           "veth0")
    peer.sh("ip", "addr", "del", "192.0.2.2/24", "dev", "veth1")
    peer.stop_engine()


def come_back(peer):
    peer.sh("ip", "addr", "add", "192.0.2.2/24", "dev", "veth1")
    peer.start_engine()
    peer.add_other()


def test_a_peer_that_is_gone_for_a_while(host, peer, work, other):
    """Who has a connection keeps it; who asks all the time, who asks for the first time thereafter, and
    a session in which nobody did anything: all are answered again."""
    transfer = Transfer(host, peer, work)
    answers = Answers(host, peer, work)
    assert host.wg_wrap("up", other).returncode == 0
    ask(host, peer, other)
    rig.wait_for(lambda: answers.since(0), "an answer")
    vanish(peer)
    gone = time.time()
    time.sleep(GONE)
    rig.wait_for(lambda: host.status(work)["state"] == "stalled", "the state")
    status = host.status(work)
    assert "192.0.2.2:51820" in status["reason"], status
    assert not answers.since(gone + 1)
    come_back(peer)
    back = time.time()
    print(f"gone for {GONE} s: “{status['reason']}”")
    idle = ask(host, peer, other)
    rig.wait_for(lambda: answers.since(back), "an answer", PATIENCE)
    print(f"who asked all the time had an answer {answers.since(gone + 1)[0] - back:.3f} s after it was "
          "back")
    print(f"who asked in a session that was idle had one after {idle:.3f} s")
    print(f"who came then had one after {ask(host, peer, work):.3f} s")
    rig.wait_for(lambda: host.status(work)["state"] == "connected", "the state")
    # TCP itself waits twice as long each time.
    transfer.assert_goes_on(GONE + PATIENCE)
    print(f"the connection of before went on {time.time() - back:.3f} s after it was back")


# PORT SEED LOSS: of what comes, LOSS is dropped, half as much comes late, a quarter twice.
RELAY = """
import random, select, socket, sys
dice, loss = random.Random(int(sys.argv[2])), float(sys.argv[3])
outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
outer.bind(('0.0.0.0', 0))
inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inner.connect(('127.0.0.1', int(sys.argv[1])))
client, late = None, []
print(outer.getsockname()[1], flush=True)
while True:
    ready, _, _ = select.select([outer, inner], [], [], 0.02)
    for end in ready:
        packet, source = end.recvfrom(65536)
        client = source if end is outer else client
        luck = dice.random()
        if luck < loss:
            continue
        send = inner.send if end is outer else lambda bytes: outer.sendto(bytes, client)
        if luck < 1.5 * loss:
            late.append((send, packet))
            continue
        for _ in range(2 if luck < 1.75 * loss else 1):
            send(packet)
    if len(late) > 3 or not ready:
        for send, packet in late:
            send(packet)
        late = []
"""


def by_relay(host, peer, loss):
    relay = peer.popen(sys.executable, "-c", RELAY, str(peer.PORT), str(SEED), str(loss),
                       stdout=subprocess.PIPE)
    port = int(relay.stdout.readline())
    name = f"loss-{100 * loss:.0f}"
    host.import_profile(name, peer.profile(endpoint=f"192.0.2.2:{port}"))
    answer = host.wg_wrap("run", "--timeout", "30", name, "--", "true", timeout=40)
    assert answer.returncode == 0, answer.stderr
    return name


def goodput(host, peer, profile, size):
    """Bytes of one TCP connection per second."""
    begin = time.monotonic()
    answer = host.wg_wrap("run", profile, "--", "curl", "-s", "--max-time", "110", "-o", "/dev/null",
                          "-w", "%{size_download}", f"http://{peer.INSIDE4}/big/{size}", timeout=120)
    assert answer.stdout == str(size), answer
    return size / (time.monotonic() - begin)


def test_a_fifth_of_all_packets_is_lost_and_others_come_late_or_twice(host, peer):
    peer.sh("ip", "link", "set", "lo", "up")
    profile = by_relay(host, peer, 0)
    without = goodput(host, peer, profile, 32 * 1024 * 1024)
    host.wg_wrap("down", "--force", profile)
    profile = by_relay(host, peer, 0.2)
    under = goodput(host, peer, profile, (4 if SOAK else 1) * 256 * 1024)
    print(f"seed {SEED}: one TCP connection {without / 1e6:.3f} MB/s without, {under / 1e6:.3f} MB/s "
          "under loss")
    ping = host.wg_wrap("run", profile, "--", "ping", "-n", "-q", "-i", "0.01", "-w", str(LOSSY),
                        peer.INSIDE4, timeout=LOSSY + 20)
    print(ping.stdout.splitlines()[-2])
    assert "duplicates" not in ping.stdout
    assert 40 < 100 - float(ping.stdout.partition("% packet loss")[0].split()[-1]) < 90
    shown = host.wg_wrap("run", profile, "--", "wg", "show", "wg0", "latest-handshakes").stdout
    age = time.time() - int(shown.split()[-1])
    print(f"its last handshake was {age:.0f} s ago, after {LOSSY} s")
    assert age < 180
