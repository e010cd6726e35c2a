# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own browsers, with a copy running outside: a window that is opened in a tunnel belongs to a
process in the tunnel."""
import os
import pathlib
import re
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


def create_launcher(host, name):
    """Its path, and the class of the windows that a desktop takes for its."""
    answer = host.gdbus("Profile", "CreateLauncher", f"{name}.desktop",
                        path="/org/wgwrap/WgWrap1/profiles/work")
    assert answer.returncode == 0, answer.stderr
    launcher = pathlib.Path(answer.stdout.split("'")[1])
    return launcher, re.search("^StartupWMClass=(.*)$", launcher.read_text(), re.M)[1]


@pytest.mark.parametrize("command", [
    ("firefox-esr", "--new-window", "about:blank"),
    ("chromium", "--no-first-run", "--new-window", "about:blank")], ids=["firefox", "chromium"])
def test_a_window_that_is_opened_in_the_tunnel_is_in_the_tunnel(host, screen, work, command):
    """And is told from those outside: it has the class that its launcher says, and they have not."""
    def launch(recipe):
        answer = host.gdbus("Manager", "Launch", work, str(list(command)), OPTIONS % recipe)
        assert answer.returncode == 0, (answer.stderr, host.read_log())
        return screen.next_window()

    outside = host.popen(*command, start_new_session=True, stdout=host.log, stderr=host.log)
    try:
        theirs = screen.next_window()
        assert launch("false") == theirs  # which is what would happen
        launcher, window_class = create_launcher(host, command[0])
        assert launcher.stem == window_class not in screen.classes(theirs)
        host.popen("gio", "launch", launcher, "about:blank", stdout=host.log, stderr=host.log).wait(rig.TIMEOUT)
        ours = screen.next_window()
        assert ours != theirs
        rig.wait_for(lambda: window_class in screen.classes(ours), "the launcher's class")
        assert os.readlink(f"/proc/{ours}/ns/net") == \
            host.wg_wrap("run", work, "readlink", "/proc/self/ns/net").stdout.strip()
        assert launch("true") == ours
    finally:
        host.wg_wrap("down", "--force", work)
        os.killpg(outside.pid, signal.SIGKILL)
        outside.wait(rig.TIMEOUT)
