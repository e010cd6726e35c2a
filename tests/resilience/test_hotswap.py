# SPDX-License-Identifier: GPL-3.0-or-later
"""Each field of a profile changes while a TCP connection is never idle: the change is there, and the
connection is the same one."""
import re
import tempfile
import time

import pytest

import rig
from transfer import Transfer

WORK = "/org/wgwrap/WgWrap1/profiles/work"


def set_peer(peer, *arguments, secret=None):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(secret or "")
        file.flush()
        peer.sh("wg", "set", "wgp", *(file.name if word == "SECRET" else word for word in arguments))


def new_key(text, peer):
    """The far end knows the new key, too, once it is told."""
    private, public = rig.genkey()
    text = text.replace(peer.client_private, private)
    set_peer(peer, "peer", public, "preshared-key", "SECRET", "allowed-ips",
             f"{peer.CLIENT4}/32,{peer.CLIENT6}/128", secret=peer.preshared)
    peer.client_private, peer.client_public = private, public
    return text


def new_preshared_key(text, peer):
    secret = rig.sh("wg", "genpsk")
    text = text.replace(peer.preshared, secret)
    set_peer(peer, "peer", peer.client_public, "preshared-key", "SECRET", secret=secret)
    peer.preshared = secret
    return text


SECOND = "[Peer]\nPublicKey = {}\nAllowedIPs = 10.9.0.0/24\nEndpoint = 192.0.2.2:9\n"
SECOND_KEY = "hnN0V5RMiJjtbMbrOTx3MHbYUtl9zXqmQ0pAqWH5k1E="


def replacing(old, new):
    def change(text, _):
        assert old in text
        return text.replace(old, new)
    return change


def moving(old, new, *endpoints):
    """The far end has one address only: else both sides would hesitate between two that work."""
    def change(text, peer):
        peer.sh("ip", "addr", "replace", new, "dev", "veth1", *(["nodad"] if ":" in new else []))
        peer.sh("ip", "addr", "del", old, "dev", "veth1")
        return replacing(*endpoints)(text, peer)
    return change


# What changes, how, and what a program inside sees then.
CHANGES = [
    ("keepalive", replacing("Endpoint", "PersistentKeepalive = 7\nEndpoint"),
     "wg show wg0 persistent-keepalive", r"\t7\n"),
    ("endpoint", moving("192.0.2.2/24", "2001:db8::2/64", "192.0.2.2:51820", "[2001:db8::2]:51820"),
     "wg show wg0 endpoints", r"\[2001:db8::2\]:51820"),
    ("endpoint back",
     moving("2001:db8::2/64", "192.0.2.2/24", "[2001:db8::2]:51820", "192.0.2.2:51820"),
     "wg show wg0 endpoints", r"192\.0\.2\.2:51820"),
    ("preshared key", new_preshared_key, "true", r"^$"),
    ("private key", new_key, "true", r"^$"),
    ("peer added", lambda text, _: text + SECOND.format(SECOND_KEY),
     "wg show wg0 peers; ip route get 10.9.0.1", re.escape(SECOND_KEY) + r"(.|\n)*dev wg0"),
    ("peer removed", lambda text, _: text.replace(SECOND.format(SECOND_KEY), ""),
     "wg show wg0 peers", r"^[^\n]+\n$"),
    ("allowed IPs", replacing("0.0.0.0/0, ::/0", "10.6.0.0/24, fd06::/64"),
     "ip route; ip route get 192.0.2.9", r"^10\.6\.0\.0/24(?!(.|\n)*192\.0\.2\.9 dev)"),
    ("allowed IPs back", replacing("10.6.0.0/24, fd06::/64", "0.0.0.0/0, ::/0"),
     "ip route get 192.0.2.9", r"192\.0\.2\.9 dev wg0"),
    ("address added", replacing("10.6.0.2/32", "10.6.0.2/32, 10.6.0.9/32"),
     "ip addr show wg0", r"10\.6\.0\.2/32(.|\n)*10\.6\.0\.9/32"),
    ("MTU", replacing("DNS", "MTU = 1300\nDNS"), "ip link show wg0", r"mtu 1300"),
    ("MTU back", replacing("MTU = 1300\n", ""), "ip link show wg0", r"mtu 1420"),
    ("DNS", replacing("DNS = 10.6.0.1", "DNS = 10.6.0.77, corp.example"), "cat /etc/resolv.conf",
     r"^(?=(.|\n)*search corp\.example)(.|\n)*nameserver 10\.6\.0\.77\n"),
    ("no DNS", replacing("DNS = 10.6.0.77, corp.example\n", ""), "cat /etc/resolv.conf",
     r"^(?!(.|\n)*10\.6\.0\.77)"),
]


def update(host, path, text):
    answer = host.gdbus("Profile", "Update", text, path=WORK)
    assert answer.returncode == 0, answer.stderr


def edit(host, path, text):
    path.write_text(text)


@pytest.mark.parametrize("way", [update, edit], ids=["by D-Bus", "in the file"])
def test_a_connection_outlives_each_change(host, peer, work, way):
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    transfer = Transfer(host, peer, work)
    for what, change, command, seen in CHANGES:
        text = change(path.read_text(), peer)
        begin = time.monotonic()
        way(host, path, text)
        rig.wait_for(lambda: re.search(seen, host.wg_wrap("run", work, "--", "sh", "-c",
                                                          command).stdout), what)
        transfer.assert_goes_on()
        time.sleep(0.3)
        print(f"{what}: the longest pause was {transfer.longest_pause(begin):.3f} s")
    assert peer.sh("wg", "show", "wgp", "latest-handshakes").count("\t0\n") == 0
    status = host.status(work)
    assert status["state"] == "connected"
    assert transfer.child.pid in [program["pid"] for program in status["programs"]]
    transfer.stop()
    host.wg_wrap("down", "--force", work)
    host.assert_nothing_is_left()


def test_an_invalid_edit_changes_nothing_and_is_reported(host, peer, work):
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    transfer = Transfer(host, peer, work)
    good = path.read_text()
    look = ("run", work, "--", "sh", "-c", "ip addr show wg0; ip route; wg show wg0 allowed-ips; "
                                           "cat /etc/resolv.conf")
    before = host.wg_wrap(*look).stdout
    for bad in ("[Interface]\nnonsense\n", good.replace("10.6.0.2/32", "10.6.0.2/33"),
                good.replace(peer.client_private, "short"), good.replace("Endpoint", "Endpont"),
                good.replace("10.6.0.2/32", "10.6.0.9/32") + "AllowedIPs = ::/129\n"):
        answer = host.gdbus("Profile", "Update", bad, path=WORK)
        assert ".Error.InvalidProfile: " in answer.stderr, (bad, answer)
        assert path.read_text() == good
        path.write_text(bad)
        rig.wait_for(lambda: host.wg_wrap("profile", "check", work).returncode != 0, "the problem")
        time.sleep(0.2)
        assert host.wg_wrap(*look).stdout == before
        transfer.assert_goes_on()
        path.write_text(good)
        rig.wait_for(lambda: host.wg_wrap("profile", "check", work).returncode == 0, "all is well")
    assert host.wg_wrap(*look).stdout == before
    transfer.assert_goes_on()


@pytest.mark.parametrize("way", [update, edit], ids=["by D-Bus", "in the file"])
def test_the_last_of_many_changes_in_a_row_wins(host, peer, work, way):
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    transfer = Transfer(host, peer, work)
    good = path.read_text()
    for mtu in range(1290, 1302):
        way(host, path, good.replace("DNS", f"MTU = {mtu}\nDNS").replace(
            "Endpoint", f"PersistentKeepalive = {mtu}\nEndpoint"))
    rig.wait_for(lambda: re.search(
        r"mtu 1301(.|\n)*\t1301\n", host.wg_wrap(
            "run", work, "--", "sh", "-c",
            "ip link show wg0; wg show wg0 persistent-keepalive").stdout), "the last", 10)
    transfer.assert_goes_on()
