# SPDX-License-Identifier: GPL-3.0-or-later
"""wg-wrap check: green in a tunnel as it is made, red at whatever is spoilt in it."""
import json
import os
import pathlib
import socket
import subprocess

import pytest

import rig


@pytest.fixture
def tunnel(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    yield host
    assert host.wg_wrap("down", "--force", work).returncode == 0


@pytest.fixture
def resolver(host):
    """A socket that would answer, somewhere in the home."""
    path = host.home / "resolver"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        yield path


def check(host):
    """{row: what was found} of what is red, after `check` had a status that fits."""
    done = host.wg_wrap("check", "work", "--json")
    rows = json.loads(done.stdout)
    assert len(rows) == 10, done.stderr
    assert all(bool(row["advice"]) != row["passed"] for row in rows)
    red = {row["check"]: row["found"] for row in rows if not row["passed"]}
    assert done.returncode == (1 if red else 0)
    return red


def spoil(host, script):
    """Do in the session what no program in it can, with capabilities from outside."""
    pid = host.check(host.programs / "wg-wrap", "run", "work", "sh", "-c",
                     "sleep 600 >/dev/null 2>&1 & echo $!")
    rig.sh("nsenter", "-t", pid, "-m", "-n", "--", "sh", "-ec", script)


def test_a_tunnel_is_green_and_says_what_it_has(tunnel, peer):
    assert check(tunnel) == {}
    lines = tunnel.wg_wrap("check", "work").stdout
    for words in ("lo, wg0", "everything goes through wg0", peer.INSIDE4, "files dns"):
        assert words in lines
    assert lines.count("ok ") == 10 and "FAIL" not in lines


def test_nothing_stays_of_a_check(tunnel):
    check(tunnel)
    rig.wait_for(lambda: tunnel.status("work")["programs"] == [], "its end")
    assert tunnel.status("work")["held"]


def test_a_tunnel_without_servers_and_for_some_networks_is_green(host, peer):
    host.import_profile("work", peer.profile(allowed="10.6.0.0/24"))
    host.wg_wrap("up", "work")
    assert check(host) == {}
    lines = host.wg_wrap("check", "work").stdout
    for words in ("none", "something goes through wg0, the rest nowhere"):
        assert words in lines
    host.wg_wrap("down", "work")


def test_a_profile_that_is_edited_meanwhile_is_what_counts(tunnel, peer):
    text = peer.profile(dns="10.6.0.1, fd06::1")
    assert tunnel.run(tunnel.programs / "wg-wrap", "profile", "edit", "work", env={
        **tunnel.environment, "EDITOR": f"cp {write(tunnel, text)}"}).returncode == 0
    assert check(tunnel) == {}
    assert "10.6.0.1, fd06::1" in tunnel.wg_wrap("check", "work").stdout


def write(host, text):
    path = host.home / "text"
    path.write_text(text)
    return path


VISIBLE = "mount -o remount,bind,rw /run; mkdir -p {directory}; ln -s {resolver} {directory}/{name}"
BIND = "mount --bind {file} {target}"


@pytest.mark.parametrize("directory,name,row", [
    ("/run/nscd", "socket", "Resolvers outside"),
    ("/run/systemd/resolve", "io.systemd.Resolve", "Resolvers outside"),
    ("/run/avahi-daemon", "socket", "Resolvers outside"),
    ("/run", "mdnsd", "Resolvers outside"),
    ("/run/dbus", "system_bus_socket", "System bus"),
])
def test_a_socket_that_is_visible_inside_is_red(tunnel, resolver, directory, name, row):
    spoil(tunnel, VISIBLE.format(directory=directory, resolver=resolver, name=name))
    red = check(tunnel)
    assert list(red) == [row] and f"{directory}/{name}" in red[row]
    lines = tunnel.wg_wrap("check", "work").stdout
    assert f"FAIL  {row}" in lines and "→ Close the tunnel" in lines


def test_a_socket_where_nobody_listens_is_green(tunnel, resolver):
    spoil(tunnel, VISIBLE.format(directory="/run/nscd", resolver=tunnel.home / "none", name="socket"))
    assert check(tunnel) == {}


@pytest.mark.parametrize("script,red", [
    ("ip link add a0 type veth peer name b0", {"Interfaces"}),
    ("ip link add a0 type veth peer name b0; ip link set b0 up; ip link set a0 up; "
     "ip addr add 198.51.100.1/24 dev a0; ip addr add 2001:db8:7::1/64 dev a0",
     {"Interfaces", "IPv4", "IPv6"}),
    ("ip link del wg0", {"Interfaces"}),
])
def test_a_network_that_is_changed_is_red(tunnel, script, red):
    spoil(tunnel, script)
    assert set(check(tunnel)) == red


@pytest.mark.parametrize("target,text,row", [
    ("/etc/resolv.conf", "nameserver 192.0.2.53\n", "Name servers"),
    ("/etc/resolv.conf", "", "Name servers"),
    ("/etc/nsswitch.conf", "hosts: files mdns4_minimal [NOTFOUND=return] dns\n", "Name lookup"),
    ("/etc/nsswitch.conf", "hosts: resolve files\n", "Name lookup"),
    ("/etc/nsswitch.conf", "", "Name lookup"),
])
def test_names_that_are_asked_elsewhere_are_red(tunnel, target, text, row):
    spoil(tunnel, BIND.format(file=write(tunnel, text), target=target))
    assert list(check(tunnel)) == [row]


def test_a_program_outside_would_be_red(tunnel):
    """The same program, where it should not be; and, with capabilities, it gets away from inside."""
    own = os.readlink("/proc/self/ns/net")
    program = tunnel.programs / "wg-wrap-check"
    outside = tunnel.run(program, own, str(os.getpid()), "10.6.0.1", errors="replace").stdout
    assert "that of the machine" in outside
    holder = tunnel.check(tunnel.programs / "wg-wrap", "run", "work", "sh", "-c",
                          "sleep 600 >/dev/null 2>&1 & echo $!")
    inside = subprocess.run(["nsenter", "-t", holder, "-n", "--", program, own, str(os.getpid())],
                            capture_output=True, errors="replace", timeout=rig.TIMEOUT,
                            check=True).stdout
    assert "can be entered" in inside and "the tunnel's own" in inside


def test_what_cannot_be_checked_is_an_error(host, work):
    done = host.wg_wrap("check", "work")
    assert done.returncode == 1 and "not up" in done.stderr
    assert host.wg_wrap("check", "nobody").returncode == 1


@pytest.mark.parametrize("script", ["exit 0", "head -c 100000 /dev/zero", "echo no answer", "kill -9 $$"])
def test_an_answer_that_makes_no_sense_is_an_error(tunnel, script):
    program = pathlib.Path(tunnel.programs) / "wg-wrap-check"
    program.unlink()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    done = tunnel.wg_wrap("check", "work")
    assert done.returncode == 1 and "without an answer" in done.stderr, done.stderr


PAGE = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        open(sys.argv[1], "a").write(self.client_address[0] + "\\n")
        status, body = ANSWERS.get(self.path, (404, ""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.format(self.client_address[0]).encode())
        if self.path == "/slow":
            import time; time.sleep(60)
    def log_message(self, *arguments):
        pass
ANSWERS = {"/": (200, "<p>You are {}.</p>"), "/outside": (200, "192.0.2.1"), "/slow": (200, "10"),
           "/empty": (200, "v1.2, no address"), "/moved": (301, "10.6.0.2")}
server = http.server.ThreadingHTTPServer(("10.6.0.1", 8080), Handler)
print("ready", flush=True)
server.serve_forever()
"""


@pytest.fixture
def page(peer, tmp_path):
    """A page in the tunnel that tells who asks, and who did."""
    asked = tmp_path / "asked"
    server = peer.popen("/usr/bin/python3", "-c", PAGE, asked, stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "ready\n"
    return asked


def choose(host, url):
    done = host.wg_wrap("profile", "set", "work", "--address-page", url)
    assert done.returncode == 0, done.stderr


def row(host):
    """What is found of the public address, and whether that is green; None: no such row."""
    rows = json.loads(host.wg_wrap("check", "work", "--json").stdout)
    return next(((row["found"], row["passed"]) for row in rows if row["check"] == "Public address"), None)


def test_the_address_is_what_the_chosen_page_sees(tunnel, peer, page):
    """Nobody is asked who was not chosen, and nothing of it outside the tunnel."""
    with rig.Capture() as capture:
        assert row(tunnel) is None and not page.exists()
        choose(tunnel, "http://10.6.0.1:8080/")
        assert row(tunnel) == (f"{peer.CLIENT4}, says http://10.6.0.1:8080/", True)
        assert page.read_text() == f"{peer.CLIENT4}\n"
        assert "ok    Public address" in tunnel.wg_wrap("check", "work").stdout
    assert capture.other_than_udp("192.0.2.2", 51820) == []
    choose(tunnel, "")
    assert row(tunnel) is None


@pytest.mark.parametrize("url,found", [
    ("http://10.6.0.1:8080/outside", "192.0.2.1, which is this machine's own outside"),
    ("http://10.6.0.1:8080/empty", "there is no address on it"),
    ("http://10.6.0.1:8080/moved", "it answers with status 301"),
    ("http://10.6.0.1:8080/slow", "it does not answer"),
    ("http://10.6.0.1:8081/", "refused"),
    ("https://10.6.0.1:8080/", "TLS"),
])
def test_a_page_that_does_not_see_the_tunnel_is_red(tunnel, page, url, found):
    choose(tunnel, url)
    what, green = row(tunnel)
    assert found in what and not green
    assert "→" in tunnel.wg_wrap("check", "work").stdout


@pytest.mark.parametrize("url", ["10.6.0.1", "file:///etc/passwd", "http://", "https:x", "ftp://a/"])
def test_what_is_no_page_is_refused(host, work, url):
    done = host.wg_wrap("profile", "set", work, "--address-page", url)
    assert done.returncode == 1 and "no address of a web page" in done.stderr
    assert not (host.home / ".config/wg-wrap/settings.ini").exists()
