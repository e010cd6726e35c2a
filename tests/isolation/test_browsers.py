# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own browsers, with a copy running outside: a window that is opened in a tunnel belongs to a
process in the tunnel."""
import os
import re
import signal
import subprocess

import pytest

import rig

DISPLAY = ":83"
PATIENCE = 60
OPTIONS = "{'setenv': <{'DISPLAY': '" + DISPLAY + "'}>, 'recipe': <%s>}"


class Screen:
    def __init__(self, host):
        self.host = host
        host.environment["DISPLAY"] = DISPLAY
        self.server = host.popen("Xvfb", DISPLAY, "-nolisten", "tcp", stderr=subprocess.DEVNULL)
        rig.wait_for(lambda: os.path.exists(f"/tmp/.X11-unix/X{DISPLAY[1:]}"), "Xvfb")
        self.seen = set()

    def windows(self):
        """{(window, process)} of those that are large enough to be somebody's."""
        tree = self.host.run("xwininfo", "-root", "-tree").stdout
        found = set()
        for window in re.findall(r"^ +(0x[0-9a-f]+) .* [0-9]{3,}x[0-9]{3,}\+", tree, re.M):
            process = re.search(r"= (\d+)", self.host.run("xprop", "-id", window, "_NET_WM_PID").stdout)
            if process:
                found.add((window, int(process[1])))
        return found

    def next_window(self):
        """The process that has opened one more."""
        new = rig.wait_for(lambda: self.windows() - self.seen, "a window", PATIENCE)
        self.seen |= new
        return new.pop()[1]

    def stop(self):
        self.server.kill()
        self.server.wait(rig.TIMEOUT)


@pytest.fixture
def screen(host):
    made = Screen(host)
    yield made
    made.stop()


@pytest.mark.parametrize("command", [
    ("firefox-esr", "--new-window", "about:blank"),
    ("chromium", "--no-first-run", "--new-window", "about:blank")], ids=["firefox", "chromium"])
def test_a_window_that_is_opened_in_the_tunnel_is_in_the_tunnel(host, work, screen, command):
    def launch(recipe):
        answer = host.gdbus("Manager", "Launch", work, str(list(command)), OPTIONS % recipe)
        assert answer.returncode == 0, (answer.stderr, host.read_log())
        return screen.next_window()

    outside = host.popen(*command, start_new_session=True, stdout=host.log, stderr=host.log)
    try:
        theirs = screen.next_window()
        assert launch("false") == theirs  # which is what would happen
        ours = launch("true")
        assert ours != theirs
        assert os.readlink(f"/proc/{ours}/ns/net") == \
            host.wg_wrap("run", work, "readlink", "/proc/self/ns/net").stdout.strip()
        assert launch("true") == ours
    finally:
        host.wg_wrap("down", "--force", work)
        os.killpg(outside.pid, signal.SIGKILL)
        outside.wait(rig.TIMEOUT)
