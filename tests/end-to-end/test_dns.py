# SPDX-License-Identifier: GPL-3.0-or-later
"""Names are asked of the profile's servers, through the tunnel, and of nobody else."""
import subprocess

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


def look_up(host, name):
    """Inside, and at once: somebody who does not answer would be waited for longer."""
    return host.wg_wrap("run", "work", "--", "timeout", "4", "getent", "hosts", name)


def test_without_servers_names_fail_at_once(host, peer):
    host.import_profile("work", peer.profile())
    with rig.Capture() as capture:
        result = look_up(host, "example.com")
    assert result.returncode == 2
    assert capture.other_than_udp("192.0.2.2", 51820) == []


def test_chosen_servers_are_asked_through_the_tunnel(host, peer, resolver):
    """Where the profile has none; from that moment on and after each start, until it is taken back."""
    def ask():
        return host.wg_wrap("run", "work", "--", "getent", "hosts", "intranet.corp.example")

    def wait_for_servers(address):
        """A session changes over after who has asked for it was answered."""
        rig.wait_for(lambda: [line for line in host.wg_wrap("run", "work", "cat", "/etc/resolv.conf")
                              .stdout.splitlines() if line.startswith("nameserver")] ==
                     ([f"nameserver {address}"] if address else []), f"servers: {address}")

    host.import_profile("work", peer.profile())
    with rig.Capture() as capture:
        assert host.wg_wrap("up", "work").returncode == 0
        assert "do not resolve" in host.wg_wrap("status", "work").stdout
        assert "no DNS" in host.wg_wrap("logs", "work").stdout
        assert look_up(host, "intranet.corp.example").returncode == 2
        assert host.wg_wrap("profile", "set", "work", "--dns", peer.INSIDE4).returncode == 0
        wait_for_servers(peer.INSIDE4)
        assert ask().stdout.split()[:1] == ["10.6.0.77"]
        assert peer.INSIDE4 in host.wg_wrap("status", "work").stdout
        check = host.wg_wrap("check", "work")
        assert check.returncode == 0, check.stdout
        # The file's own servers come first.
        host.gdbus("Profile", "Update", peer.profile(dns="10.6.0.99"),
                   path="/org/wgwrap/WgWrap1/profiles/work")
        wait_for_servers("10.6.0.99")
        host.gdbus("Profile", "Update", peer.profile(), path="/org/wgwrap/WgWrap1/profiles/work")
        wait_for_servers(peer.INSIDE4)
        assert ask().stdout.split()[:1] == ["10.6.0.77"]
        host.wg_wrap("down", "--force", "work")
        assert ask().stdout.split()[:1] == ["10.6.0.77"]
        assert host.wg_wrap("profile", "set", "work", "--dns", "").returncode == 0
        wait_for_servers(None)
        assert look_up(host, "intranet.corp.example").returncode == 2
    assert f"from {peer.CLIENT4}" in resolver.read_text()
    assert capture.other_than_udp("192.0.2.2", 51820) == []
    host.wg_wrap("down", "--force", "work")


@pytest.mark.parametrize("servers", ["['example.com']", "['10.0.0.0/8']", "['127.0.0.1\\n']", "['']",
                                     str(["10.0.0.1"] * 9)])
def test_what_is_no_list_of_addresses_is_refused(host, work, servers):
    answer = host.gdbus("Profile", "SetTunnelDns", servers,
                        path=f"/org/wgwrap/WgWrap1/profiles/{work}")
    assert answer.returncode != 0 and "InvalidArgument" in answer.stderr, answer.stderr
    assert not (host.home / ".config/wg-wrap/settings.ini").exists()


def test_hosts_file_stays_the_users(host, work):
    assert host.wg_wrap("run", work, "--", "getent", "hosts", "localhost").returncode == 0


@pytest.fixture
def etc(host, peer):
    """The host's /etc, to be changed at will."""
    host.import_profile("work", peer.profile(dns=peer.INSIDE4))
    copy = host.directory / "etc"
    subprocess.run(["cp", "-a", "/etc", copy], stderr=subprocess.DEVNULL, check=False)  # some are root's
    rig.sh("mount", "--bind", str(copy), "/etc")
    yield copy
    rig.sh("umount", "-l", "/etc")


NSSWITCH = ("passwd: files\nhosts: mymachines mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] "
            "files myhostname dns\n")


def test_whatever_the_hosts_files_are(host, peer, etc):
    """Links into /run, relative, absolute and to nowhere; files that are missing, or in the way of others'
    resolvers. A session has its own in their place, and they stay as they are."""
    (etc / "hosts").write_text("127.0.0.1 localhost\n198.51.100.77 users-own\n")
    (etc / "own.conf").write_text("nameserver 192.0.2.53\noptions edns0 trust-ad\nsearch lan\n")
    resolv, nsswitch = etc / "resolv.conf", etc / "nsswitch.conf"
    for target in ("own.conf", "/etc/own.conf", "../run/systemd/resolve/stub-resolv.conf",
                   "/run/nowhere", None):
        resolv.unlink(missing_ok=True)
        nsswitch.unlink(missing_ok=True)
        if target:
            resolv.symlink_to(target)
            nsswitch.write_text(NSSWITCH)
        shown = host.check(host.programs / "wg-wrap", "run", "work", "--", "sh", "-c",
                           "cat /etc/resolv.conf; grep hosts: /etc/nsswitch.conf; getent hosts users-own")
        servers = [line for line in shown.splitlines() if line.startswith(("nameserver", "options", "search"))]
        assert servers == [f"nameserver {peer.INSIDE4}"], target
        assert "hosts: files dns" + (" myhostname" if target else "") in shown.splitlines(), target
        assert "198.51.100.77" in shown, target
        assert (resolv.readlink() if resolv.is_symlink() else None) == (
            target and type(resolv)(target)), target
        host.wg_wrap("down", "--force", "work")
        host.assert_nothing_is_left()
