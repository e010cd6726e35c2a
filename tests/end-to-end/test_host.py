# SPDX-License-Identifier: GPL-3.0-or-later
"""The rest of the machine does not notice."""
import rig


def snapshot():
    return {name: rig.sh(*command) for name, command in {
        "link": ["ip", "link"], "addr": ["ip", "addr"], "route": ["ip", "route", "show", "table", "all"],
        "route6": ["ip", "-6", "route", "show", "table", "all"], "rule": ["ip", "rule"],
        "nftables": ["nft", "list", "ruleset"], "resolv.conf": ["cat", "/etc/resolv.conf"],
        "nsswitch.conf": ["cat", "/etc/nsswitch.conf"], "mounts": ["cat", "/proc/self/mountinfo"],
    }.items()}


def test_the_host_is_byte_for_byte_as_before(host, peer, work):
    # A router's lifetimes and a bridge's ages are not ours: the rig has none of either.
    before = snapshot()
    assert host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "5",
                        f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
    assert host.wg_wrap("up", work).returncode == 0
    assert snapshot() == before
    assert host.wg_wrap("down", work).returncode == 0
    assert snapshot() == before


def test_only_the_tunnels_udp_leaves(host, peer, work):
    with rig.Capture() as capture:
        host.wg_wrap("run", work, "--", "sh", "-c",
                     f"curl -s --max-time 5 http://{peer.INSIDE4}/; ping -c 1 -W 1 192.0.2.2; "
                     "curl -s --max-time 1 http://192.0.2.2/; curl -s --max-time 1 http://127.0.0.1/;"
                     "getent hosts example.com; curl -s -6 --max-time 1 http://[2001:db8::2]/")
    assert len(capture.packets) > 5
    assert capture.other_than_udp("192.0.2.2", 51820) == []


def test_the_capture_would_see_a_leak(host, peer):
    with rig.Capture() as capture:
        host.run("curl", "-s", "--max-time", "1", "http://192.0.2.2/")
    assert capture.other_than_udp("192.0.2.2", 51820) != []
