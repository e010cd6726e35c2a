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


def tab_to(app, keys, window, name):
    seen = []
    for _ in range(TABS_MAX):
        names = list(focused(app))
        if any(name in each for each in names):
            return
        seen.append(names)
        keys(window, "Tab")
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


def test_a_program_is_launched_and_stopped(app, host, keys):
    keys("Tunnels", "alt+l")
    keys("Launch in Tunnel", text="sleep 600")
    keys("Launch in Tunnel", "Return")
    app.find("push button", "Stop sleep")
    tab_to(app, keys, "Tunnels", "Stop sleep")
    keys("Tunnels", "Return")
    rig.wait_for(lambda: not host.status("work")["programs"], "its end")


def test_the_tunnel_is_closed(app, host, keys):
    tab_to(app, keys, "Tunnels", "Tunnel open")
    keys("Tunnels", "space")
    rig.wait_for(lambda: host.status("work") is None, "the end of the session")


def test_the_profile_is_removed_and_brought_back(app, host, keys):
    keys("Tunnels", "ctrl+Delete")
    app.find("label", "“work” removed")
    tab_to(app, keys, "Tunnels", "Undo")
    keys("Tunnels", "Return")
    app.find("list item", "work")


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
