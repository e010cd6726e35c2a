# SPDX-License-Identifier: GPL-3.0-or-later
"""Both ends of a tunnel, ours and wireguard-go's. WG_WRAP_TEST_SOAK=1: 10 GB of it."""
import os
import time

import pytest

from netrig import wait_until
from transfer import transfer

SIZE = 16 << 20
MANY = 10 << 30 if os.environ.get("WG_WRAP_TEST_SOAK") else 128 << 20


def check_both_ways(a, b, families=(4, 6), size=SIZE):
    for family in families:
        assert a.ping(b.inner(family), count=5)
        transfer(a, b, b.inner(family), size)
        transfer(b, a, a.inner(family), size)


@pytest.mark.parametrize("outer", (4, 6))
@pytest.mark.parametrize("initiator, responder",
                         (("ours", "theirs"), ("theirs", "ours"), ("ours", "ours")))
def test_bytes_arrive_unharmed(rig, engines, initiator, responder, outer):
    engines(initiator, responder, family=outer, knows_endpoint=(True, False))
    check_both_ways(*rig.hosts)


@pytest.mark.parametrize("sender, receiver", (("ours", "theirs"), ("theirs", "ours")))
def test_a_long_transfer_is_unharmed(rig, engines, sender, receiver):
    a, b = rig.hosts
    engines(sender, receiver)
    begin = time.monotonic()
    transfer(a, b, b.inner(4), MANY, timeout=1800)
    print(f"{sender} to {receiver}: {MANY / 1e9:.3g} GB in {time.monotonic() - begin:.0f} s, 0 bytes differ")


@pytest.mark.parametrize("mtu", (576, 1280, 1420, 1500, 9000))
@pytest.mark.parametrize("other", ("theirs", "ours"))
def test_any_mtu_works(rig, engines, mtu, other):
    """Over a cable with an MTU of 1500, so that the larger ones travel in fragments."""
    a, b = rig.hosts
    engines("ours", other, mtu=mtu)
    check_both_ways(a, b, families=(4, 6) if mtu >= 1280 else (4,), size=4 << 20)
    # A packet of exactly that size, and one byte less.
    assert a.ping(b.inner(4), size=mtu - 28)
    assert a.ping(b.inner(4), size=mtu - 29)


def test_the_largest_mtu_works(rig, engines):
    a, b = rig.hosts
    engines(mtu=65456)
    check_both_ways(a, b)
    assert a.ping(b.inner(4), size=65456 - 28)


def test_an_mtu_that_changes_is_followed(rig, engines):
    a, b = rig.hosts
    engines("ours", "theirs")
    for mtu in (1280, 9000, 1420):
        for host in (a, b):
            host.run("ip", "link", "set", "wg0", "mtu", mtu)
        assert a.ping(b.inner(4), size=mtu - 28)
        transfer(a, b, b.inner(4), 1 << 20)


def test_preshared_keys_are_used(rig, engines):
    a, b = rig.hosts
    ours, theirs = engines("ours", "theirs", psk=True)
    assert a.ping(b.inner(4))
    # With another one there is no handshake.
    ours.wg("peer", theirs.public_key, "remove")
    ours.wg("peer", theirs.public_key, "allowed-ips", f"{b.inner(4)}/32",
            "endpoint", f"{b.outer(4)}:51820")
    assert not a.ping(b.inner(4), timeout=2)


def test_several_peers_are_told_apart(three):
    from conftest import OURS, THEIRS
    from netrig import Engine
    hub, first, second = three.hosts
    engines = [Engine(host, [program]) for host, program in
               zip(three.hosts, (OURS, THEIRS, OURS))]
    for engine in engines:
        engine.wg("listen-port", 51820)
        engine.host.run("ip", "address", "add", f"{engine.host.inner(4)}/24", "dev", "wg0")
        engine.host.run("ip", "link", "set", "wg0", "up")
    for engine in engines[1:]:
        engine.wg("peer", engines[0].public_key, "allowed-ips", "10.77.0.0/24",
                  "endpoint", f"{hub.outer(4)}:51820")
        engines[0].wg("peer", engine.public_key, "allowed-ips", f"{engine.host.inner(4)}/32")
    hub.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    assert first.ping(hub.inner(4)) and second.ping(hub.inner(4))
    transfer(first, second, second.inner(4), 8 << 20)
    transfer(second, first, first.inner(4), 8 << 20)
    # A peer may not speak as another one.
    first.run("ip", "address", "add", "10.77.0.99/32", "dev", "lo")
    assert not first.run("ping", "-c1", "-W1", "-I", "10.77.0.99", hub.inner(4),
                         check=False).returncode == 0


def test_a_packet_for_nobody_is_answered(rig, engines):
    """Host unreachable, rather than silence until a timeout."""
    a, _ = rig.hosts
    engines()
    a.run("ip", "route", "add", "10.88.0.0/24", "dev", "wg0")
    a.run("ip", "route", "add", "fd88::/64", "dev", "wg0")
    for address in ("10.88.0.1", "fd88::1"):
        said = a.run("ping", "-c1", "-W5", address, check=False).stdout.lower()
        assert "unreachable" in said, said


def test_counters_and_handshakes_are_shown(rig, engines):
    a, b = rig.hosts
    ours, theirs = engines("ours", "theirs")
    assert a.ping(b.inner(4), count=10, size=1000)
    received, sent = map(int, ours.show("transfer")[theirs.public_key])
    # Each packet: 1028 bytes, padded to 1040, and 32 of ours; besides, a handshake and a keepalive.
    assert 10 * 1072 <= sent <= 10 * 1072 + 148 + 92 + 2 * 32
    assert 10 * 1072 <= received <= 10 * 1072 + 148 + 92 + 2 * 32
    assert theirs.show("transfer")[ours.public_key] == [str(sent), str(received)]
    assert wait_until(lambda: int(ours.show("latest-handshakes")[theirs.public_key][0]) > 0)
