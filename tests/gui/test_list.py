# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of tunnels: its order, and the menu of a row, by the mouse and by keys."""
import pathlib
import subprocess
import time

import pytest

import rig

NAMES = ["DE-1", "nl-2", "nl-10"]


@pytest.fixture(scope="module")
def tunnels(app, host, peer):
    for name in (*NAMES, "work"):
        host.import_profile(name, peer.profile())
        app.find("list item", name)


def order(app):
    return [name for name in app.names("list item") if name in (*NAMES, "work")]


def middle(app, row):
    place = app.find("list item", row).get_extents(app.atspi.CoordType.WINDOW)
    return place.x + place.width // 2, place.y + place.height // 2


def open_menu(app, screen, row):
    screen.xdotool("mousemove", *middle(app, row), "click", 3)


def sort(app, screen, how):
    app.do("push button", "Main Menu")
    app.do("menu item", "Sort Tunnels")
    app.find("radio menu item", how)
    screen.picture(f"sort-{how.rpartition(' ')[2].lower()}")
    app.do("radio menu item", how)


def wait_for_order(app, *names):
    rig.wait_for(lambda: order(app) == list(names), f"{names}, not {order(app)}")


def test_names_are_in_the_order_of_their_numbers(app, tunnels):
    wait_for_order(app, *NAMES, "work")


def test_the_menu_of_a_row_is_about_that_row(app, host, screen, tunnels):
    open_menu(app, screen, "nl-10")
    app.find("menu item", "Connect")
    screen.picture("row-menu")
    app.do("menu item", "Duplicate…")
    app.find("frame", "Duplicate the Tunnel")
    app.do("push button", "Duplicate")
    rig.wait_for(lambda: (host.home / ".config/wg-wrap/profiles/nl-10 2.conf").exists(), "the copy")
    (host.home / ".config/wg-wrap/profiles/nl-10 2.conf").unlink()
    rig.wait_for(lambda: not app.look("list item", "nl-10 2"), "its end")


def test_a_tunnel_is_connected_by_the_menu_of_its_row(app, host, screen, tunnels):
    open_menu(app, screen, "work")
    app.do("menu item", "Connect")
    app.find("label", "Connected")
    assert host.status("work")["state"] == "connected"


def test_what_is_open_comes_first_if_it_is_asked_for(app, screen, tunnels):
    sort(app, screen, "By State")
    wait_for_order(app, "work", *NAMES)
    screen.picture("sorted-by-state")


def test_it_is_disconnected_by_keys_and_stays_what_was_used_last(app, host, screen, tunnels):
    sort(app, screen, "By Last Use")
    wait_for_order(app, "work", *NAMES)
    screen.click(*middle(app, "work"))
    screen.press("Tunnels", "shift+F10")
    app.find("menu item", "Disconnect")
    screen.press("Tunnels", "t")
    rig.wait_for(lambda: host.status("work") is None, "the end of the session")
    wait_for_order(app, "work", *NAMES)
    sort(app, screen, "By Name")
    wait_for_order(app, *NAMES, "work")


def minimize(app, screen, minimized):
    """As a window manager would say so; there is none."""
    window = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "^Tunnels$"], check=True,
                            env={"DISPLAY": screen.display, "PATH": "/usr/bin"},
                            capture_output=True, text=True, timeout=rig.TIMEOUT).stdout.strip()
    change = ["-set", "_NET_WM_STATE", "_NET_WM_STATE_HIDDEN"] if minimized else \
        ["-remove", "_NET_WM_STATE"]
    subprocess.run(["xprop", "-display", screen.display, "-id", window, "-f", "_NET_WM_STATE", "32a",
                    *change], check=True, timeout=rig.TIMEOUT)


def wakeups(app, seconds=2):
    """How often its main thread has slept and gone on in that time."""
    def count():
        status = pathlib.Path(f"/proc/{app.process.pid}/status").read_text()
        return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    before = count()
    time.sleep(seconds)
    return count() - before


def test_a_minimized_window_does_nothing(app, host, screen, tunnels):
    assert host.wg_wrap("up", "nl-2").returncode == 0
    screen.click(*middle(app, "nl-2"))
    app.find("label", "Connected")
    time.sleep(1)
    seen = wakeups(app)
    minimize(app, screen, True)
    time.sleep(1)
    hidden = wakeups(app)
    minimize(app, screen, False)
    assert 2 * hidden <= seen, f"{hidden} wake-ups in 2 s, and {seen} where it is seen"
    rig.wait_for(lambda: wakeups(app, 1) > 0, "its counters")
    assert host.wg_wrap("down", "nl-2").returncode == 0


def test_an_invalid_one_cannot_be_connected(app, host, screen, tunnels):
    (host.home / ".config/wg-wrap/profiles/broken.conf").write_text("[Interface]\nPrivateKey = none\n")
    open_menu(app, screen, "broken")
    app.find("menu item", "Rename…")
    assert "Connect" not in app.names("menu item")
    screen.press("Tunnels", "Escape")
    screen.click(*middle(app, "broken"))
    rig.wait_for(lambda: app.is_drawn(app.find("push button", "Edit…")), "its page")
    # The mistake, not that there is no address: that is but a warning.
    assert any(name.startswith("The value of PrivateKey is no key") for name in app.names("label"))
    launch = app.look("push button", "Launch…")
    assert launch is None or not app.is_drawn(launch)
