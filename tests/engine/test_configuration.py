# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration by wg(8), and by clients that are less polite."""
import os
import subprocess
import sys
import textwrap
import time

import pytest

from conftest import OURS
from netrig import Engine, wait_until
from rig import resident_kib
from transfer import transfer

SOCKET = "/var/run/wireguard/wg0.sock"

TALK = textwrap.dedent("""\
    import socket, sys
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(sys.argv[1])
    client.sendall(sys.stdin.buffer.read())
    client.shutdown(socket.SHUT_WR)
    while chunk := client.recv(1 << 20):
        sys.stdout.buffer.write(chunk)
    """)


def talk(host, text, path=SOCKET, **options):
    return host.run(sys.executable, "-c", TALK, path, input=text, **options).stdout


@pytest.fixture
def engine(rig):
    return Engine(rig.hosts[0], [OURS])


def key_of(host):
    return host.run("wg", "genkey").stdout.strip()


def test_setconf_and_syncconf_work(engine, tmp_path):
    host = engine.host
    keys = [host.run("wg", "pubkey", input=key_of(host)).stdout.strip() for _ in range(3)]
    config = tmp_path / "wg.conf"

    def write(peers):
        config.write_text(f"[Interface]\nPrivateKey = {engine.private_key}\nListenPort = 1234\n" +
                          "".join(f"[Peer]\nPublicKey = {key}\nAllowedIPs = {ips}\n"
                                  f"Endpoint = 10.99.0.2:{port}\nPersistentKeepalive = {alive}\n"
                                  for key, ips, port, alive in peers))

    write([(keys[0], "10.0.0.0/8", 1, 25), (keys[1], "fd00::/8, 192.0.2.0/24", 2, "off")])
    host.run("wg", "setconf", "wg0", config)
    assert engine.show("allowed-ips") == {keys[0]: ["10.0.0.0/8"],
                                          keys[1]: ["fd00::/8 192.0.2.0/24"]} or \
        engine.show("allowed-ips") == {keys[0]: ["10.0.0.0/8"], keys[1]: ["192.0.2.0/24 fd00::/8"]}
    assert engine.show("persistent-keepalive") == {keys[0]: ["25"], keys[1]: ["off"]}
    assert host.run("wg", "show", "wg0", "listen-port").stdout == "1234\n"
    write([(keys[1], "192.0.2.0/24", 3, 7), (keys[2], "10.0.0.0/8", 4, 1)])
    host.run("wg", "syncconf", "wg0", config)
    assert engine.show("endpoints") == {keys[1]: ["10.99.0.2:3"], keys[2]: ["10.99.0.2:4"]}
    assert engine.show("allowed-ips") == {keys[1]: ["192.0.2.0/24"], keys[2]: ["10.0.0.0/8"]}
    # What it shows it takes back.
    shown = host.run("wg", "showconf", "wg0").stdout
    config.write_text(shown)
    host.run("wg", "setconf", "wg0", config)
    assert host.run("wg", "showconf", "wg0").stdout == shown


def test_a_port_that_is_taken_is_refused(rig, engine):
    other = Engine(rig.hosts[0], [OURS], interface="wg1")
    engine.wg("listen-port", 5555)
    refused = other.wg("listen-port", 5555, check=False)
    assert refused.returncode != 0 and "in use" in refused.stderr
    other.wg("listen-port", 5556)


def test_a_port_changes_under_traffic(rig, engines):
    a, b = rig.hosts
    ours, _ = engines("ours", "theirs")
    assert a.ping(b.inner(4))
    for port in (40001, 40002, 40003):
        ours.wg("listen-port", port)
        assert a.ping(b.inner(4), count=3)
        assert a.run("wg", "show", "wg0", "listen-port").stdout == f"{port}\n"
    # The other end has followed.
    assert b.run("wg", "show", "wg0", "endpoints").stdout.endswith(":40003\n")


def test_a_new_private_key_means_a_new_identity(rig, engines):
    a, b = rig.hosts
    ours, theirs = engines("ours", "theirs")
    assert a.ping(b.inner(4))
    key = key_of(a)
    public = a.run("wg", "pubkey", input=key).stdout.strip()
    ours.wg("private-key", "/dev/stdin", input=key)
    assert not a.ping(b.inner(4), timeout=1)
    theirs.wg("peer", ours.public_key, "remove", "peer", public, "allowed-ips",
              f"{a.inner(4)}/32")
    wait_until(lambda: a.ping(b.inner(4), timeout=2), 20, "a handshake with the new key")
    ours.wg("private-key", "/dev/null")
    assert a.run("wg", "show", "wg0", "private-key").stdout == "(none)\n"
    assert not a.ping(b.inner(4), timeout=1)


def test_a_removed_peer_is_spoken_to_no_more(rig, engines):
    a, b = rig.hosts
    ours, theirs = engines("ours", "theirs")
    assert a.ping(b.inner(4))
    ours.wg("peer", theirs.public_key, "remove")
    assert not a.ping(b.inner(4), timeout=1)
    assert ours.show("peers") == {}


def test_a_firewall_mark_is_set(engine):
    engine.wg("fwmark", "0x1234")
    assert engine.host.run("wg", "show", "wg0", "fwmark").stdout == "0x1234\n"
    engine.wg("fwmark", "off")
    assert engine.host.run("wg", "show", "wg0", "fwmark").stdout == "off\n"


def test_a_big_answer_arrives_whole(engine):
    """And so does a big request, from a client that sends it in one go."""
    count = 65000
    request = "set=1\npublic_key=" + "11" * 32 + "\n" + \
        "".join(f"allowed_ip=10.{i >> 16}.{i >> 8 & 255}.{i & 255}/32\n" for i in range(count)) + \
        "\n"
    assert talk(engine.host, request) == "errno=0\n\n"
    answer = talk(engine.host, "get=1\n\n")
    assert answer.count("allowed_ip=") == count and answer.endswith("\nerrno=0\n\n")
    assert engine.host.run("wg", "show", "wg0", "allowed-ips").stdout.count("/32") == count


def test_a_thousand_peers_are_configured_at_once(engine):
    request = "set=1\nreplace_peers=true\n" + "".join(
        f"public_key={i + 9:064x}\nendpoint=10.99.0.2:{i + 1}\n" +
        "".join(f"allowed_ip=10.{i >> 8}.{i & 255}.{k}/32\n" for k in range(10))
        for i in range(1000)) + "\n"
    started = time.monotonic()
    assert talk(engine.host, request) == "errno=0\n\n"
    # "Well under a second" is for the bench to say; this is for a machine with other things to do.
    assert time.monotonic() - started < 10
    assert len(engine.show("peers")) == 1000


def test_a_client_that_does_not_read_keeps_nobody_waiting(rig, engines):
    """Neither other clients nor packets."""
    a, b = rig.hosts
    made = engines()[0]
    request = "set=1\npublic_key=" + "11" * 32 + "\n" + \
        "".join(f"allowed_ip=11.{i >> 16}.{i >> 8 & 255}.{i & 255}/32\n" for i in range(65000)) + "\n"
    assert talk(a, request) == "errno=0\n\n"
    program = ("import socket, time\n"
               "clients = [socket.socket(socket.AF_UNIX) for _ in range(8)]\n"
               "for client in clients:\n"
               f"    client.connect('{SOCKET}')\n"
               "    client.sendall(b'get=1\\n\\n')\n"
               "print('asked', flush=True)\n"
               "time.sleep(60)\n")
    rude = a.start(sys.executable, "-c", program, stdout=subprocess.PIPE, text=True)
    assert rude.stdout.readline() == "asked\n"
    assert "errno=0" in talk(a, "get=1\n\n")
    assert a.ping(b.inner(4), count=3)
    transfer(a, b, b.inner(4), 4 << 20)
    rude.kill()
    rude.wait(10)
    assert made.is_up()


def test_a_client_that_asks_often_waits_for_each_answer(engine):
    """And has them all in the end, but never in the engine's memory at once."""
    times = 30
    request = "set=1\npublic_key=" + "11" * 32 + "\n" + \
        "".join(f"allowed_ip=11.{i >> 16}.{i >> 8 & 255}.{i & 255}/32\n" for i in range(65000)) + "\n"
    assert talk(engine.host, request) == "errno=0\n\n"
    before = resident_kib(engine.pid)
    program = ("import socket, sys\n"
               "client = socket.socket(socket.AF_UNIX)\n"
               f"client.connect('{SOCKET}')\n"
               f"client.sendall({times} * b'get=1\\n\\n')\n"
               "size = len(client.recv(1))\n"
               "print('asked', flush=True)\n"
               "sys.stdin.read()\n"
               "client.shutdown(socket.SHUT_WR)\n"
               "while chunk := client.recv(1 << 20):\n"
               "    size += len(chunk)\n"
               "print(size, flush=True)\n")
    client = engine.host.start(sys.executable, "-c", program, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    assert client.stdout.readline() == "asked\n"
    assert talk(engine.host, "get=1\n\n").endswith("errno=0\n\n")
    one = len(talk(engine.host, "get=1\n\n"))
    if not os.environ.get("WG_WRAP_TEST_SANITIZED"):
        assert resident_kib(engine.pid) - before < 8 * one / 1024
    client.stdin.close()
    assert int(client.stdout.readline()) == times * one


def test_rude_clients_are_survived(engine):
    for text in ("", "\n", "get=1\n", "set=1\nprivate_key=" + "0" * 100000, "x" * 100000 + "\n\n",
                 "\0\0\0\n\n", "set=1\n" + "\n" * 1000, "get=1\n\nget=1\n\n"):
        talk(engine.host, text, check=False)
    assert talk(engine.host, "get=1\n\nget=1\n\n").count("errno=0\n\n") == 2
