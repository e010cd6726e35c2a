# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's network changes below a whole session, and it recovers with no action of anybody's; the
connection in it is the same one.

The far end is at an address of its own behind two cables."""
import subprocess
import time

import pytest

import rig
from transfer import Transfer

FIRST, SECOND = "203.0.113.1", "203.0.113.2"
PATIENCE = 60


@pytest.fixture
def cables(peer):
    """A second cable, veth2 to the far end, and a default route by the first."""
    rig.sh("ip", "link", "add", "veth2", "type", "veth", "peer", "name", "veth3", "netns",
           str(peer.holder.pid))
    rig.sh("ip", "addr", "add", "198.51.100.1/24", "dev", "veth2")
    rig.sh("ip", "link", "set", "veth2", "addrgenmode", "none", "up")
    peer.sh("ip", "addr", "add", "198.51.100.2/24", "dev", "veth3")
    peer.sh("ip", "link", "set", "veth3", "addrgenmode", "none", "up")
    for address in FIRST, SECOND:
        peer.sh("ip", "addr", "add", f"{address}/32", "dev", "lo")
    by_first_cable()
    yield
    subprocess.run(["ip", "link", "del", "veth2"], check=False)


def by_first_cable():
    rig.sh("ip", "route", "replace", "default", "via", "192.0.2.2", "dev", "veth0")


def by_second_cable():
    rig.sh("ip", "route", "replace", "default", "via", "198.51.100.2", "dev", "veth2")


def the_default_route_moves(_):
    by_second_cable()


def the_cable_is_pulled_and_another_plugged_in(_):
    rig.sh("ip", "link", "set", "veth0", "down")
    time.sleep(1)
    by_second_cable()


def the_address_is_replaced(_):
    rig.sh("ip", "addr", "del", "192.0.2.1/24", "dev", "veth0")
    rig.sh("ip", "addr", "add", "192.0.2.7/24", "dev", "veth0")
    by_first_cable()


def the_link_is_down_for_three_seconds(_):
    rig.sh("ip", "link", "set", "veth0", "down")
    time.sleep(3)
    rig.sh("ip", "link", "set", "veth0", "up")
    by_first_cable()


def the_route_is_gone_for_three_seconds(_):
    rig.sh("ip", "route", "del", "default")
    time.sleep(3)
    by_first_cable()


EVENTS = [the_default_route_moves, the_cable_is_pulled_and_another_plugged_in,
          the_address_is_replaced, the_link_is_down_for_three_seconds,
          the_route_is_gone_for_three_seconds]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_a_session_carries_on(host, peer, cables, event):
    host.import_profile("work", peer.profile(endpoint=f"{FIRST}:{peer.PORT}"))
    transfer = Transfer(host, peer, "work")
    transfer.assert_goes_on()
    begin = time.monotonic()
    event(peer)
    transfer.assert_goes_on(PATIENCE)
    time.sleep(0.5)
    transfer.assert_goes_on(PATIENCE)
    print(f"{event.__name__}: the longest pause was {transfer.longest_pause(begin):.3f} s")
    assert host.wg_wrap("run", "work", "--", "curl", "-s", "--max-time", "10",
                        f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
    rig.wait_for(lambda: host.status("work")["state"] == "connected", "the state")


def test_a_name_that_moves(host, peer, cables, tmp_path):
    """Nothing changes here but what the name means: a stalled session asks anew."""
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{FIRST} vpn.test\n")
    rig.sh("mount", "--bind", str(hosts), "/etc/hosts")
    try:
        host.import_profile("work", peer.profile(endpoint=f"vpn.test:{peer.PORT}").replace(
            "Endpoint", "PersistentKeepalive = 3\nEndpoint"))
        # Before the name has resolved, who asks is told that there is no way.
        assert host.wg_wrap("up", "--wait", "work").returncode == 0
        transfer = Transfer(host, peer, "work")
        transfer.assert_goes_on()
        hosts.write_text(f"127.0.0.1 localhost\n{SECOND} vpn.test\n")
        peer.sh("ip", "addr", "del", f"{FIRST}/32", "dev", "lo")
        peer.stop_engine()  # or else it would tell where it is by itself
        peer.start_engine()
        print(f"more came after {transfer.assert_goes_on(PATIENCE):.3f} s")
        rig.wait_for(lambda: host.status("work")["state"] == "connected", "the state")
    finally:
        rig.sh("umount", "/etc/hosts")
