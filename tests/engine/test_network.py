# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network around the tunnel may do: refuse offloads, move, mark congestion."""
import os
import subprocess
import sys
import textwrap

import pytest

from netrig import PORT, wait_until
from rig import resident_kib
from transfer import transfer

SIZE = 8 << 20


@pytest.mark.parametrize("without", ("vnet-header", "tso", "uso", "gso", "gro",
                                     "gso-fails", "vnet-header,gso,gro"))
@pytest.mark.parametrize("other", ("ours", "theirs"))
def test_it_works_without(rig, engines, without, other):
    a, b = rig.hosts
    engines("ours", other, arguments=[f"--without={without}"])
    for family in (4, 6):
        transfer(a, b, b.inner(family), SIZE)
        transfer(b, a, a.inner(family), SIZE)


def counters(host):
    """Packets that the TUN handed out, datagrams sent and received, each as one though it be many."""
    tun = next(line.split() for line in host.run("cat", "/proc/net/dev").stdout.splitlines()
               if line.strip().startswith("wg0:"))
    names, values = (line.split() for line in host.run("cat", "/proc/net/snmp").stdout.splitlines()
                     if line.startswith("Udp:"))
    udp = dict(zip(names, values))
    return int(tun[10]), int(udp["OutDatagrams"]), int(udp["InDatagrams"])


@pytest.mark.parametrize("without, many", (
    ("none", (False, False, False)), ("vnet-header", (True, None, None)),
    ("tso", (True, None, None)), ("gso", (False, True, None)), ("gso-fails", (False, True, None)),
    ("gro", (False, False, True))))
def test_what_is_refused_is_not_used(rig, engines, without, many):
    """That the tests above test what they say: one thing for the kernel stands for many packets, or
    does not. None: it may or may not."""
    a, b = rig.hosts
    engines(arguments=[f"--without={without}"] if without != "none" else [])
    before = counters(a)[:2] + counters(b)[2:]
    transfer(a, b, b.inner(4), SIZE)
    after = counters(a)[:2] + counters(b)[2:]
    for was, now, expected in zip(before, after, many):
        if expected is not None:
            assert (now - was > SIZE / 1368 * 0.9) == expected, (was, now)


@pytest.mark.parametrize("family, mtu", ((4, 1000), (6, 1280)))
def test_a_small_path_mtu_is_survived(rig, engines, family, mtu):
    """Datagrams of 1452 bytes, which is what GSO makes, over a route for less."""
    a, b = rig.hosts
    engines(family=family)
    transfer(a, b, b.inner(4), SIZE)
    a.run("ip", "route", "replace", b.outer(family), "dev", "eth0", "mtu", mtu)
    assert a.ping(b.inner(4), size=1392)
    transfer(a, b, b.inner(4), SIZE)


@pytest.mark.parametrize("mover", (0, 1))
def test_either_end_may_move(rig, engines, mover):
    a, b = rig.hosts
    made = engines("ours", "ours" if mover else "theirs")
    host, other = rig.hosts[mover], rig.hosts[1 - mover]
    assert a.ping(b.inner(4))
    new = f"10.99.0.{50 + mover}"
    host.run("ip", "address", "add", f"{new}/24", "dev", "eth0")
    host.run("ip", "address", "delete", f"{host.outer(4)}/24", "dev", "eth0")
    host.run("ip", "address", "replace", f"{new}/24", "dev", "eth0")
    wait_until(lambda: host.ping(other.inner(4), timeout=1), 20, "the other end to follow")
    assert made[1 - mover].show("endpoints")[made[mover].public_key] == [f"{new}:{PORT}"]


def test_from_ipv4_to_ipv6_and_back(rig, engines):
    a, b = rig.hosts
    ours, theirs = engines("ours", "theirs")
    for address in (f"[{b.outer(6)}]", b.outer(4)):
        ours.wg("peer", theirs.public_key, "endpoint", f"{address}:{PORT}")
        assert a.ping(b.inner(4), count=2)
        assert ours.show("endpoints")[theirs.public_key] == [f"{address}:{PORT}"]


def test_the_answer_comes_from_where_it_was_asked(rig, engines):
    """b has two addresses; who speaks to the second hears from the second."""
    a, b = rig.hosts
    b.run("ip", "address", "add", "10.99.0.77/24", "dev", "eth0")
    b.run("ip", "address", "add", "fd99::77/64", "dev", "eth0", "nodad")
    theirs, ours = engines("theirs", "ours", knows_endpoint=(False, False))
    for address in ("10.99.0.77", "[fd99::77]"):
        theirs.wg("peer", ours.public_key, "endpoint", f"{address}:{PORT}")
        assert a.ping(b.inner(4), count=3)
        # The other end roams to wherever it hears from.
        assert theirs.show("endpoints")[ours.public_key] == [f"{address}:{PORT}"]


def test_but_not_when_that_address_is_gone(rig, engines):
    a, b = rig.hosts
    b.run("ip", "address", "add", "10.99.0.77/24", "dev", "eth0")
    theirs, ours = engines("theirs", "ours", knows_endpoint=(False, False))
    theirs.wg("peer", ours.public_key, "endpoint", f"10.99.0.77:{PORT}")
    assert a.ping(b.inner(4), count=3)
    b.run("ip", "address", "delete", "10.99.0.77/24", "dev", "eth0")
    # b speaks first: to an address of a's that it knows, from the only one that is left.
    assert b.ping(a.inner(4), count=3, timeout=3)
    assert theirs.show("endpoints")[ours.public_key] == [f"{b.outer(4)}:{PORT}"]


def test_a_route_that_moves_is_followed_at_once(rig, engines):
    """A second cable takes precedence: the next packet goes there, from its own address, although the
    old address is still there."""
    a, b = rig.hosts
    ours, theirs = engines("ours", "theirs")
    assert a.ping(b.inner(4), count=3)
    a.run("ip", "link", "add", "eth1", "type", "veth", "peer", "name", "eth1", "netns",
          b.holder.pid)
    for host, address in ((a, "10.98.0.1"), (b, "10.98.0.2")):
        host.run("ip", "address", "add", f"{address}/24", "dev", "eth1")
        host.run("ip", "link", "set", "eth1", "up")
    wait_until(lambda: a.ping("10.98.0.2", timeout=1))
    a.run("ip", "route", "add", b.outer(4), "via", "10.98.0.2", "dev", "eth1")
    b.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth1.rp_filter=0")
    assert a.ping(b.inner(4), count=3)
    assert theirs.show("endpoints")[ours.public_key] == [f"10.98.0.1:{PORT}"]


SNIFF = textwrap.dedent("""\
    import socket, sys
    # Every UDP datagram's type of service, as it reaches this machine.
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    raw.bind((sys.argv[1], 0))
    raw.settimeout(10)
    print("ready", flush=True)
    while True:
        packet = raw.recv(65536)
        if packet[9] == 17 and len(packet) > 150:
            print(packet[1] & 3, flush=True)
            break
    """)


@pytest.mark.parametrize("ecn", (0, 1, 2, 3))
def test_ecn_is_carried_outside(rig, engines, ecn):
    a, b = rig.hosts
    engines()
    assert a.ping(b.inner(4))
    sniffer = b.start(sys.executable, "-c", SNIFF, "eth0", stdout=subprocess.PIPE, text=True)
    assert sniffer.stdout.readline() == "ready\n"
    a.run("ping", "-c1", "-s", "500", "-Q", ecn, b.inner(4))
    assert sniffer.stdout.readline() == f"{ecn}\n"


RELAY = textwrap.dedent("""\
    import select, socket, sys
    # Datagrams from anybody to an engine on this machine, and back, with a mark of congestion.
    address, port, tos = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    is_6 = ":" in address
    sockets = [socket.socket(socket.AF_INET6 if is_6 else socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for made in sockets:
        made.setsockopt(*((socket.IPPROTO_IPV6, socket.IPV6_TCLASS) if is_6 else
                          (socket.IPPROTO_IP, socket.IP_TOS)), tos)
    sockets[0].bind((address, port + 1))
    print("ready", flush=True)
    while True:
        for made in select.select(sockets, [], [])[0]:
            data, sender = made.recvfrom(65536)
            if made is sockets[0]:
                client = sender
                sockets[1].sendto(data, (address, port))
            else:
                sockets[0].sendto(data, client)
    """)


@pytest.mark.parametrize("family", (4, 6))
def test_congestion_outside_is_told_inside(rig, engines, family):
    """RFC 6040: who can be told of it is, and what cannot be told of it is dropped."""
    a, b = rig.hosts
    ours, other = engines(family=family, knows_endpoint=(False, False))
    relay = b.start(sys.executable, "-c", RELAY, b.outer(family), PORT, 3, stdout=subprocess.PIPE, text=True)
    assert relay.stdout.readline() == "ready\n"
    address = f"[{b.outer(6)}]" if family == 6 else b.outer(4)
    ours.wg("peer", other.public_key, "endpoint", f"{address}:{PORT + 1}")
    sniffer = b.start(sys.executable, "-c", SNIFF.replace("== 17", "== 1"), "wg0",
                      stdout=subprocess.PIPE, text=True)
    assert sniffer.stdout.readline() == "ready\n"
    a.run("ping", "-c1", "-W5", "-s", "500", "-Q", 2, b.inner(4))
    assert sniffer.stdout.readline() == "3\n"
    assert not a.run("ping", "-c1", "-W1", "-Q", 0, b.inner(4), check=False).returncode == 0


def assert_memory_is_small(engine):
    if os.environ.get("WG_WRAP_TEST_SANITIZED"):
        return  # a sanitizer has its own idea
    resident = resident_kib(engine.pid)
    assert resident <= 8192, f"{resident} kB"


def test_memory_stays_small(rig, engines):
    a, b = rig.hosts
    made = engines()
    transfer(a, b, b.inner(4), 64 << 20)
    transfer(b, a, a.inner(6), 64 << 20)
    for engine in made:
        assert_memory_is_small(engine)
