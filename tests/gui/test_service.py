# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown while the service is not there: as it starts, after its death, and once it is back."""
import os
import pathlib
import signal

import pytest

import rig
from driver import Application

NAMES = ["DE-1", "nl-2"]
FIRST_PAGE = "One Program in a Tunnel"
GONE = "The wg-wrap service has stopped."
SILENT = "The wg-wrap service does not answer."
BUS_NAME = "org.wgwrap.WgWrap1"
# Takes the service's name and answers nothing; once it is let go on, that it has no such object.
HANG = f"""
import os, signal, dbus, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
bus.request_name("{BUS_NAME}")
os.kill(os.getpid(), signal.SIGSTOP)
GLib.MainLoop().run()
"""


class Gate:
    """A service that does not start before it is let."""

    def __init__(self, host):
        self.host = host
        self.file = host.directory / "open"
        self.hangs = host.directory / "hangs"
        hang = host.directory / "hang.py"
        hang.write_text(HANG)
        self.program = host.programs / "wg-wrapd"
        self.real = os.readlink(self.program)
        self.program.unlink()
        self.program.write_text(
            f"#!/bin/sh\nwhile [ ! -e {self.file} ]; do sleep 0.02; done\n"
            f"if [ -e {self.hangs} ]; then exec /usr/bin/python3 {hang}; fi\n"
            f"exec {self.real} \"$@\"\n")
        self.program.chmod(0o700)

    def kill(self):
        self.file.unlink(missing_ok=True)
        pid = self.host.service_pid()
        os.kill(pid, signal.SIGKILL)
        rig.wait_for(lambda: self.host.service_pid() is None, "the bus to notice")

    def open(self):
        self.file.touch()


@pytest.fixture(scope="module")
def gate(host):
    return Gate(host)


@pytest.fixture(scope="module")
def app(host, gate, screen, peer):
    directory = host.home / ".config/wg-wrap/profiles"
    directory.mkdir(parents=True)
    for name in NAMES:
        (directory / f"{name}.conf").write_text(peer.profile())
    made = Application(host, screen)
    yield made
    gate.open()
    made.stop()


def is_shown(app, role, text):
    node = app.look(role, text)
    return node is not None and app.is_drawn(node)


def top(app):
    """Of the page, which is below what is said of the service: that keeps its size when it is hidden."""
    return app.find("check box", "Tunnel open").get_extents(app.atspi.CoordType.WINDOW).y


def tunnels(app):
    return [name for name in app.names("list item") if name in (*NAMES, "new")]


def test_before_the_service_has_answered_nothing_is_said_of_profiles(app, screen):
    rig.wait_for(lambda: is_shown(app, None, "The service starts"), "the spinner")
    screen.picture("service-starts")
    assert not is_shown(app, "label", FIRST_PAGE) and tunnels(app) == []


def test_then_its_profiles_are_shown(app, gate):
    gate.open()
    rig.wait_for(lambda: tunnels(app) == NAMES, "the list")
    assert not is_shown(app, "label", FIRST_PAGE)
    rig.wait_for(lambda: not is_shown(app, None, "The service starts"), "the spinner's end")


def test_the_list_outlasts_a_service_that_dies(app, gate, host, screen):
    assert host.wg_wrap("up", "--wait", "nl-2").returncode == 0
    screen.click(60, 150)
    app.find("label", "Connected")
    before = top(app)
    gate.kill()
    rig.wait_for(lambda: is_shown(app, "label", GONE) and top(app) > before, "what is said of it")
    screen.picture("service-gone")
    assert tunnels(app) == NAMES
    assert is_shown(app, "label", "Connected")


def says_so(app, window):
    return any(GONE in app.name(node) and app.is_drawn(node)
               for node in app.nodes("label", app.find("frame", window)))


def is_usable(app, window, role, name):
    """The service's part of it."""
    return any(name in app.name(node) and node.get_state_set().contains(app.atspi.StateType.SENSITIVE)
               for node in app.nodes(role, app.find("frame", window)))


@pytest.mark.parametrize("menu,item,window,role,name", [
    ("Tunnel Menu", "Is This Really in the Tunnel?", "Leak Check", "push button", "Copy Report"),
    ("Main Menu", "Diagnostics", "Diagnostics", "push button", "Copy Report"),
    ("Main Menu", "Preferences", "Preferences", "spin button", "Stays for so many seconds"),
])
def test_a_window_that_is_open_says_so_and_goes_on_by_itself(app, gate, host, screen, menu, item, window,
                                                             role, name):
    gate.open()
    assert host.wg_wrap("up", "--wait", "nl-2").returncode == 0
    app.do("push button", menu)
    app.do("menu item", item)
    rig.wait_for(lambda: is_usable(app, window, role, name), window)
    gate.kill()
    rig.wait_for(lambda: says_so(app, window), f"what {window} says")
    screen.picture(f"service-gone-{window.lower().replace(' ', '-')}")
    assert not is_usable(app, window, role, name)
    gate.open()
    assert host.wg_wrap("status").returncode == 0
    rig.wait_for(lambda: is_usable(app, window, role, name), f"{window} as it was")
    app.close("frame", window)


def test_the_log_says_so_and_goes_on(app, gate, host):
    def entries():
        return [app.name(node) for node in app.nodes("list item", app.find("frame", "Log"))]
    app.do("push button", "Tunnel Menu")
    app.do("menu item", "Log")
    rig.wait_for(entries, "the log")
    gate.kill()
    rig.wait_for(lambda: says_so(app, "Log"), "what the log says")
    before = entries()
    gate.open()
    assert host.wg_wrap("down", "nl-2").returncode == 0
    rig.wait_for(lambda: set(entries()) > set(before), "what has happened since")
    app.close("frame", "Log")


def test_what_has_changed_meanwhile_is_seen_when_it_is_back(app, gate, host, peer):
    assert host.wg_wrap("up", "--wait", "nl-2").returncode == 0
    gate.kill()
    rig.wait_for(lambda: is_shown(app, "label", GONE), "what is said of it")
    directory = host.home / ".config/wg-wrap/profiles"
    (directory / "DE-1.conf").unlink()
    (directory / "new.conf").write_text(peer.profile())
    below = top(app)
    app.do("push button", "Start Again")
    gate.open()
    rig.wait_for(lambda: tunnels(app) == ["new", "nl-2"], "the list")
    rig.wait_for(lambda: top(app) < below, "the end of what was said")
    app.find("label", "Connected")
    app.find("label", "Last handshake")
    assert host.wg_wrap("down", "nl-2").returncode == 0
    app.find("label", "Opens by itself when a program is launched in it.")


def is_stopped(pid):
    return pid and pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_service_that_comes_back_and_does_not_answer_empties_and_blocks_nothing(app, gate, host):
    before = tunnels(app)
    gate.kill()
    rig.wait_for(lambda: is_shown(app, "label", GONE), "what is said of it")
    below = top(app)
    gate.hangs.touch()
    gate.open()
    app.do("push button", "Start Again")
    rig.wait_for(lambda: is_stopped(host.service_pid()), "the one that hangs")
    # Behind what the bus has told the application of its name.
    host.check("gdbus", "call", "-e", "--timeout", "15", "-d", "org.wgwrap.WgWrap", "-o",
               "/org/wgwrap/WgWrap", "-m", "org.gtk.Actions.List")
    assert tunnels(app) == before
    os.kill(host.service_pid(), signal.SIGCONT)
    rig.wait_for(lambda: is_shown(app, "label", SILENT) or tunnels(app) != before, "what is said of that")
    assert tunnels(app) == before
    gate.hangs.unlink()
    gate.kill()
    rig.wait_for(lambda: is_shown(app, "label", GONE), "what is said of it")
    gate.open()
    app.do("push button", "Start Again")
    rig.wait_for(lambda: top(app) < below, "the end of what was said")
    assert tunnels(app) == before


def test_without_profiles_there_is_the_first_page(app, host):
    for profile in (host.home / ".config/wg-wrap/profiles").iterdir():
        profile.unlink()
    rig.wait_for(lambda: is_shown(app, "label", FIRST_PAGE), "it")
