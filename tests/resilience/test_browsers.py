# SPDX-License-Identifier: GPL-3.0-or-later
"""Browsers that are left open in a tunnel are told that they are online, and find their way back by
themselves after the machine's network was gone for a while: WG_WRAP_TEST_SOAK=1: a minute."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import rig

OUTAGE = 60 if os.environ.get("WG_WRAP_TEST_SOAK") else 10
PATIENCE = 180
PORT = 8080
# A page that asks for something each second; what it asks for says when, and what the browser believes.
SERVER = """
import http.server, sys
PAGE = b'''<!DOCTYPE html><title>beat</title><script>
setInterval(() => fetch("/beat" + location.pathname + "/" + Date.now() + "/" + navigator.onLine, {cache: "no-store"}).catch(() => 0), 1000)
</script>'''
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        print(self.client_address[0], self.path, flush=True)
        body = b"ok" if self.path.startswith("/beat/") else PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""
BROWSERS = {"chromium": ("chromium", "--headless", "--no-first-run", "--user-data-dir={data}"),
            "firefox": ("firefox-esr", "--headless", "--no-remote", "--profile", "{data}")}


class Beats:
    def __init__(self, peer, log):
        self.log = log
        with open(log, "w", encoding="utf-8") as file:
            peer.popen("/usr/bin/python3", "-c", SERVER, peer.INSIDE4, str(PORT), stdout=file,
                       stderr=subprocess.DEVNULL)

    def of(self, name):
        """[(when it was begun, in seconds; what navigator.onLine was)]"""
        found = re.findall(rf"^(\S+) /beat/{name}/(\d+)/(\w+)$", self.log.read_text(), re.M)
        assert {address for address, _, _ in found} <= {rig.Peer.CLIENT4}
        return [(int(begun) / 1000, online) for _, begun, online in found]

    def wait_for(self, name, since):
        """Three that were begun since then."""
        return rig.wait_for(lambda: [beat for beat in self.of(name) if beat[0] > since][2:] and
                            self.of(name), f"beats of {name}", PATIENCE)


@pytest.fixture
def beats(peer, tmp_path):
    return Beats(peer, tmp_path / "beats")


@pytest.fixture
def browsers(host, work, beats):
    """Both, with the page open."""
    children = []
    for name, words in BROWSERS.items():
        (host.home / name).mkdir()
        children.append(host.popen(
            host.programs / "wg-wrap", "run", work, "--",
            *(word.format(data=host.home / name) for word in words),
            f"http://{rig.Peer.INSIDE4}:{PORT}/{name}", stdout=host.log, stderr=host.log,
            start_new_session=True))
    for name in BROWSERS:
        beats.wait_for(name, 0)
    yield
    host.wg_wrap("down", "--force", work)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(rig.TIMEOUT)


def pages_of_chromium(host):
    """/proc/PID/status of the processes that show pages, {key: value} each."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            if b"--type=renderer" in command and str(host.home).encode() in command:
                yield dict(re.findall(r"^(\w+):\s*(.*)$", (entry / "status").read_text(), re.M))


def test_browsers_find_their_way_back(host, browsers, beats):
    # Chromium's own sandbox works in here: the page's process has a PID namespace and a filter of calls.
    pages = list(pages_of_chromium(host))
    assert pages and all(page["Seccomp"] == "2" and len(page["NSpid"].split()) > 1 for page in pages)

    rig.sh("ip", "link", "set", "veth0", "down")
    gone = time.time()
    time.sleep(OUTAGE)
    assert not [begun for name in BROWSERS for begun, _ in beats.of(name) if begun > gone + 1]
    rig.sh("ip", "link", "set", "veth0", "up")
    back = time.time()
    for name in BROWSERS:
        heard = beats.wait_for(name, back)
        first = min(begun for begun, _ in heard if begun > back)
        print(f"{name}: {first - back:.0f} s after {OUTAGE} s without a network")
        assert {online for _, online in heard} == {"true"}


# What a program of GNOME's asks before it goes online.
MONITOR = """
from gi.repository import Gio
monitor = Gio.NetworkMonitor.get_default()
print(monitor.get_network_available(), monitor.get_connectivity().value_nick,
      monitor.can_reach(Gio.NetworkAddress.new("10.6.0.1", 80)))
"""


@pytest.mark.parametrize("way,allowed", [("run", "0.0.0.0/0, ::/0"), ("run", "10.6.0.0/24"),
                                         ("launch", "10.6.0.0/24")])
def test_a_program_is_told_that_there_is_a_network(host, peer, way, allowed):
    host.import_profile("work", peer.profile(dns=peer.INSIDE4, allowed=allowed))
    (host.home / "ask").write_text(MONITOR)
    said = host.home / "said"
    command = ["sh", "-c", f"/usr/bin/python3 {host.home}/ask >{said}.new; mv {said}.new {said}"]
    if way == "run":
        assert host.wg_wrap("run", "work", "--", *command).returncode == 0
    else:
        assert host.gdbus("Manager", "Launch", "work", str(command), "{}").returncode == 0
    rig.wait_for(said.exists, "an answer")
    assert said.read_text() == "True full True\n"
    host.wg_wrap("down", "--force", "work")
