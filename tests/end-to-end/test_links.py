# SPDX-License-Identifier: GPL-3.0-or-later
"""Links by rules, with wg-wrap as the desktop's default browser: what a rule names opens inside, the rest
outside with the browser that was the default before, and nothing that belongs inside opens outside."""
import os

import pytest

import rig

OURS = "org.wgwrap.WgWrap.Links.desktop"
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nExec={command}\n" \
    "MimeType=x-scheme-handler/http;x-scheme-handler/https;text/html;\n"
BROWSER = """#!/bin/sh
{{ readlink /proc/self/ns/net; echo "$1"; }} >{out}.new
mv {out}.new {out}
exec sleep 60
"""


class Desktop:
    def __init__(self, host):
        self.host = host
        self.out = host.home / "browser.out"
        browser = host.home / "browser"
        browser.write_text(BROWSER.format(out=self.out))
        browser.chmod(0o700)
        applications = host.home / ".local/share/applications"
        applications.mkdir(parents=True)
        (applications / "browser.desktop").write_text(ENTRY.format(name="Browser",
                                                                   command=f"{browser} %u"))
        (applications / OURS).write_text(
            ENTRY.format(name="Open in Tunnel", command=f"{host.programs}/wg-wrap link open %U"))
        (host.home / ".config").mkdir(exist_ok=True)
        (host.home / ".config/mimeapps.list").write_text(
            "[Default Applications]\nx-scheme-handler/http=browser.desktop\n"
            "x-scheme-handler/https=browser.desktop\n")
        self.notes = host.directory / "notes"
        with open(self.notes, "w", encoding="utf-8") as file:
            self.daemon = host.popen("/usr/bin/python3", "-m", "dbusmock", "--session", "--template",
                                     "notification_daemon", stdout=file, stderr=host.log)
        rig.wait_for(lambda: "true" in host.check(
            "gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus", "-m",
            "org.freedesktop.DBus.NameHasOwner", "org.freedesktop.Notifications"), "notifications")

    def check(self, *arguments):
        return self.host.check(self.host.programs / "wg-wrap", "link", *arguments)

    def click(self, uri):
        """As another application has the desktop open a link."""
        child = self.host.popen("gio", "open", uri, stdout=self.host.log, stderr=self.host.log)
        assert child.wait(rig.TIMEOUT) == 0, self.host.read_log()

    def opened(self, uri):
        """The network namespace that the link was opened in."""
        rig.wait_for(self.out.exists, f"{uri}: {self.host.read_log()}")
        network, shown = self.out.read_text().splitlines()
        self.out.unlink()
        assert shown == uri
        return network

    def noted(self, text):
        rig.wait_for(lambda: text in self.notes.read_text(), f"{text}: {self.host.read_log()}")

    def stop(self):
        self.daemon.kill()
        self.daemon.wait(rig.TIMEOUT)


@pytest.fixture
def desktop(host, work):
    made = Desktop(host)
    yield made
    made.stop()


def network_of(host, profile):
    return host.check(host.programs / "wg-wrap", "run", profile, "--", "readlink", "/proc/self/ns/net")


def test_each_link_opens_where_it_belongs(host, peer, desktop):
    host.import_profile("lab", peer.profile())
    desktop.check("add", "*.corp.example", "work")
    desktop.check("add", "*.LAB.corp.example.", "lab")
    desktop.check("default", "on")
    assert desktop.check("browser") == "browser.desktop"
    outside, work, lab = os.readlink("/proc/self/ns/net"), network_of(host, "work"), \
        network_of(host, "lab")
    for uri, network in (("https://wiki.corp.example/a?b=%20c", work),
                         ("http://x.lab.corp.example:8080/", lab),
                         ("https://example.com/", outside),
                         ("http://wiki.corp.example@example.com/", outside),
                         ("https://corp.example.example.com/", outside),
                         ("https://example.com/?wiki.corp.example", outside),
                         ("http://user@wiki.corp.example./", work)):
        desktop.click(uri)
        assert desktop.opened(uri) == network, uri
    # From a program in a tunnel a link that no rule is for stays there.
    inside = host.popen(host.programs / "wg-wrap", "run", "lab", "--", "gio", "open",
                        "https://example.com/", stdout=host.log, stderr=host.log)
    assert inside.wait(rig.TIMEOUT) == 0
    assert desktop.opened("https://example.com/") == lab


def test_what_belongs_inside_fails_rather_than_to_open_outside(host, desktop):
    desktop.check("add", "*.corp.example", "work")
    desktop.check("default", "on")
    for uri in ("http://evil.example\\@wiki.corp.example/", "http:///wiki.corp.example/",
                "http://wiki.corp%2eexample/"):
        done = host.wg_wrap("link", "open", uri)
        assert done.returncode == 1 and "no web link whose host is certain" in done.stderr
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    text = path.read_text()
    path.write_text("[Interface\n")
    rig.wait_for(lambda: "invalid" in host.wg_wrap("profile", "list").stdout, "the edit")
    told = desktop.notes.read_text().count("Link Not Opened")  # of those above
    desktop.click("https://wiki.corp.example/1")
    rig.wait_for(lambda: desktop.notes.read_text().count("Link Not Opened") > told, "another notification")
    path.write_text(text)
    rig.wait_for(lambda: "invalid" not in host.wg_wrap("profile", "list").stdout, "the edit")
    host.check(host.programs / "wg-wrap", "profile", "remove", "work")
    desktop.click("https://wiki.corp.example/2")
    desktop.noted("There is no profile “work”")
    assert not desktop.out.exists()


def test_rules_outlast_the_service_and_follow_a_new_name(host, desktop):
    desktop.check("add", "*.corp.example", "work")
    host.check(host.programs / "wg-wrap", "profile", "rename", "work", "job")
    pid = host.service_pid()
    os.kill(pid, 15)
    rig.wait_for(lambda: host.service_pid() != pid, "its end")
    assert desktop.check("list").split()[2:] == ["*.corp.example", "job"]
    desktop.check("remove", "*.corp.example")
    assert "corp" not in desktop.check("list")
    for wrong in ("*.*", "http://corp.example", "corp.example:80"):
        assert host.wg_wrap("link", "add", wrong, "job").returncode == 1
    assert "There is no profile" in host.wg_wrap("link", "add", "corp.example", "gone").stderr
