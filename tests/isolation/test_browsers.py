# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own browsers, with a copy running outside: a window that is opened in a tunnel belongs to a
process in the tunnel."""
import os
import signal

import pytest

import rig
from screen import DISPLAY, Screen

OPTIONS = "{'setenv': <{'DISPLAY': '" + DISPLAY + "'}>, 'recipe': <%s>}"


@pytest.fixture(name="screen")
def fixture_screen(host):
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
