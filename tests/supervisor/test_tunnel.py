# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor with the real engine and a real peer: below in-host, wireguard-go at the other end."""
import os
import signal
import socket
import struct
import subprocess
import time

import pytest
import rig

import supervisor_rig
from supervisor_rig import GLib, memfd, wait_for
from conftest import PROGRAMS

FETCH = ["curl", "-s", "-m", "20", f"http://{rig.Peer.INSIDE4}/"]
DOWNLOAD = """
import hashlib, socket, sys, time
size = int(sys.argv[1])
connection = socket.create_connection(('10.6.0.1', 80), timeout=60)
connection.sendall(b'GET /big/%d HTTP/1.0\\r\\n\\r\\n' % size)
file = connection.makefile('rb')
while file.readline().strip():
    pass
left, digest, told = size, hashlib.sha256(), False
while left:
    block = file.read(min(left, 65536))
    if not block:
        sys.exit('cut off')
    left -= len(block)
    digest.update(block)
    if not told:
        print('begun', flush=True)
        told = True
print(digest.hexdigest())
"""
SIZE = 200 * 1024 * 1024
SO_TIMESTAMPNS = 35  # socket(7); Python has no name for it


def checksum(size):
    import hashlib
    digest = hashlib.sha256()
    for _ in range(size // 65536):
        digest.update(bytes(range(256)) * 256)
    return digest.hexdigest()


@pytest.fixture
def session(peer):
    home = supervisor_rig.Home(PROGRAMS)
    made = home.start(config=peer.profile(dns=peer.INSIDE4))
    made.peer = peer
    yield made
    home.stop()


def fetch(session):
    status, output = session.run(*FETCH)
    assert status == 0, (status, session.home.read_log())
    return output.decode()


def wait_state(session, state, timeout=30):
    wait_for(lambda: session.get("State") == state, state, timeout)


def test_what_is_launched_finds_the_tunnel_open(session):
    wait_state(session, "connected")
    assert fetch(session) == rig.Peer.CLIENT4
    session.call("Refresh")
    (peer,) = session.get("Peers")
    assert peer["public-key"] == session.peer.public and peer["endpoint"] == "192.0.2.2:51820"
    assert abs(peer["last-handshake"] - time.time()) < 60
    assert peer["rx-bytes"] == session.get("RxBytes") > 500 < session.get("TxBytes")


def test_who_joins_uses_the_tunnel(session):
    program = session.join(*FETCH, stdout=subprocess.PIPE, text=True)
    assert program.communicate(timeout=30)[0] == rig.Peer.CLIENT4


def test_an_engine_s_death_does_not_cut_a_transfer(session):
    """The TUN, its addresses and the sockets are the next engine's, so TCP only sees some loss."""
    out, out_in = os.pipe()
    with open("/dev/null", "rb") as null:
        pid = session.launch("/usr/bin/python3", "-ESc", DOWNLOAD, str(SIZE),
                             stdio=[null.fileno(), out_in, out_in])
    os.close(out_in)
    with os.fdopen(out, encoding="ascii") as file:
        assert file.readline() == "begun\n"
        killed = counted = 0
        while killed < 3 and not session.exited:
            session.call("Refresh")
            assert session.get("RxBytes") >= counted
            counted = session.get("RxBytes")
            os.kill(session.engine(), signal.SIGKILL)
            killed += 1
            time.sleep(1)
            session.get("State")
            GLib.MainContext.default().iteration(False)
        output = file.read().strip()
    assert session.wait_exited(pid)[0] == 0, output
    assert output == checksum(SIZE)
    assert killed >= 1
    # What an engine has carried since it was last asked dies with it, and no more than that.
    session.call("Refresh")
    assert session.get("RxBytes") >= counted > 0


def test_the_tunnel_is_back_soon_after_an_engine_s_death(session):
    assert fetch(session) == rig.Peer.CLIENT4
    times = []
    for _ in range(5):
        os.kill(session.engine(), signal.SIGKILL)
        began = time.monotonic()
        assert fetch(session) == rig.Peer.CLIENT4
        times.append(time.monotonic() - began)
        wait_state(session, "connected")
    print("back after", ", ".join(f"{seconds:.2f} s" for seconds in times))
    assert max(times) < 10


def test_an_engine_that_dies_right_after_its_initiation_is_no_reason_to_wait(session):
    """A peer refuses the next one within 20 ms, and it would be 5 s until the engine tried again."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3)) as capture:
        capture.settimeout(30)
        capture.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

        def initiation():
            """When the next one was sent."""
            while True:
                data, ancillary, _, (*_, kind, _, _) = capture.recvmsg(65536, 64)
                if kind == socket.PACKET_OUTGOING and data[9] == socket.IPPROTO_UDP and \
                        data[28:32] == bytes([1, 0, 0, 0]) and len(data) == 28 + 148:
                    seconds, nanoseconds = struct.unpack("ll", ancillary[0][2])
                    return seconds + nanoseconds / 1e9

        for _ in range(5):
            wait_state(session, "connected")
            engine = session.engine()
            session.call("Reconnect")
            sent = initiation()
            os.kill(engine, signal.SIGKILL)
            assert fetch(session) == rig.Peer.CLIENT4
            served = time.time() - sent
            again = initiation() - sent
            print(f"initiation again {1000 * again:.0f} ms after the first, served after {served:.2f} s")
            assert again > 0.02 and served < 4
            time.sleep(0.1)


def test_a_peer_that_is_gone_is_told_and_one_that_is_back_too(session):
    assert fetch(session) == rig.Peer.CLIENT4
    session.peer.stop_engine()
    pid = session.launch("sh", "-c", "while :; do curl -s -m 1 http://10.6.0.1/ >/dev/null; done")
    wait_state(session, "stalled", 60)
    assert "192.0.2.2:51820 has not answered since" in session.get("Reason")
    session.peer.start_engine()
    wait_state(session, "connected", 30)
    assert session.get("Reason") == ""
    os.kill(pid, signal.SIGKILL)


def test_reconnect_makes_a_new_handshake(session):
    def last():
        return int(session.peer.sh("wg", "show", "wgp", "latest-handshakes").split()[1])

    assert fetch(session) == rig.Peer.CLIENT4
    before = last()
    time.sleep(1.5)
    session.call("Reconnect")
    wait_for(lambda: last() > before, "a new handshake")
    assert fetch(session) == rig.Peer.CLIENT4


def test_a_host_name_s_address_opens_the_tunnel(peer):
    home = supervisor_rig.Home(PROGRAMS)
    try:
        made = home.start(config=peer.profile(endpoint="vpn.example.com:51820"))
        time.sleep(1)
        assert made.get("State") == "connecting"
        made.call("SetEndpoint", GLib.Variant("(ssq)", (peer.public, "192.0.2.2", 51820)))
        wait_state(made, "connected")
        made.call("SetEndpoint", GLib.Variant("(ssq)", (peer.public, "2001:db8::2", 51820)))
        wait_for(lambda: made.call("Refresh") and
                 made.get("Peers")[0]["endpoint"] == "[2001:db8::2]:51820", "the other address")
        assert fetch(made) == rig.Peer.CLIENT4
    finally:
        home.stop()


def test_an_update_does_not_cut_a_transfer(session):
    out, out_in = os.pipe()
    with open("/dev/null", "rb") as null:
        pid = session.launch("/usr/bin/python3", "-ESc", DOWNLOAD, str(SIZE),
                             stdio=[null.fileno(), out_in, out_in])
    os.close(out_in)
    profile = session.peer.profile
    with os.fdopen(out, encoding="ascii") as file:
        assert file.readline() == "begun\n"
        for changes in ({"dns": "10.9.9.9"}, {"extra": "MTU = 1300"},
                        {"allowed": "10.6.0.0/16, fd06::/64"},
                        {"endpoint": "[2001:db8::2]:51820"}, {"dns": session.peer.INSIDE4}):
            session.call("Update", GLib.Variant("(hu)", (0, 1420)), [memfd(profile(**changes))])
            time.sleep(0.1)
        output = file.read().strip()
    assert session.wait_exited(pid)[0] == 0, output
    assert output == checksum(SIZE)


def test_an_update_to_another_key_is_another_identity(session):
    assert fetch(session) == rig.Peer.CLIENT4
    private, public = rig.genkey()
    session.peer.sh("wg", "set", "wgp", "peer", session.peer.client_public, "remove",
                    "peer", public, "allowed-ips", f"{rig.Peer.CLIENT4}/32")
    session.call("Update", GLib.Variant("(hu)", (0, 1420)), [memfd(
        session.peer.profile().replace(session.peer.client_private, private)
        .replace(f"PresharedKey = {session.peer.preshared}\n", ""))])
    assert fetch(session) == rig.Peer.CLIENT4


def test_wg_shows_the_tunnel_inside_but_no_key(session):
    wait_state(session, "connected")
    status, output = session.run("wg", "show", "wg0", "dump")
    assert status == 0 and session.peer.public.encode() in output
    assert session.peer.client_private.encode() not in output
    assert session.peer.preshared.encode() not in output
    assert session.run("wg", "set", "wg0", "peer", session.peer.public, "remove")[0] != 0
    assert fetch(session) == rig.Peer.CLIENT4


def test_the_end_of_a_session_that_has_carried_traffic_leaves_nothing(session):
    assert fetch(session) == rig.Peer.CLIENT4
    everybody = session.inside() - {session.process.pid} | {session.engine()}
    session.call("Close", GLib.Variant("(b)", (True,)))
    assert not any(supervisor_rig.is_alive(pid) for pid in everybody)
    session.wait_ended()


def test_a_session_of_a_killed_supervisor_goes_on_carrying(session):
    program = session.join("sh", "-c", "read line; " + " ".join(FETCH), stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
    wait_for(lambda: program.pid in session.programs(), "it to be in")
    anchor, engine = session.anchor(), session.engine()
    wait_state(session, "connected")
    time.sleep(0.3)
    session.process.kill()
    session.process.wait()
    assert program.communicate("\n", timeout=30)[0] == rig.Peer.CLIENT4
    assert session.is_locked()
    os.kill(anchor, signal.SIGKILL)
    os.kill(engine, signal.SIGKILL)
