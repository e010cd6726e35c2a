# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page and every dialog, as a screen reader walks it: what the keyboard can reach has a name."""
import pytest

# Named by what is in it: GTK makes it focusable to scroll it by keys.
BY_CONTENT = {"scroll pane"}
# What GTK calls a widget that nobody has named, is its type.
TYPES = ("Gtk", "Adw", "Wgw")
# Windows that GTK and libadwaita make whole, with lists and buttons that nobody else can name.
NOT_OURS = {"Keyboard Shortcuts", "About"}


def nameless(app):
    """Widgets that can be focused, and all buttons, that have no name, each with its parents' names."""
    found = []
    for node in app.nodes():
        role = node.get_role_name()
        focusable = node.get_state_set().contains(app.atspi.StateType.FOCUSABLE)
        if (focusable or role.endswith("button")) and role not in BY_CONTENT and app.is_drawn(node):
            name = app.name(node)
            parents = [app.name(parent) for parent in app.parents(node)]
            if (not name or name.startswith(TYPES)) and not NOT_OURS.intersection(parents):
                found.append((role, name, parents))
    return found


@pytest.fixture(scope="module")
def tunnel(app, host, peer):
    """One that is open, with a program in it, and an application to launch."""
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "calculator.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=A Calculator\nExec=true\n")
    host.import_profile("work", peer.profile())
    assert host.wg_wrap("up", "work").returncode == 0
    assert host.gdbus("Manager", "Launch", "work", "['sleep', '600']", "{}").returncode == 0
    app.find("push button", "Stop sleep")


def test_nothing_on_the_first_page_is_without_a_name(app):
    app.find("label", "One Program in a Tunnel")
    assert nameless(app) == []


def test_nothing_on_the_page_of_a_tunnel_is_without_a_name(app, tunnel):
    app.find("list item", "work")
    assert nameless(app) == []


def test_nothing_about_a_launch_is_without_a_name(app, tunnel):
    app.do("push button", "Launch…")
    app.do("push button", "How A Calculator is launched")
    app.find("label", "Only the network is its own")
    nameless_details = nameless(app)
    app.close("frame", "Launch in Tunnel")
    assert nameless_details == []


@pytest.mark.parametrize("menu,item,window", [
    ("Tunnel Menu", "Launch a Program…", "Launch in Tunnel"),
    ("Tunnel Menu", "Is This Really in the Tunnel?", "Leak Check"),
    ("Tunnel Menu", "Log", "Log"),
    ("Tunnel Menu", "Show QR Code", "QR Code"),
    ("Tunnel Menu", "Edit…", "Edit Profile"),
    ("Tunnel Menu", "Rename…", "Rename the Tunnel"),
    ("Tunnel Menu", "Duplicate…", "Duplicate the Tunnel"),
    ("Main Menu", "Preferences", "Preferences"),
    ("Main Menu", "Diagnostics", "Diagnostics"),
    ("Main Menu", "Keyboard Shortcuts", "Keyboard Shortcuts"),
    ("Main Menu", "About Tunnels", "About"),
])
def test_nothing_in_a_dialog_is_without_a_name(app, tunnel, screen, menu, item, window):
    app.do("push button", menu)
    app.find("menu item", item)
    in_menu = nameless(app)
    app.do("menu item", item)
    app.find("frame", window)
    screen.picture(f"dialog-{window.lower().replace(' ', '-')}")
    in_window = nameless(app)
    app.close("frame", window)
    assert (in_menu, in_window) == ([], [])
