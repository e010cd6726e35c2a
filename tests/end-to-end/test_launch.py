# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: a program started over D-Bus reaches the peer from the tunnel's address."""
import re

import pytest

import rig

FETCH = "curl -s --max-time 10 {url} > {out}"


def fetch_inside(host, peer, url, out):
    """Launch curl by gdbus; what the web server said."""
    path = host.home / out
    command = FETCH.format(url=url, out=path)
    answer = host.gdbus("Manager", "Launch", "work", f"['sh', '-c', '{command}']", "{'wait': <true>}")
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    assert re.fullmatch(r"\(objectpath '/org/wgwrap/WgWrap1/sessions/work', uint32 \d+\)\n",
                        answer.stdout)
    return rig.wait_for(lambda: path.exists() and path.read_text(), f"an answer of {url}")


def test_the_peer_sees_the_tunnels_address(host, peer, work):
    assert fetch_inside(host, peer, f"http://{peer.INSIDE4}/", "4") == peer.CLIENT4
    assert fetch_inside(host, peer, f"http://[{peer.INSIDE6}]/", "6") == peer.CLIENT6


def test_the_same_address_cannot_be_reached_from_outside(host, peer, work):
    outside = host.run("curl", "-s", "--max-time", "2", f"http://{peer.INSIDE4}/")
    assert outside.returncode != 0 and outside.stdout == ""


def test_over_ipv6_outside(host, peer):
    host.import_profile("work", peer.profile(endpoint="[2001:db8::2]:51820"))
    assert fetch_inside(host, peer, f"http://{peer.INSIDE4}/", "4") == peer.CLIENT4


def test_an_engine_of_our_own_as_peer(host):
    ours = rig.Peer(engine=str(host.programs / "wg-wrap-engine"))
    try:
        host.import_profile("work", ours.profile())
        assert fetch_inside(host, ours, f"http://{ours.INSIDE4}/", "4") == ours.CLIENT4
    finally:
        ours.stop()


def test_a_peer_that_does_not_answer_is_a_named_error(host, peer):
    host.import_profile("work", peer.profile(endpoint="192.0.2.2:9"))
    answer = host.gdbus("Manager", "Launch", "work", "['true']",
                        "{'wait': <true>, 'timeout': <uint32 1>}")
    assert answer.returncode != 0
    assert "org.wgwrap.WgWrap1.Error.HandshakeTimeout" in answer.stderr


def test_a_program_that_is_not_there_is_a_named_error(host, work):
    answer = host.gdbus("Manager", "Launch", "work", "['no-such-program']", "{}")
    assert "org.wgwrap.WgWrap1.Error.SpawnFailed" in answer.stderr


@pytest.mark.parametrize("mtu", [1280, 1420])
def test_a_large_download_is_whole(host, peer, mtu):
    host.import_profile("work", peer.profile(extra=f"MTU = {mtu}\n"))
    size = 8 * 1024 * 1024
    result = host.wg_wrap("run", "work", "--", "sh", "-c",
                          f"curl -s --max-time 20 http://{peer.INSIDE4}/big/{size} | sha256sum")
    want = host.check("/usr/bin/python3", "-c",
                      f"import hashlib; print(hashlib.sha256((bytes(range(256))*256)*{size // 65536})"
                      ".hexdigest())")
    assert result.stdout.split()[0] == want, result.stderr


def initiations(capture):
    """Handshakes begun by the host: the UDP payload's first byte is the type."""
    return [data for _, protocol, outgoing, data in capture.packets
            if protocol == 0x0800 and outgoing and data[9] == 17
            and data[16:20] == bytes([192, 0, 2, 2]) and data[28] == 1]


def test_waiting_for_the_first_handshake_does_not_begin_a_second(host, peer, work):
    """Its keys would be given up for one that the peer does not take, 20 ms after the first."""
    for _ in range(8):
        with rig.Capture() as capture:
            assert host.wg_wrap("run", "--wait", work, "true").returncode == 0
        assert len(initiations(capture)) == 1
        host.check(host.programs / "wg-wrap", "down", "--force", work)
