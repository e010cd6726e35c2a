# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions for file managers that take a command: their files by the managers' rules, and what their
command does, run as the managers run it."""
import configparser
import os
import pathlib

import pytest
from gi.repository import GLib

import rig
from driver import Application
from programs import inside, told

DIRECTORY = pathlib.Path(os.environ["WG_WRAP_TEST_ACTIONS"])
# file: (group, its required keys and values; None: whatever), from the managers' documentation
RULES = {
    "wg-wrap.nemo_action": [
        ("Nemo Action", {"Name": None, "Exec": None, "Selection": "notnone", "Extensions": "any;",
                         "Quote": "double", "Dependencies": "wg-wrap-gtk;"})],
    "wg-wrap-dolphin.desktop": [
        ("Desktop Entry", {"Type": "Service", "ServiceTypes": "KonqPopupMenu/Plugin",
                           "MimeType": "all/all;", "Actions": "openInTunnel;"}),
        ("Desktop Action openInTunnel", {"Name": None, "Exec": None})],
    "wg-wrap-actions.desktop": [
        ("Desktop Entry", {"Type": "Action", "Name": None, "Profiles": "open;"}),
        ("X-Action-Profile open", {"MimeTypes": "*;", "Exec": None})],
}
NAMES = ["plain.txt", "a 'b' \"c\" $(d) %U.txt"]


def read(name):
    parser = configparser.RawConfigParser(delimiters="=", strict=True)
    parser.optionxform = str
    parser.read_string((DIRECTORY / name).read_text(encoding="utf-8"))
    return parser


def test_the_menu_has_the_name():
    """PCManFM writes an action's tooltip there, where there is one."""
    entry = read("wg-wrap-actions.desktop")["Desktop Entry"]
    assert entry["Name"] == "Open in Tunnel…" and "Tooltip" not in entry


def command(name, uris):
    """Its Exec with %U replaced, each URI quoted, and split: what all three do."""
    group = RULES[name][-1][0]
    line = read(name).get(group, "Exec")
    line = line.replace("%U", " ".join(GLib.shell_quote(uri) for uri in uris))
    return GLib.shell_parse_argv(line)[1]


class Opener(Application):
    """wg-wrap-gtk, begun by an action."""

    def start(self, *uris, name="wg-wrap.nemo_action"):
        return self.host.popen(*command(name, uris), env=self.environment, stdout=self.host.log,
                               stderr=self.host.log)


@pytest.fixture(scope="module")
def uris(host):
    for name in NAMES:
        (host.home / name).write_text("text\n")
    return [(host.home / name).as_uri() for name in NAMES]


@pytest.fixture(scope="module")
def app(host, screen, viewer, uris):
    gui = pathlib.Path(os.environ["WG_WRAP_TEST_GUI"]).parent

    class First(Opener):
        def start(self, *given, **options):
            return super().start(*(given or uris), **options)
    made = First(host, screen, PATH=f"{gui}:{host.environment['PATH']}")
    yield made
    made.stop()


@pytest.mark.parametrize("name", RULES)
def test_an_action_keeps_its_managers_rules(name):
    parser = read(name)
    for group, keys in RULES[name]:
        for key, value in keys.items():
            assert parser.has_option(group, key), (group, key)
            assert value in (None, parser.get(group, key))
    line = parser.get(RULES[name][-1][0], "Exec")
    assert line.split() == ["wg-wrap-gtk", "--open", "%U"]
    text = (DIRECTORY / name).read_text(encoding="utf-8")
    assert GLib.KeyFile().load_from_data(text, len(text.encode()), GLib.KeyFileFlags.NONE)


def test_without_a_tunnel_the_application_says_how_to_go_on(app, screen):
    app.find("label", "One Program in a Tunnel")


@pytest.mark.parametrize("name", RULES)
def test_each_action_opens_the_files_inside(app, host, peer, viewer, uris, name):
    if host.wg_wrap("profile", "show", "work").returncode != 0:
        host.import_profile("work", peer.profile(dns=peer.INSIDE4))
        app.find("label", "192.0.2.2:51820")
    assert app.start(*uris, name=name).wait(rig.TIMEOUT) == 0
    assert set(told(viewer, 2)) == {os.fsencode(host.home / file) for file in NAMES}
    inside(host, "work", "Viewer")


def test_with_one_tunnel_no_window_is_needed(app, host, viewer, uris):
    app.stop()
    app.process = app.start(uris[0])
    assert told(viewer) == [os.fsencode(host.home / NAMES[0])]
    assert app.process.wait(rig.TIMEOUT) == 0


def test_with_several_tunnels_it_asks(app, host, peer, viewer, uris, screen):
    host.import_profile("home", peer.profile(dns=peer.INSIDE4))
    app.process = app.start(*uris)
    app.find("label", "Open in Which Tunnel?")
    app.find("label", "2 files")
    screen.picture("open-files")
    app.do("push button", "Open")
    assert len(told(viewer, 2)) == 2
    inside(host, "home", "Viewer")
