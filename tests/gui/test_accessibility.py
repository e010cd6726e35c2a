# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page and every dialog, as a screen reader walks it: what the keyboard can reach has a name; on a
phone nothing of it is beyond the edges; and nothing of it is left when it is closed."""
import contextlib
import time

import pytest

import rig
from driver import Application

# Named by what is in it: GTK makes it focusable to scroll it by keys.
BY_CONTENT = {"scroll pane"}
# What GTK calls a widget that nobody has named, is its type.
TYPES = ("Gtk", "Adw", "Wgw")
# Windows that GTK and libadwaita make whole, with lists and buttons that nobody else can name.
NOT_OURS = {"Keyboard Shortcuts", "About"}
# Of a phone; and what GTK draws around a window where there is no window manager, on both sides.
WIDTH, HEIGHT, BORDERS = 360, 640, 10
# GTK's own, which scrolls to either side.
WIDER = {"Keyboard Shortcuts"}


def is_said_twice(name):
    half = len(name) // 2
    return bool(name) and name[:half] == name[half + 1:]


def nameless(app, inside=None):
    """Widgets that can be focused, and all buttons, that have no name, or have it twice or with a
    mnemonic's underscore, each with its parents' names."""
    found = []
    for node in app.nodes(inside=inside):
        role = node.get_role_name()
        focusable = node.get_state_set().contains(app.atspi.StateType.FOCUSABLE)
        if (focusable or role.endswith("button")) and role not in BY_CONTENT and app.is_drawn(node):
            name = node.get_name()
            parents = [app.name(parent) for parent in app.parents(node)]
            if (not name or name.startswith(TYPES) or "_" in name or is_said_twice(name)) and not NOT_OURS.intersection(parents):
                found.append((role, name, parents))
    return found


def beyond(app, screen, title):
    """What does not fit a phone: a window, or what is drawn to the left or right of it."""
    if title in WIDER:
        return []
    screen.xdotool("search", "--onlyvisible", "--name", f"^{title}$", "windowsize", WIDTH + BORDERS,
                   HEIGHT + BORDERS)
    frame = app.find("frame", title)
    found = []
    for node in app.nodes(inside=frame):
        try:
            place = node.get_extents(app.atspi.CoordType.WINDOW)
            drawn = place.width > 0 and node.get_state_set().contains(app.atspi.StateType.SHOWING)
        except app.errors:  # it has no place, or is gone
            continue
        if drawn and not 0 <= place.x <= WIDTH - place.width or node == frame and place.height > HEIGHT:
            found.append((node.get_role_name(), app.name(node), place.x, place.width, place.height))
    return found


def counted(app):
    """What is our own, and the text of a profile. Of the others, libadwaita 1.2 keeps what is in the
    preferences."""
    return {name: number for name, number in app.census().items()
            if name.startswith(("Wgw", "GtkSource"))}


@contextlib.contextmanager
def nothing_left(app):
    """Of a window that is closed meanwhile."""
    before = counted(app)
    yield
    left = {}

    def is_gone():
        left.clear()
        left.update({name: number for name, number in counted(app).items()
                     if number > before.get(name, 0)})
        return not left
    try:
        rig.wait_for(is_gone, "the end of all widgets")
    except AssertionError as error:
        raise AssertionError(f"{error}: {left}, where there were {before}") from None


@pytest.fixture(scope="module")
def app(host, screen):
    """To whom what is freed is garbage at once."""
    made = Application(host, screen, G_SLICE="always-malloc", MALLOC_PERTURB_="165")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def tunnel(app, host, peer):
    """One that is open, with a program in it and data that is kept, and an application to launch."""
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "calculator.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=A Calculator\nExec=true\n")
    (host.home / ".local/share/wg-wrap/private/work/firefox").mkdir(parents=True)
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


def test_nothing_about_a_launch_is_without_a_name_or_beyond_the_edges(app, tunnel, screen):
    app.do("push button", "Launch…")
    app.do("push button", "How A Calculator is launched")
    app.find("label", "Only the network is its own")
    nameless_details = nameless(app, app.find("frame", "Launch in Tunnel"))
    beyond_details = beyond(app, screen, "Launch in Tunnel")
    app.close("frame", "Launch in Tunnel")
    assert (nameless_details, beyond_details) == ([], [])


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
def test_nothing_in_a_dialog_is_without_a_name_or_beyond_the_edges_or_left(app, tunnel, screen, menu, item, window):
    with nothing_left(app):
        app.do("push button", menu)
        app.find("menu item", item)
        in_menu = nameless(app, app.find("push button", menu))
        app.do("menu item", item)
        frame = app.find("frame", window)
        screen.picture(f"dialog-{window.lower().replace(' ', '-')}")
        in_window = nameless(app, frame)
        outside = beyond(app, screen, window)
        app.close("frame", window)
    assert (in_menu, in_window, outside) == ([], [], [])


def test_nothing_on_another_page_of_the_preferences_is_without_a_name(app, tunnel, screen):
    app.do("push button", "Main Menu")
    app.do("menu item", "Preferences")
    window, found = app.find("frame", "Preferences"), []
    for page, role, what in (("Tunnels", "spin button", "Stays for so many seconds"), ("Links", "text", "Host")):
        place = app.find("page tab", page).get_extents(app.atspi.CoordType.WINDOW)
        screen.click(place.x + place.width // 2, place.y + place.height // 2)
        rig.wait_for(lambda: app.is_drawn(app.find(role, what)), page)
        found += nameless(app, window)
    app.close("frame", "Preferences")
    assert found == []


def test_nothing_in_an_imports_summary_or_a_question_is_without_a_name(app, host, tunnel):
    (host.home / "broken.conf").write_text("[Interface]\nPrivateKey = none\n")
    assert app.start(host.home / "broken.conf").wait(rig.TIMEOUT) == 0
    app.find("list item", "broken.conf: Line 2")
    in_summary = nameless(app, app.find("frame", "Import Finished"))
    app.close("frame", "Import Finished")
    app.do("check box", "Tunnel open")
    app.find("label", "Close the Tunnel?")
    in_question = nameless(app)
    app.do("push button", "Cancel")
    assert (in_summary, in_question) == ([], [])


def test_what_is_typed_into_has_the_focus(app, tunnel, screen):
    """So that a screen reader says where one is, and what is typed."""
    screen.press("Tunnels", "F2")
    rig.wait_for(lambda: any(node.get_state_set().contains(app.atspi.StateType.FOCUSED)
                             for node in app.nodes("text") if app.name(node) == "Name"), "the focus")
    app.close("frame", "Rename the Tunnel")


def test_a_rows_second_line_is_said_with_it(app, tunnel):
    assert app.find("list item", "Addresses").get_description() == "10.6.0.2/32\nfd06::2/128"
    assert app.find("list item", "sleep").get_description().startswith("Started ")
    assert app.find("combo box", "D-Bus of launched programs").get_description() == "As in Preferences"


def test_the_graph_is_described_but_not_with_every_sample(app, host, peer, tunnel):
    """Which may all be read aloud."""
    script = f"while :; do for size in 100 400 700; do ping -c 1 -s $size {peer.INSIDE4}; sleep 0.5; done; done"
    assert host.gdbus("Manager", "Launch", "work", f"['sh', '-c', '{script}']", "{}").returncode == 0
    labels, descriptions = set(), set()
    app.wait_for(lambda: "Receiving" in app.find("image", "Throughput").get_description(), "image", "Throughput")
    graph = app.find("image", "Throughput")
    label = rig.wait_for(lambda: app.look("label", "↓"), "the rate")

    def has_moved():
        labels.add(app.name(label))
        descriptions.add(graph.get_description())
        time.sleep(0.1)
        return len(labels) > 4
    rig.wait_for(has_moved, "a rate that changes")
    assert len(descriptions) <= 2, descriptions
    app.wait_for(lambda: "receiving 0 bytes/s" not in graph.get_description().lower(), "image", "Throughput")


def test_a_state_that_changes_is_said_where_one_may_be(app, host, tunnel):
    def said():
        row = next(node for node in app.nodes("list item") if app.name(node) == "work")
        return {row.get_description(), app.find("check box", "Tunnel open").get_description()}
    assert said() == {"Connected"}
    assert host.wg_wrap("down", "--force", "work").returncode == 0
    rig.wait_for(lambda: said() == {"Off"}, "the state")


def test_nothing_of_a_tunnel_and_the_list_is_beyond_the_edges(app, host, tunnel, screen):
    assert host.wg_wrap("up", "--wait", "work").returncode == 0
    app.find("label", "Connected")
    assert beyond(app, screen, "Tunnels") == []
    app.do("push button", "Back")
    assert beyond(app, screen, "Tunnels") == []
