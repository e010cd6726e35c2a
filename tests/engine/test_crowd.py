# SPDX-License-Identifier: GPL-3.0-or-later
"""Many peers, many strangers, and tunnels that lead through tunnels."""
import base64
import os
import pathlib
import subprocess
import sys
import time

from nacl import bindings

from conftest import IMPLEMENTATIONS
from netrig import PORT, Engine, connect, wait_until
from test_configuration import talk
from test_network import assert_memory_is_small
from transfer import transfer

STRANGERS = [sys.executable, "-B", str(pathlib.Path(__file__).with_name("strangers.py"))]


def hexadecimal(key):
    return base64.b64decode(key).hex()


def new_peers(engine, count):
    """Give an engine peers with ten allowed IPs each; their private keys."""
    privates = [os.urandom(32) for _ in range(count)]
    lines = ["set=1"]
    for i, private in enumerate(privates):
        lines.append("public_key=" + bindings.crypto_scalarmult_base(private).hex())
        lines += [f"allowed_ip=10.{128 + (i >> 8)}.{i & 255}.{k}/32" for k in range(10)]
    assert talk(engine.host, "\n".join(lines) + "\n\n") == "errno=0\n\n"
    return privates


def shake_hands(engine, host, privates):
    """How many of these peers a handshake from a host succeeds for."""
    done = host.run(*STRANGERS, "clients", host.outer(4), engine.host.outer(4),
                    hexadecimal(engine.public_key), timeout=120,
                    input="".join(private.hex() + "\n" for private in privates))
    return int(done.stdout)


def test_a_thousand_peers_are_answered_at_once(rig):
    a, b = rig.hosts
    engine = Engine(a, IMPLEMENTATIONS["ours"])
    engine.wg("listen-port", PORT)
    a.run("ip", "link", "set", "wg0", "up")
    privates = new_peers(engine, 1000)
    assert shake_hands(engine, b, privates) == 1000
    wait_until(lambda: sum(when != ["0"] for when in engine.show("latest-handshakes").values()) ==
               1000, what="all to be confirmed")


SOAK = bool(os.environ.get("WG_WRAP_TEST_SOAK"))
ROUNDS = 5 if SOAK else 1
SIZE = 256 << 20 if SOAK else 16 << 20


def speed(source, target, address):
    """Of the best of some transfers, in Gbit/s."""
    def once():
        begin = time.monotonic()
        transfer(source, target, address, SIZE)
        return SIZE * 8e-9 / (time.monotonic() - begin)
    return max(once() for _ in range(ROUNDS))


def test_a_crowd_costs_no_speed(rig, engines):
    """A thousand peers with ten allowed IPs each, around the one that is spoken to."""
    a, b = rig.hosts
    engine = engines()[0]
    alone = speed(a, b, b.inner(4))
    new_peers(engine, 1000)
    crowded = speed(a, b, b.inner(4))
    print(f"1 peer: {alone:.2f} Gbit/s; 1,001 peers, 10,002 allowed IPs: {crowded:.2f} Gbit/s")


def test_a_flood_of_strangers_gets_cookies_and_harms_nobody(three):
    """A transfer goes on, and a peer that comes during the flood is answered, by way of a cookie."""
    a, b, c = three.hosts
    engine = Engine(a, IMPLEMENTATIONS["ours"])
    other = Engine(b, IMPLEMENTATIONS["ours"])
    connect(engine, other)
    privates = new_peers(engine, 3)
    quiet = speed(b, a, a.inner(4))
    flood = c.start(*STRANGERS, "flood", c.outer(4), a.outer(4), hexadecimal(engine.public_key),
                    10000, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert flood.stdout.readline() == "ready\n"
    flooded = speed(b, a, a.inner(4))
    transfer(a, b, b.inner(4), 64 << 20)
    print(f"{quiet:.2f} Gbit/s; under 10,000 handshakes a second of strangers: {flooded:.2f} Gbit/s")
    assert shake_hands(engine, b, privates) == 3
    flood.stdin.close()
    sent, cookies = map(int, flood.stdout.readline().split())
    assert flood.wait(30) == 0
    assert 0 < cookies <= sent / 2
    assert_memory_is_small(engine)


def test_a_tunnel_leads_through_a_tunnel(rig):
    a, b = rig.hosts
    outer = [Engine(host, IMPLEMENTATIONS["ours"]) for host in rig.hosts]
    connect(*outer)
    inner = [Engine(host, IMPLEMENTATIONS["ours"], interface="wg1") for host in rig.hosts]
    for me, other in (inner, reversed(inner)):
        me.wg("listen-port", PORT + 1, "peer", other.public_key, "allowed-ips", "10.78.0.0/24",
              "endpoint", f"{other.host.inner(4)}:{PORT + 1}")
        me.host.run("ip", "address", "add", f"10.78.0.{me.host.index}/24", "dev", "wg1")
        me.host.run("ip", "link", "set", "wg1", "mtu", 1340, "up")
    transfer(a, b, "10.78.0.2", 8 << 20)
    transfer(b, a, "10.78.0.1", 8 << 20)


def test_an_onion_leads_through_another_peer(three):
    """Of the same interface: the endpoint of one lies behind the other."""
    a, b, c = three.hosts
    engine, first, second = [Engine(host, IMPLEMENTATIONS["ours"]) for host in three.hosts]
    engine.wg("listen-port", PORT, "peer", first.public_key, "endpoint", f"{b.outer(4)}:{PORT}",
              "allowed-ips", f"{b.inner(4)}/32,{c.outer(4)}/32",
              "peer", second.public_key, "endpoint", f"{c.outer(4)}:{PORT}", "allowed-ips", f"{c.inner(6)}/128")
    for other, address in ((first, f"{a.inner(4)}/32"), (second, f"{a.inner(6)}/128")):
        other.wg("listen-port", PORT, "peer", engine.public_key, "allowed-ips", address)
    for host, family, length in ((a, 4, 24), (a, 6, 64), (b, 4, 24), (c, 6, 64)):
        host.run("ip", "address", "add", f"{host.inner(family)}/{length}", "dev", "wg0",
                 *(["nodad"] if family == 6 else []))
        host.run("ip", "link", "set", "wg0", "up")
    a.run("ip", "route", "add", f"{c.outer(4)}/32", "dev", "wg0")
    b.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    c.run("ip", "route", "add", f"{a.inner(4)}/32", "via", b.outer(4))
    transfer(a, c, c.inner(6), 4 << 20)
    transfer(c, a, a.inner(6), 4 << 20)
    assert second.show("endpoints")[engine.public_key] == [f"{a.inner(4)}:{PORT}"]


def test_onions_come_to_rest(three):
    """Two peers, and the way to each leads through the other: what is sent goes round and round, and must
    not for ever."""
    a, b, c = three.hosts
    engine = Engine(a, IMPLEMENTATIONS["ours"])
    engine.wg("listen-port", PORT)
    a.run("ip", "address", "add", f"{a.inner(4)}/24", "dev", "wg0")
    a.run("ip", "link", "set", "wg0", "up")
    others = [Engine(host, IMPLEMENTATIONS["ours"]) for host in (b, c)]
    for other, beyond in zip(others, (c, b)):
        engine.wg("peer", other.public_key, "endpoint", f"{other.host.outer(4)}:{PORT}", "allowed-ips",
                  f"{other.host.inner(4)}/32,{beyond.outer(4)}/32")
        other.wg("listen-port", PORT, "peer", engine.public_key, "allowed-ips", f"{a.inner(4)}/32")
        other.host.run("ip", "address", "add", f"{other.host.inner(4)}/24", "dev", "wg0")
        other.host.run("ip", "link", "set", "wg0", "up")
        assert a.ping(other.host.inner(4))
    for host in (b, c):
        a.run("ip", "route", "add", f"{host.outer(4)}/32", "dev", "wg0")
    for size in (0, 1392):
        assert not a.ping(b.inner(4), size=size, timeout=1)
    before = processor_time(engine.process)
    a.run("sleep", 2)
    assert processor_time(engine.process) - before < 0.2
    for host in (b, c):
        a.run("ip", "route", "del", f"{host.outer(4)}/32", "dev", "wg0")
    assert a.ping(b.inner(4), timeout=20)


def processor_time(process):
    fields = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_tunnel_into_itself_comes_to_rest(rig, engines):
    """The route to the endpoint leads into the tunnel: what is sent comes back to be sent, and must not
    for ever."""
    a, b = rig.hosts
    engine = engines()[0]
    assert a.ping(b.inner(4))
    a.run("ip", "route", "add", f"{b.outer(4)}/32", "dev", "wg0")
    engine.wg("peer", next(iter(engine.show("peers"))), "allowed-ips", "0.0.0.0/0")
    for size in (0, 1000, 1392):
        assert not a.ping(b.inner(4), size=size, timeout=1)
    before = processor_time(engine.process)
    a.run("sleep", 2)
    assert processor_time(engine.process) - before < 0.2
    a.run("ip", "route", "del", f"{b.outer(4)}/32", "dev", "wg0")
    assert a.ping(b.inner(4), timeout=20)
