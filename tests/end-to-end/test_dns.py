# SPDX-License-Identifier: GPL-3.0-or-later
"""Names are asked of the profile's servers, through the tunnel, and of nobody else."""
import pytest

import rig


@pytest.fixture
def resolver(peer, tmp_path):
    """A real resolver at the far end, and what it was asked."""
    log = tmp_path / "queries"
    peer.popen("dnsmasq", "--no-daemon", "--no-hosts", "--no-resolv", "--log-queries",
               f"--log-facility={log}", f"--listen-address={peer.INSIDE4}", "--bind-interfaces",
               "--address=/intranet.corp.example/10.6.0.77", "--user=", "--group=", "--pid-file=")
    rig.wait_for(log.exists, "dnsmasq")
    return log


def test_names_are_asked_through_the_tunnel(host, peer, resolver):
    host.import_profile("work", peer.profile(dns=f"{peer.INSIDE4}, corp.example"))
    with rig.Capture() as capture:
        result = host.wg_wrap("run", "work", "--", "getent", "hosts", "intranet.corp.example")
        short = host.wg_wrap("run", "work", "--", "getent", "hosts", "intranet")
    assert result.stdout.split()[:1] == ["10.6.0.77"], result.stderr
    assert short.stdout.split()[:1] == ["10.6.0.77"], short.stderr
    assert f"intranet.corp.example from {peer.CLIENT4}" in resolver.read_text()
    assert capture.other_than_udp("192.0.2.2", 51820) == []


def test_without_servers_names_fail_at_once(host, peer):
    host.import_profile("work", peer.profile())
    with rig.Capture() as capture:
        result = host.wg_wrap("run", "work", "--", "getent", "hosts", "example.com", timeout=5)
    assert result.returncode == 2
    assert capture.other_than_udp("192.0.2.2", 51820) == []


def test_hosts_file_stays_the_users(host, work):
    assert host.wg_wrap("run", work, "--", "getent", "hosts", "localhost").returncode == 0
