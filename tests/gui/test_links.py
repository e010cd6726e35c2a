# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences' page about links: rules, and whether the desktop asks for them."""
import pytest

import rig
from test_accessibility import nameless

OURS = "org.wgwrap.WgWrap.Links.desktop"
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nExec=true %u\n" \
    "MimeType=x-scheme-handler/http;x-scheme-handler/https;"


@pytest.fixture(scope="module", autouse=True)
def desktop(host, peer):
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "browser.desktop").write_text(ENTRY.format(name="Browser"))
    (applications / OURS).write_text(ENTRY.format(name="Open in Tunnel"))
    (host.home / ".config").mkdir()
    (host.home / ".config/mimeapps.list").write_text(
        "[Default Applications]\nx-scheme-handler/http=browser.desktop\n"
        "x-scheme-handler/https=browser.desktop\n")
    for name in ("home", "work"):
        host.import_profile(name, peer.profile())


def link(host, *arguments):
    return host.check(host.programs / "wg-wrap", "link", *arguments)


def click(app, screen, node):
    place = node.get_extents(app.atspi.CoordType.WINDOW)
    screen.click(place.x + place.width // 2, place.y + place.height // 2)


def labels(app):
    return [app.name(node) for node in app.nodes("label", app.find("frame", "Preferences"))
            if app.is_drawn(node)]


@pytest.fixture(scope="module")
def page(app, screen):
    app.find("list item", "work")
    app.do("push button", "Main Menu")
    app.do("menu item", "Preferences")
    window = app.find("frame", "Preferences")
    click(app, screen, rig.wait_for(lambda: next(
        (node for node in app.nodes("label", window)
         if app.name(node) == "Links" and app.is_drawn(node)), None), "the switch"))
    rig.wait_for(lambda: "There is no rule yet." in labels(app), "the page")


def type_host(app, words):
    app.type("text", "Host", words)


def test_what_is_no_host_is_said_beside_it(app, host, screen, page):
    assert not app.is_sensitive("push button", "Add the Rule")
    type_host(app, "no host")
    app.do("push button", "Add the Rule")
    app.find("alert", "“no host” is no pattern for hosts.")
    screen.picture("links-error")
    assert link(host, "list", "--json") == "{}"


def test_a_rule_is_added_by_keys(app, host, screen, page):
    type_host(app, "*.Corp.example")
    screen.press("Preferences", "Return")
    rig.wait_for(lambda: "*.corp.example" in labels(app), "the rule")
    assert "home" in link(host, "list")


def test_what_is_changed_elsewhere_is_seen_on_coming_back(app, host, screen, page):
    link(host, "add", "wiki.example.com", "work")
    screen.leave()
    screen.press("Preferences", "Tab")
    rig.wait_for(lambda: "wiki.example.com" in labels(app), "the other rule")
    link(host, "remove", "wiki.example.com")
    screen.leave()
    screen.press("Preferences", "Tab")
    rig.wait_for(lambda: "wiki.example.com" not in labels(app), "its end")
    screen.picture("links")


def test_nothing_on_the_page_is_without_a_name(app, page):
    assert [found for found in nameless(app) if "Preferences" in found[2]] == []


def test_a_rule_is_removed(app, host, page):
    app.do("push button", "Remove the Rule: *.corp.example")
    rig.wait_for(lambda: "*.corp.example" not in labels(app), "its end")
    assert "corp" not in link(host, "list")


def test_the_desktop_is_told_to_ask_and_told_to_stop(app, host, screen, page):
    assert link(host, "default") == "off"
    app.do("check box", "Open links by these rules")
    rig.wait_for(lambda: link(host, "default") == "on", "the choice")
    assert link(host, "browser") == "browser.desktop"
    screen.picture("links-on")
    app.do("check box", "Open links by these rules")
    rig.wait_for(lambda: link(host, "default") == "off", "the choice")
    assert "https=browser.desktop" in (host.home / ".config/mimeapps.list").read_text()
