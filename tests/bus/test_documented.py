# SPDX-License-Identifier: GPL-3.0-or-later
"""Each `gdbus call` line of the documentation is run by a shell as it stands there, in the order in
which it stands there, and has the effect that it says."""
import os
import pathlib
import re
import textwrap

import pytest

import rig

SOURCE = pathlib.Path(os.environ["WG_WRAP_TEST_SOURCE"])
BASE = "/org/wgwrap/WgWrap1"
ENTRY = """\
[Desktop Entry]
Type=Application
Name=Viewer
Exec={viewer} %u
MimeType=x-scheme-handler/https;
"""


def documented():
    """(method, line) of the interfaces' documentation."""
    for name in ("Manager", "Profile", "Session"):
        text = (SOURCE / f"dbus/org.wgwrap.WgWrap1.{name}.xml").read_text()
        for line in re.findall(r"\|\[\s*(gdbus call .*?)\s*\]\|", text, re.S):
            yield re.search(r"-m org\.wgwrap\.WgWrap1\.(\w+\.\w+)", line)[1], line


def in_readme():
    text = (SOURCE / "README.md").read_text()
    return [textwrap.dedent(block) for block in re.findall(r"^    gdbus call (?:.*\\\n)*.*\n", text, re.M)]


class User:
    """Who reads the documentation: has two configurations, an application, and a shell."""

    def __init__(self, host, peer):
        self.host, self.peer = host, peer
        self.shown = host.home / "shown"
        self.kept = host.home / ".local/share/wg-wrap/private/work/viewer"
        self.kept.mkdir(parents=True)
        self.pid = None
        viewer = host.home / "viewer"
        viewer.write_text(f'#!/bin/sh\n{{ readlink /proc/self/ns/net; echo "$1"; }} >{self.shown}\n')
        viewer.chmod(0o700)
        applications = host.home / ".local/share/applications"
        applications.mkdir(parents=True)
        (applications / "org.example.Viewer.desktop").write_text(ENTRY.format(viewer=viewer))
        (host.home / ".config").mkdir(exist_ok=True)
        (host.home / ".config/mimeapps.list").write_text(
            "[Default Applications]\nx-scheme-handler/https=org.example.Viewer.desktop\n")
        (host.home / "work.conf").write_text(peer.profile(dns=peer.INSIDE4))
        (host.home / "home.conf").write_text(f"[Interface]\nPrivateKey = {rig.genkey()[0]}\n")

    def run(self, line, **options):
        environment = {**self.host.environment, "PID": str(self.pid)}
        done = self.host.run("bash", "-c", line, env=environment, **options)
        assert done.returncode == 0, (line, done.stderr, self.host.read_log())
        return done.stdout

    def property(self, interface, name, path=BASE):
        return self.host.check("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", path, "-m",
                               "org.freedesktop.DBus.Properties.Get",
                               f"org.wgwrap.WgWrap1.{interface}", name)

    def programs(self):
        return re.findall(r"(\d+), '", self.property("Session", "Programs", BASE + "/sessions/work"))

    def profiles(self):
        return self.host.wg_wrap("profile", "list").stdout

    def saw(self, uri):
        """Inside: not in the network namespace of the host, that is ours."""
        space, shown = rig.wait_for(lambda: self.shown.exists() and
                                    len(text := self.shown.read_text().splitlines()) == 2 and text,
                                    "the viewer")
        self.shown.unlink()
        return shown == uri and space != os.readlink("/proc/self/ns/net")

    def has_started(self, output):
        self.pid = re.search(r"uint32 (\d+)", output)[1]
        return self.pid in self.programs() and \
            os.readlink(f"/proc/{self.pid}/ns/net") != os.readlink("/proc/self/ns/net")


def is_gone(user, pid):
    return rig.wait_for(lambda: pid not in user.programs(), "the program's end") or True


# What is to be seen of a line's effect; the argument is what gdbus printed.
CHECKS = {
    "Manager.ImportProfile": lambda user, out: "profiles/work'" in out and "work" in user.profiles(),
    "Manager.ImportFile": lambda user, out: "profiles/home'" in out and "home" in user.profiles(),
    "Manager.CheckConfig": lambda user, out: re.match(r"\(\[\(uint32 1, uint32 1, 'warning', 'no-private-key', ", out),
    "Manager.GenerateKey": lambda user, out: rig.sh(
        "wg", "pubkey", input=out.split("'")[1]) == out.split("'")[3],
    "Manager.Launch": lambda user, out: user.has_started(out),
    "Manager.LaunchApp": lambda user, out: user.saw("https://example.com/"),
    "Manager.OpenUris": lambda user, out: user.saw("https://example.com/"),
    "Manager.Join": lambda user, out: re.match(r"\(objectpath '.*/sessions/work', handle 0\)", out),
    "Manager.AddLinkRule": lambda user, out: "'*.corp.example': 'work'" in user.property(
        "Manager", "LinkRules"),
    "Manager.RouteLink": lambda user, out: out == "('work', '')\n",
    "Manager.RemoveLinkRule": lambda user, out: "corp" not in user.property("Manager", "LinkRules"),
    "Manager.ListPrivateData": lambda user, out: "'recipe': <'viewer'>" in out and "<false>" in out,
    "Manager.RemovePrivateData": lambda user, out: not user.kept.exists(),
    "Manager.StartDemo": lambda user, out: "profiles/demo', 'http://10.99.0.1/'" in out and
    "demo" in user.profiles(),
    "Manager.Diagnose": lambda user, out: out.count("(") == 14 and "'Namespaces', true" in out,
    "Manager.Examine": lambda user, out: out.count("(") == 14 and
    "('namespaces', 'Namespaces', true" in out,
    "Profile.GetConfig": lambda user, out: "PrivateKey = (hidden)" in out and
    user.peer.client_private not in out and user.peer.public in out,
    "Profile.Update": lambda user, out: "true" in user.property(
        "Profile", "Valid", BASE + "/profiles/work"),
    "Profile.Compare": lambda user, out: out == "(@as [],)\n",
    "Profile.Rename": lambda user, out: "flat" in user.profiles() and "home" not in user.profiles(),
    "Profile.Remove": lambda user, out: "flat" not in user.profiles() and "work" in user.profiles(),
    "Profile.Open": lambda user, out: "true" in user.property(
        "Session", "Held", BASE + "/sessions/work"),
    "Profile.DescribeLaunch": lambda user, out: "'bus': <'shared'>" in out and "'recipe': <''>" in out and
    "'running-outside': <false>" in out and "'launcher': <''>" in out,
    "Profile.CreateLauncher": lambda user, out: "Viewer (work)" in
    pathlib.Path(out.split("'")[1]).read_text(),
    "Profile.RemoveLauncher": lambda user, out: os.listdir(
        user.host.home / ".local/share/applications") == ["org.example.Viewer.desktop"],
    "Profile.SetLocalPorts": lambda user, out: "[uint16 5432, 8080]" in user.property(
        "Profile", "ForwardedPorts", BASE + "/profiles/work"),
    "Profile.SetTunnelDns": lambda user, out: "['10.0.0.1']" in user.property(
        "Profile", "TunnelDns", BASE + "/profiles/work"),
    "Profile.SetBus": lambda user, out: "'private'" in user.property(
        "Profile", "Bus", BASE + "/profiles/work"),
    "Profile.SetAddressPage": lambda user, out: "http://10.6.0.1/" in user.property(
        "Profile", "AddressPage", BASE + "/profiles/work"),
    "Profile.SetAutostart": lambda user, out: "true" in user.property(
        "Profile", "Autostart", BASE + "/profiles/work"),
    "Profile.GetLog": lambda user, out: "'info', 'Connected.')" in out and
    "joined" in out and "launched" in out and user.peer.client_private not in out,
    "Session.Launch": lambda user, out: user.has_started(out),
    "Session.Signal": lambda user, out: is_gone(user, user.pid),
    "Session.Reconnect": lambda user, out: out == "()\n",
    "Session.Check": lambda user, out: out.count("(") == 12 and "false" not in out,
    "Session.Examine": lambda user, out: out.count("(") == 12 and "('way-out', 'Way out', true" in out,
    "Session.Close": lambda user, out: user.host.status("work") is None and
    user.host.sessions() == [],
}


@pytest.fixture
def user(host, peer):
    return User(host, peer)


def test_each_line_of_the_interfaces_does_what_it_says(user):
    lines = list(documented())
    assert [method for method, _ in lines] == list(CHECKS)
    for method, line in lines:
        output = user.run(line)
        assert CHECKS[method](user, output), (line, output)


def test_the_line_of_the_readme_does_what_it_says(user):
    line, = in_readme()
    user.host.import_profile("work", user.peer.profile())
    assert re.match(r"\(objectpath '/org/wgwrap/WgWrap1/sessions/work', uint32 \d+\)",
                    user.run(line))


def test_each_method_has_its_line():
    for name in ("Manager", "Profile", "Session"):
        text = (SOURCE / f"dbus/org.wgwrap.WgWrap1.{name}.xml").read_text()
        for method in re.findall(r'<method name="(\w+)"', text):
            assert f"{name}.{method}" in CHECKS


def test_the_objects_are_what_the_files_say(host, work):
    host.check(host.programs / "wg-wrap", "up", work)
    for name, path in (("Manager", BASE), ("Profile", BASE + "/profiles/work"),
                       ("Session", BASE + "/sessions/work")):
        live = host.check("gdbus", "introspect", "-e", "-x", "-d", "org.wgwrap.WgWrap1", "-o", path)
        live = live[live.index(f'<interface name="org.wgwrap.WgWrap1.{name}">'):]
        live = live[:live.index("</interface>")]
        text = (SOURCE / f"dbus/org.wgwrap.WgWrap1.{name}.xml").read_text()
        for kind in ("method", "signal", "property"):
            assert sorted(re.findall(rf'<{kind} [^>]*name="(\w+)"', live)) == \
                sorted(re.findall(rf'<{kind} [^>]*name="(\w+)"', text))
