# SPDX-License-Identifier: GPL-3.0-or-later
"""wg-wrap-engine IFNAME in the place of wireguard-go IFNAME."""
import os
import signal
import textwrap
import time

import pytest

from conftest import IMPLEMENTATIONS, OURS
from netrig import Engine, wait_until
from transfer import transfer

SOCKET = "/var/run/wireguard/wg0.sock"


def start(host, *arguments, **options):
    return host.run(OURS, *arguments, "wg0", **options)


def is_gone(host):
    return host.run("ip", "link", "show", "wg0", check=False).returncode != 0


def test_it_goes_to_the_background(rig):
    host = rig.hosts[0]
    start(host)  # returns
    assert "listening port" in host.run("wg", "show", "wg0").stdout
    mode = host.run("stat", "-c", "%a %F", SOCKET).stdout.split()
    assert mode == ["700", "socket"] or mode == ["600", "socket"], mode
    host.run("rm", SOCKET)
    wait_until(lambda: is_gone(host), what="the end, for the socket was removed")


def test_it_ends_with_the_interface(rig):
    host = rig.hosts[0]
    engine = Engine(host, [OURS])
    host.run("ip", "link", "delete", "wg0")
    assert engine.process.wait(10) == 0
    assert host.run("test", "-e", SOCKET, check=False).returncode != 0


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_it_ends_by_signal(rig, number):
    host = rig.hosts[0]
    engine = Engine(host, [OURS])
    engine.process.send_signal(number)
    assert engine.process.wait(10) == 0
    assert is_gone(host)
    assert host.run("test", "-e", SOCKET, check=False).returncode != 0


def test_a_stale_socket_is_no_obstacle_but_a_live_one_is(rig):
    host = rig.hosts[0]
    first = Engine(host, [OURS])
    assert start(host, "-f", check=False, timeout=5).returncode != 0
    first.process.kill()
    first.process.wait(10)
    host.run("test", "-S", SOCKET)
    Engine(host, [OURS])


@pytest.mark.parametrize("name", ("", "a-name-that-is-too-long", "a/b"))
def test_a_bad_name_is_refused(rig, name):
    done = rig.hosts[0].run(OURS, "-f", name, check=False, timeout=5)
    assert done.returncode == 1 and "wg-wrap-engine: " in done.stderr


def test_nobody_may_look_into_it(rig):
    """No privileges but two, none to be had, and a list of system calls."""
    host = rig.hosts[0]
    engine = Engine(host, [OURS])
    status = dict(line.split(":\t") for line in
                  open(f"/proc/{engine.pid}/status").read().splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    kept = 1 << 12 | 1 << 10  # CAP_NET_ADMIN for fwmark, CAP_NET_BIND_SERVICE for low ports
    assert int(status["CapEff"], 16) & ~kept == 0
    assert int(status["CapPrm"], 16) & ~kept == 0
    if os.environ.get("WG_WRAP_TEST_SANITIZED"):
        return
    # seccomp is on for each of the threads, not for the first alone.
    for thread in os.listdir(f"/proc/{engine.pid}/task"):
        text = open(f"/proc/{engine.pid}/task/{thread}/status").read()
        assert "Seccomp:\t2" in text


CONFIG = textwrap.dedent("""\
    [Interface]
    PrivateKey = {private}
    ListenPort = 51820
    Address = {address4}/24, {address6}/64
    {extra}
    [Peer]
    PublicKey = {public}
    AllowedIPs = {allowed}
    Endpoint = {endpoint}:51820
    """)


@pytest.mark.parametrize("everything", (False, True))
def test_wg_quick_works_with_it(rig, tmp_path, everything):
    """With AllowedIPs = 0.0.0.0/0 too, for which wg-quick wants a firewall mark."""
    a, b = rig.hosts
    other = Engine(b, IMPLEMENTATIONS["theirs"])
    private = a.run("wg", "genkey").stdout.strip()
    public = a.run("wg", "pubkey", input=private).stdout.strip()
    other.wg("listen-port", 51820, "peer", public, "allowed-ips",
             f"{a.inner(4)}/32,{a.inner(6)}/128")
    b.run("ip", "address", "add", f"{b.inner(4)}/24", "dev", "wg0")
    b.run("ip", "address", "add", f"{b.inner(6)}/64", "dev", "wg0", "nodad")
    b.run("ip", "link", "set", "wg0", "up")
    config = tmp_path / "wg0.conf"
    config.write_text(CONFIG.format(
        private=private, public=other.public_key, address4=a.inner(4), address6=a.inner(6),
        allowed="0.0.0.0/0" if everything else "10.77.0.0/24, fd77::/64", endpoint=b.outer(4),
        # A namespace of an ordinary user may not load the modules of a firewall.
        extra="FwMark = 51820\nTable = off" if everything else ""))
    config.chmod(0o600)
    quick = ["env", f"WG_QUICK_USERSPACE_IMPLEMENTATION={OURS}", "wg-quick"]
    a.run(*quick, "up", config)
    try:
        if everything:
            assert "fwmark: 0xca6c" in a.run("wg", "show", "wg0").stdout
        assert a.ping(b.inner(4))
        transfer(a, b, b.inner(4), 1 << 20)
    finally:
        a.run(*quick, "down", config)
    wait_until(lambda: is_gone(a), what="the interface to go")
    assert a.run("test", "-e", SOCKET, check=False).returncode != 0


def processor_time(engine):
    fields = open(f"/proc/{engine.pid}/stat").read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_idle_means_asleep(rig, engines):
    """No thread wakes while nothing happens; but for ThreadSanitizer's own."""
    if os.environ.get("WG_WRAP_TEST_SANITIZED"):
        return
    a, b = rig.hosts
    made = engines()
    assert a.ping(b.inner(4), count=3)

    def switches():
        total = 0
        for engine in made:
            for thread in os.listdir(f"/proc/{engine.pid}/task"):
                for line in open(f"/proc/{engine.pid}/task/{thread}/status"):
                    if "ctxt_switches" in line:
                        total += int(line.split()[1])
        return total

    # The kernel itself sends a few packets while an interface is new, and a keepalive is due 10 s
    # after the last one; but then there are some seconds without any.
    seconds = 60 if os.environ.get("WG_WRAP_TEST_SOAK") else 5
    for _ in range(8):
        before, used = switches(), [processor_time(engine) for engine in made]
        time.sleep(seconds)
        if switches() == before:
            assert [processor_time(engine) for engine in made] == used
            print(f"idle for {seconds} s: 0 wake-ups, 0 ticks of processor time")
            return
    pytest.fail(f"it never slept for {seconds} s")


def test_the_second_carrier_wakes_for_much_only(rig, engines):
    """While there is little one thread carries both directions, and again when there was much."""
    a, b = rig.hosts
    engine = engines()[0]
    second, = (status for thread in os.listdir(f"/proc/{engine.pid}/task")
               if "Name:\tsecond carrier" in
               open(status := f"/proc/{engine.pid}/task/{thread}/status").read())

    def switches():
        return next(line for line in open(second) if line.startswith("voluntary_ctxt_switches"))

    def little():
        before = switches()
        assert a.ping(b.inner(4), count=5) and a.ping(b.inner(6), count=5)
        return switches() == before

    assert little()
    before = switches()
    transfer(a, b, b.inner(4), 64 << 20)
    assert switches() != before
    wait_until(little, what="the first to have the TUN again")
