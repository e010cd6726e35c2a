# SPDX-License-Identifier: GPL-3.0-or-later
"""wg-wrap link: where a link is opened, by whom, and that what belongs inside is never opened outside."""
import pathlib
import time

import pytest
from gi.repository import GLib

from fake_service import Refusal

OURS = "org.wgwrap.WgWrap.Links.desktop"
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nExec={command}\n" \
    "MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n"
SCRIPT = "#!/bin/sh\nprintf '%s\\n' {name} \"$@\" >>{out}\n"
LINK = "https://wiki.corp.example/a?b=%20c&d='$(id)'"


class Desktop:
    def __init__(self, home, service):
        self.home, self.service = home, service
        self.user = home.directory / "home"
        self.out = home.directory / "out"
        self.applications = self.user / ".local/share/applications"
        self.applications.mkdir(parents=True)
        (self.user / ".config").mkdir()
        for name in ("browser", "wg-wrap-gtk"):
            program = home.programs / name
            program.write_text(SCRIPT.format(name=name, out=self.out))
            program.chmod(0o700)
        home.environment["PATH"] = f"{home.programs}:{home.environment['PATH']}"
        self.entry("browser.desktop", "browser %u")
        self.entry(OURS, "wg-wrap link open %U")
        self.be_default(OURS)
        self.route("")

    def entry(self, name, command):
        (self.applications / name).write_text(ENTRY.format(name=name, command=command))

    def be_default(self, name):
        (self.user / ".config/mimeapps.list").write_text("[Default Applications]\n" + "".join(
            f"{kind}={name}\n"
            for kind in ("x-scheme-handler/http", "x-scheme-handler/https", "text/html")))

    def default(self):
        text = (self.user / ".config/mimeapps.list").read_text().partition("[Added")[0]
        return {line.partition("=")[2].rstrip(";\n") for line in text.splitlines() if "scheme" in line}

    def route(self, profile, browser="browser.desktop"):
        self.service.answers["Manager.RouteLink"] = lambda path, arguments: GLib.Variant(
            "(ss)", (profile, "" if profile else browser))

    def ran(self):
        deadline = time.monotonic() + 30
        while not self.out.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self.out.read_text().splitlines()


@pytest.fixture
def desktop(home, service):
    return Desktop(home, service)


def calls(service, name):
    return [arguments for method, arguments in service.calls if method == name]


def test_rules_are_listed_added_and_removed(home, service):
    done = home.run("link", "list")
    assert done.returncode == 0 and "wg-wrap link add" in done.stdout
    service.change("/org/wgwrap/WgWrap1", LinkRules={"*.corp.example": "work", "a.example": "home"})
    assert home.run("link", "list").stdout.split() == \
        ["HOST", "PROFILE", "*.corp.example", "work", "a.example", "home"]
    assert '"a.example" : "home"' in home.run("link", "list", "--json").stdout
    for verb in ("add", "remove"):
        service.answers[f"Manager.{verb.title()}LinkRule"] = lambda path, arguments: None
    assert home.run("link", "add", "*.corp.example", "work").returncode == 0
    assert home.run("link", "remove", "*.corp.example").returncode == 0
    assert service.calls == [("Manager.AddLinkRule", ("*.corp.example", "work")),
                             ("Manager.RemoveLinkRule", ("*.corp.example",))]
    assert home.run("link", "add", b"\xff", "work").returncode == 2


def test_a_link_of_a_tunnel_opens_inside(desktop, home, service):
    desktop.route("work")
    service.answers["Manager.OpenUris"] = lambda path, arguments: None
    assert home.run("link", "open", LINK).returncode == 0
    assert calls(service, "Manager.RouteLink") == [(LINK,)]
    assert [call[:2] for call in calls(service, "Manager.OpenUris")] == [("work", [LINK])]
    assert not desktop.out.exists()


@pytest.mark.parametrize("name, message", [
    ("NoSuchProfile", "There is no profile “work”."), ("HandshakeTimeout", "The peer does not answer."),
    ("NamespacesUnavailable", "There are no user namespaces.")])
def test_it_never_opens_outside_because_the_tunnel_does_not(desktop, home, service, name, message):
    desktop.route("work")

    def refuse(path, arguments):
        raise Refusal(name, message)
    service.answers["Manager.OpenUris"] = refuse
    done = home.run("link", "open", LINK, LINK)
    assert (done.returncode, done.stderr) == (1, 2 * f"wg-wrap: {message}\n")
    time.sleep(0.3)
    assert not desktop.out.exists()


def test_nor_because_the_service_is_not_there(desktop, home, service):
    service.stop()
    assert home.run("link", "open", LINK).returncode == 1
    time.sleep(0.3)
    assert not desktop.out.exists()


def test_what_no_rule_is_for_opens_outside(desktop, home, service):
    assert home.run("link", "open", LINK).returncode == 0
    assert desktop.ran() == ["browser", LINK]
    assert not calls(service, "Manager.OpenUris")


def test_a_file_too(desktop, home):
    page = desktop.user / "a 'b' %u.html"
    page.write_text("<html></html>")
    assert home.run("link", "open", str(page)).returncode == 0
    assert desktop.ran() == ["browser", str(page)]


def test_who_was_chosen_for_one_link_asks_for_the_tunnel(desktop, home):
    """Not the default: “Open With” is “Open in Tunnel”, which must not mean outside."""
    desktop.be_default("browser.desktop")
    assert home.run("link", "open", LINK).returncode == 0
    assert desktop.ran() == ["wg-wrap-gtk", "--open", LINK]


def test_without_the_application_to_ask_it_says_what_to_do(desktop, home):
    desktop.be_default("browser.desktop")
    (home.programs / "wg-wrap-gtk").unlink()
    done = home.run("link", "open", LINK)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "Install wg-wrap-gtk" in done.stderr and "wg-wrap open PROFILE" in done.stderr


@pytest.mark.parametrize("browser", [OURS, "again.desktop"])
def test_a_link_does_not_come_back_for_ever(desktop, home, service, browser):
    desktop.entry("again.desktop", "wg-wrap link open %u")
    desktop.route("", browser)
    done = home.run("link", "open", LINK)
    assert done.returncode == (1 if browser == OURS else 0)
    time.sleep(0.5)
    assert len(calls(service, "Manager.RouteLink")) == (1 if browser == OURS else 2)
    assert not desktop.out.exists()


def test_to_be_the_default_and_to_be_it_no_more(desktop, home, service):
    desktop.be_default("browser.desktop")
    assert home.run("link", "default").stdout == "off\n"
    assert home.run("link", "default", "on").returncode == 0
    assert calls(service, "Set.Browser") == [("browser.desktop",)]
    assert desktop.default() == {OURS}
    assert home.run("link", "default").stdout == "on\n"
    assert home.run("link", "default", "on").returncode == 0
    assert calls(service, "Set.Browser") == [("browser.desktop",)]
    assert home.run("link", "default", "off").returncode == 0
    assert desktop.default() == {"browser.desktop"}
    assert home.run("link", "default", "maybe").returncode == 2


def test_the_browser_is_told_and_set(desktop, home, service):
    assert home.run("link", "browser").stdout == "browser.desktop\n"
    assert home.run("link", "browser", "browser.desktop").returncode == 0
    assert calls(service, "Set.Browser") == [("browser.desktop",)]
    for wrong in (OURS, "gone.desktop"):
        assert home.run("link", "browser", wrong).returncode == 2


def test_the_entry_is_what_the_desktop_runs(desktop):
    text = (pathlib.Path(__file__).parents[2] / "data" / f"{OURS}.in").read_text()
    assert "\nExec=wg-wrap link open %U\n" in text
    assert "\nMimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n" in text
