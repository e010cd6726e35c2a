# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preferences change, and the notifications that one of them turns off."""
import os
import signal
import subprocess

import pytest

import rig
from driver import Application


@pytest.fixture(scope="module")
def shown(host):
    """What a desktop would show of notifications: a function that tells all of it."""
    path = host.directory / "notifications"
    with open(path, "w", encoding="utf-8") as log:
        mock = host.popen("/usr/bin/python3", "-u", "-m", "dbusmock", "--session", "--template",
                          "notification_daemon", stdout=log)
    rig.wait_for(lambda: "org.freedesktop.Notifications" in host.check(
        "gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus",
        "-m", "org.freedesktop.DBus.ListNames"), "the mock")
    yield path.read_text
    mock.terminate()
    mock.wait(rig.TIMEOUT)


@pytest.fixture(scope="module")
def app(shown, host, screen):
    """To whom what is freed is garbage at once."""
    made = Application(host, screen, G_SLICE="always-malloc", MALLOC_PERTURB_="165")
    yield made
    made.stop()


def brightness(screen, name):
    """Of a place without anything on it, 0 to 1."""
    picture = screen.picture(name)
    return float(subprocess.run(
        ["convert", f"{picture}[1x1+40+600]", "-colorspace", "Gray", "-format", "%[fx:mean]",
         "info:"], check=True, capture_output=True, text=True, timeout=rig.TIMEOUT).stdout)


def hand_over(host):
    """What an application does that runs outside: it ends at once."""
    entry = host.home / ".local/share/applications/brief.desktop"
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text("[Desktop Entry]\nType=Application\nName=Brief\nExec=true\n")
    result = host.gdbus("Manager", "LaunchApp", "work", str(entry), "[]", "{}")
    assert result.returncode == 0, result.stderr


def click(app, screen, node):
    place = node.get_extents(app.atspi.CoordType.WINDOW)
    screen.click(place.x + place.width // 2, place.y + place.height // 2)


def check(app, screen, name):
    """By the mouse: GTK 4.8 offers assistive technology no action for a check button."""
    click(app, screen, app.find("check box", name))


def setting(host, name):
    return host.check("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o",
                      "/org/wgwrap/WgWrap1", "-m", "org.freedesktop.DBus.Properties.Get",
                      "org.wgwrap.WgWrap1.Manager", name)


def open_preferences(app, screen=None):
    """With a screen: the page about tunnels, of which the switch is no button either."""
    app.do("push button", "Main Menu")
    app.do("menu item", "Preferences")
    window = app.find("frame", "Preferences")
    if screen:
        click(app, screen, rig.wait_for(lambda: next(
            (node for node in app.nodes("label", window)
             if app.name(node) == "Tunnels" and app.is_drawn(node)), None), "the switch"))


def test_colours_change_at_once(app, screen):
    open_preferences(app)
    for choice, low, high in (("Dark", 0, 0.3), ("Light", 0.7, 1), ("As in the system", 0.7, 1)):
        check(app, screen, choice)
        rig.wait_for(lambda: low <= brightness(screen, f"preferences-{choice}") <= high, choice)
    app.close("frame", "Preferences")


def test_the_default_tunnel_is_the_services(app, host, peer, screen):
    host.import_profile("home", peer.profile())
    host.import_profile("work", peer.profile())
    host.import_profile("airport", peer.profile())
    open_preferences(app)
    app.find("check box", "work")
    names = [app.name(node) for node in app.nodes("check box", app.find("frame", "Preferences"))]
    assert [name for name in names if name in ("airport", "home", "work")] == ["airport", "home", "work"]
    check(app, screen, "home")
    screen.picture("preferences")
    rig.wait_for(lambda: setting(host, "DefaultProfile") == "(<'home'>,)", "the choice")
    app.close("frame", "Preferences")
    host.check(host.programs / "wg-wrap", "profile", "default", "work")
    open_preferences(app)
    rig.wait_for(lambda: app.find("check box", "work").get_state_set().contains(
        app.atspi.StateType.CHECKED), "what is chosen elsewhere")
    app.close("frame", "Preferences")


def test_a_tunnel_that_comes_is_no_concern_of_preferences_that_were_closed(app, host, peer):
    host.import_profile("late", peer.profile())
    app.find("list item", "late")
    host.check(host.programs / "wg-wrap", "profile", "remove", "late")
    rig.wait_for(lambda: not app.look("list item", "late"), "its end")
    assert app.process.poll() is None


def test_how_long_a_tunnel_stays_is_of_each_that_opens_then(app, host, screen):
    assert setting(host, "DefaultLinger") == "(<uint32 10>,)"
    open_preferences(app, screen)
    node = app.find("spin button", "Stays for so many seconds")
    rig.wait_for(lambda: node.get_current_value() == 10, "what the service has")
    node.set_current_value(77)
    rig.wait_for(lambda: setting(host, "DefaultLinger") == "(<uint32 77>,)", "the choice")
    screen.picture("preferences-linger")
    app.close("frame", "Preferences")
    assert host.wg_wrap("up", "home").returncode == 0
    assert host.status("home")["linger"] == 77
    assert host.wg_wrap("down", "home").returncode == 0


def test_the_bus_of_launched_programs_is_chosen_and_kept(app, host, screen):
    """By a program that says which it has; a service that comes anew knows the choice."""
    got = host.home / "bus"
    for choice, value, private in (("Always private", "private", True),
                                   ("Always the session's", "shared", False)):
        open_preferences(app, screen)
        check(app, screen, choice)
        rig.wait_for(lambda: setting(host, "DefaultBus") == f"(<'{value}'>,)", "the choice")
        app.close("frame", "Preferences")
        pid = host.service_pid()
        os.kill(pid, signal.SIGKILL)
        rig.wait_for(lambda: host.service_pid() != pid, "the bus to notice")
        assert setting(host, "DefaultBus") == f"(<'{value}'>,)"
        got.unlink(missing_ok=True)
        script = f"echo $DBUS_SESSION_BUS_ADDRESS >{got}.new; mv {got}.new {got}"
        assert host.gdbus("Manager", "Launch", "home", f"['sh', '-c', '{script}']",
                          "{}").returncode == 0
        rig.wait_for(got.exists, "the program")
        assert (host.environment["DBUS_SESSION_BUS_ADDRESS"] in got.read_text()) != private


def test_a_tunnel_without_an_answer_is_told_and_its_return(app, host, peer, screen, shown):
    screen.leave()
    assert host.wg_wrap("up", "--wait", "work").returncode == 0
    assert host.gdbus("Manager", "Launch", "work", f"['ping', '{peer.INSIDE4}']",
                      "{}").returncode == 0
    app.find("label", "Connected")
    assert "work" not in shown()
    peer.stop_engine()
    rig.wait_for(lambda: "“work” gets no answer" in shown(), "the notification", 60)
    peer.start_engine()
    rig.wait_for(lambda: "“work” is connected again" in shown(), "the notification", 60)


def test_a_program_that_was_handed_over_is_told(app, host, screen, shown):
    hand_over(host)
    rig.wait_for(lambda: "handed over" in shown(), "the notification")
    app.do("push button", "OK")


def test_the_active_window_needs_no_notification(app, host, screen, shown):
    before = shown()
    screen.press("Tunnels", "Escape")
    hand_over(host)
    app.find("label", "Probably Opened Outside the Tunnel")
    app.do("push button", "OK")
    assert shown() == before


def test_nothing_is_told_to_who_does_not_want_it(app, host, screen, shown):
    before = shown()
    open_preferences(app)
    app.do("check box", "Notify of tunnels")
    app.close("frame", "Preferences")
    screen.leave()
    hand_over(host)
    app.find("label", "Probably Opened Outside the Tunnel")
    app.do("push button", "OK")
    assert shown() == before
