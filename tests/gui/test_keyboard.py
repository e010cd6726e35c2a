# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a tunnel by keys alone."""
import pytest

import rig

TABS_MAX = 40


@pytest.fixture(scope="module")
def keys(screen):
    return screen.press


def focused(app):
    for node in app.nodes():
        if node.get_state_set().contains(app.atspi.StateType.FOCUSED):
            yield app.name(node)


def tab_to(app, keys, window, name, key="Tab"):
    keys(window, "shift")  # so that it has the focus
    seen = []
    for _ in range(TABS_MAX):
        names = list(focused(app))
        if any(name in each for each in names):
            return
        seen.append(names)
        keys(window, key)
    raise AssertionError(f"“{name}” is not reached by Tab: {seen}")


def test_a_profile_is_imported(app, host, peer, keys):
    path = host.home / "work.conf"
    path.write_text(peer.profile())
    keys("Tunnels", "ctrl+o")
    keys("Import Profiles", text=str(path))
    keys("Import Profiles", "Return")
    app.find("list item", "work")


def test_the_tunnel_is_opened(app, host, keys):
    tab_to(app, keys, "Tunnels", "Tunnel open")
    keys("Tunnels", "space")
    app.find("label", "Connected")


def test_a_program_is_launched(app, host, keys):
    keys("Tunnels", "alt+l")
    keys("Launch in Tunnel", text="sleep 600")
    keys("Launch in Tunnel", "Return")
    app.find("push button", "Stop sleep")


@pytest.mark.parametrize("key", ["Escape", "Return"])
def test_what_would_end_it_is_asked_for_and_not_the_answer(app, host, keys, key):
    tab_to(app, keys, "Tunnels", "Tunnel open")
    keys("Tunnels", "space")
    app.find("label", "Close the Tunnel?")
    keys("Tunnels", key)
    rig.wait_for(lambda: app.look("label", "Close the Tunnel?") is None, "its end")
    app.find("push button", "Stop sleep")
    assert host.status("work")["programs"]


def test_it_is_stopped(app, host, keys):
    tab_to(app, keys, "Tunnels", "Stop sleep")
    keys("Tunnels", "Return")
    rig.wait_for(lambda: not host.status("work")["programs"], "its end")


def test_the_tunnel_is_closed(app, host, keys):
    tab_to(app, keys, "Tunnels", "Tunnel open", "shift+Tab")
    keys("Tunnels", "space")
    rig.wait_for(lambda: host.status("work") is None, "the end of the session")


def test_it_is_opened_and_closed_from_wherever_the_focus_is(app, host, keys):
    keys("Tunnels", "ctrl+t")
    app.find("label", "Connected")
    keys("Tunnels", "ctrl+t")
    rig.wait_for(lambda: host.status("work") is None, "the end of the session")


def test_the_profile_is_removed_and_brought_back(app, host, keys):
    keys("Tunnels", "ctrl+Delete")
    app.find("label", "“work” removed")
    tab_to(app, keys, "Tunnels", "Undo")
    keys("Tunnels", "Return")
    app.find("list item", "work")


def is_in_sight(app, role, name):
    """In a window of 360 px, of which one half is beside it."""
    return 0 <= app.find(role, name).get_extents(app.atspi.CoordType.WINDOW).x < 360


def wait_for_focus(app, name):
    seen = []

    def is_there():
        seen[:] = focused(app)
        return any(name in each for each in seen)
    try:
        rig.wait_for(is_there, f"the focus on {name}")
    except AssertionError as error:
        raise AssertionError(f"{error}; it is on {seen}") from None


def test_a_narrow_window_is_gone_through_by_keys(app, host, peer, screen, keys):
    """To the list and back, and from a page to the search, which is in the list's half."""
    host.import_profile("a", peer.profile())
    app.find("list item", "a")
    screen.xdotool("search", "--onlyvisible", "--name", "^Tunnels$", "windowsize", 360, 640)
    rig.wait_for(lambda: is_in_sight(app, "push button", "Back"), "the page alone")
    keys("Tunnels", "alt+Left")
    wait_for_focus(app, "work")
    keys("Tunnels", "Up", "Return")
    rig.wait_for(lambda: is_in_sight(app, "push button", "Back"), "the page")
    keys("Tunnels", "ctrl+f")
    rig.wait_for(lambda: not is_in_sight(app, "push button", "Back"), "the list")
    wait_for_focus(app, "Search tunnels")
    keys("Tunnels", "w", "Return")
    rig.wait_for(lambda: is_in_sight(app, "push button", "Back"), "the page")
    keys("Tunnels", "alt+Left")
    wait_for_focus(app, "work")
    screen.xdotool("search", "--onlyvisible", "--name", "^Tunnels$", "windowsize", 860, 640)


@pytest.mark.parametrize("key", ["Menu", "shift+F10"])
def test_the_menu_of_a_row_gives_the_focus_back(app, keys, key):
    keys("Tunnels", "alt+Left")
    wait_for_focus(app, "work")
    keys("Tunnels", key)
    wait_for_focus(app, "Connect")
    keys("Tunnels", "Escape")
    wait_for_focus(app, "work")


@pytest.mark.parametrize("key,window", [
    ("ctrl+comma", "Preferences"),
    ("F2", "Rename the Tunnel"),
    ("ctrl+question", "Keyboard Shortcuts"),
])
def test_a_window_comes_and_goes_by_keys(app, keys, key, window):
    keys("Tunnels", key)
    app.find("frame", window)
    keys(window, "Escape")
    rig.wait_for(lambda: app.look("frame", window) is None, "its end")


def test_a_menu_is_gone_through_by_keys(app, keys):
    keys("Tunnels", "F10")
    app.find("menu item", "About Tunnels")
    keys("Tunnels", "a")
    app.find("frame", "About")
    keys("About", "Escape")
    rig.wait_for(lambda: app.look("frame", "About") is None, "its end")
