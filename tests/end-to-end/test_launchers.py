# SPDX-License-Identifier: GPL-3.0-or-later
"""“Viewer (work)” among the user's applications: started by GIO as a desktop starts it, it runs inside; and
it follows its application and its profile, whether or not the service ran meanwhile."""
import os
import signal

import pytest

import rig

ENTRY = """\
[Desktop Entry]
Type=Application
Name=Viewer
Name[de]=Betrachter
Exec={program} {arguments}
Actions=new-window;

[Desktop Action new-window]
Name=New Window
Exec={program} --new-window
"""
PROGRAM = """#!/bin/sh
{{ readlink /proc/self/ns/net; echo "$WG_WRAP_PROFILE $XDG_ACTIVATION_TOKEN"; printf '%s\\0' "$@"; }} >{out}.new
mv {out}.new {out}
exec sleep 60
"""
HOSTILE = b"-rf %f 'a' \"b\" `id` $(id) \\ ;&|<>*?#~\n\xff.txt"
LAUNCH_URIS = """
import sys
from gi.repository import Gio
info = Gio.DesktopAppInfo.new_from_filename(sys.argv[1])
if sys.argv[2] == "--action":
    info.launch_action(sys.argv[3], None)
else:
    assert info.launch_uris(sys.argv[2:], None)
"""

DRAW = """
import sys, gi
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf
picture = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, 64, 64)
picture.fill(0xff0000ff)
picture.savev(sys.argv[1], "png", [], [])
"""
PIXELS = """
import sys, gi
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf
picture = GdkPixbuf.Pixbuf.new_from_file_at_size(sys.argv[1], 64, 64)
for x, y in (5, 5), (58, 5), (5, 58), (50, 56):
    place = y * picture.get_rowstride() + x * 4
    print(tuple(picture.get_pixels()[place:place + 4]))
"""


class Viewer:
    def __init__(self, host):
        self.host = host
        self.out = host.home / "viewer.out"
        self.program = host.home / "viewer"
        self.program.write_text(PROGRAM.format(out=self.out))
        self.program.chmod(0o700)
        self.applications = host.home / ".local/share/applications"
        self.applications.mkdir(parents=True)
        self.entry = self.applications / "org.example.Viewer.desktop"
        self.write("%U")

    def write(self, arguments, name="Viewer"):
        text = ENTRY.format(program=self.program, arguments=arguments)
        self.entry.write_text(text.replace("Name=Viewer", f"Name={name}"))

    def create(self, profile="work"):
        answer = self.host.gdbus("Profile", "CreateLauncher", self.entry.name,
                                 path=f"/org/wgwrap/WgWrap1/profiles/{profile}")
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.split("'")[1]

    def start(self, *command, **environment):
        """Without waiting for `wg-wrap open`, which listens for some seconds."""
        child = self.host.popen(*command, env={**self.host.environment, **environment},
                                stdout=self.host.log, stderr=self.host.log)
        assert child.wait(rig.TIMEOUT) == 0, self.host.read_log()

    def launchers(self):
        return sorted(path.name.split(".launcher.")[1] for path in self.applications.iterdir()
                      if ".launcher." in path.name)

    def told(self):
        """Its arguments, after it was found to run inside; and the token it was given."""
        rig.wait_for(self.out.exists, f"the viewer: {self.host.read_log()}")
        network, words, rest = self.out.read_bytes().split(b"\n", 2)
        self.out.unlink()
        inside = self.host.wg_wrap("run", "work", "--", "readlink", "/proc/self/ns/net").stdout
        assert network.decode() == inside.strip() != os.readlink("/proc/self/ns/net")
        profile, token = words.decode().split(" ")
        assert profile == "work"
        return rest.split(b"\0")[:-1], token


@pytest.fixture
def viewer(host, work):
    return Viewer(host)


def test_gio_starts_it_inside_with_every_byte_of_a_name(host, viewer):
    launcher = viewer.create()
    file = os.fsencode(host.home) + b"/" + HOSTILE
    second = host.home / "%U '\"`\n"
    for path in (file, second):
        with open(path, "w", encoding="utf-8"):
            pass
    viewer.start("gio", "launch", launcher, file, XDG_ACTIVATION_TOKEN="token-1")
    assert viewer.told() == ([file], "token-1")
    viewer.start("/usr/bin/python3", "-c", LAUNCH_URIS, launcher, "https://h/%22;id;%22$(id)`id`'",
                 second.as_uri())
    assert viewer.told()[0] == [b"https://h/%22;id;%22$(id)`id`'", os.fsencode(second)]
    viewer.start("/usr/bin/python3", "-c", LAUNCH_URIS, launcher, "--action", "new-window")
    assert viewer.told()[0] == [b"--new-window"]


def test_its_icon_is_the_applications_with_an_emblem(host, viewer):
    """As a desktop draws it: red, but for the corner at the lower right."""
    icons = host.home / ".local/share/icons/hicolor/64x64/apps"
    icons.mkdir(parents=True)
    host.check("/usr/bin/python3", "-c", DRAW, icons / "org.example.Viewer.png")
    viewer.entry.write_text(viewer.entry.read_text().replace(
        "Exec=", "Icon=org.example.Viewer\nExec=", 1))
    launcher = viewer.create()
    with open(launcher, encoding="utf-8") as file:
        icon = next(line for line in file if line.startswith("Icon=")).strip()[len("Icon="):]
    pixels = host.check("/usr/bin/python3", "-c", PIXELS, icon).splitlines()
    assert pixels[:3] == ["(255, 0, 0, 255)"] * 3
    assert pixels[3] != "(255, 0, 0, 255)"


def test_a_tunnel_is_opened_at_login(host, work):
    """By what a desktop does with its autostart directory."""
    directory = host.home / ".config/autostart"
    assert host.wg_wrap("autostart", work).stdout == "off\n"
    host.check(host.programs / "wg-wrap", "autostart", work, "on")
    assert host.wg_wrap("autostart", work).stdout == "on\n"
    entry, = directory.iterdir()
    host.check("gio", "launch", entry)
    rig.wait_for(lambda: (host.status(work) or {}).get("state") == "connected", "the tunnel")
    assert host.status(work)["held"]
    host.check(host.programs / "wg-wrap", "down", work)
    host.check(host.programs / "wg-wrap", "profile", "rename", work, "job")
    assert host.wg_wrap("autostart", "job").stdout == "on\n"
    host.check(host.programs / "wg-wrap", "profile", "remove", "job")
    assert not list(directory.iterdir())


def test_it_follows_its_application(host, viewer):
    launcher = viewer.create()
    path = viewer.applications / os.path.basename(launcher)

    def follows(*words):
        rig.wait_for(lambda: all(word in path.read_text() for word in words), words)
    viewer.write("--changed %U", name="Second")
    follows("Name=Second (work)")
    viewer.start("gio", "launch", launcher, "/tmp")
    assert viewer.told()[0] == [b"--changed", b"/tmp"]
    # Once more, in another way; then gone, and back.
    replacement = host.home / "new"
    replacement.write_text(viewer.entry.read_text().replace("Second", "Third"))
    replacement.rename(viewer.entry)
    follows("Name=Third (work)")
    viewer.entry.rename(replacement)
    follows("Hidden=true")
    replacement.rename(viewer.entry)
    rig.wait_for(lambda: "Hidden" not in path.read_text(), "it to be shown again")
    # While nobody looks.
    pid = host.service_pid()
    os.kill(pid, signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() != pid, "its end")
    viewer.write("%f", name="Fourth")
    host.check(host.programs / "wg-wrap", "status")
    follows("Name=Fourth (work)", "%F")


def test_it_follows_its_profile(host, peer, viewer):
    host.import_profile("other", peer.profile())
    viewer.create()
    viewer.create("other")
    assert viewer.launchers() == ["other.org.example.Viewer.desktop", "work.org.example.Viewer.desktop"]
    host.check(host.programs / "wg-wrap", "profile", "rename", "work", "job")
    assert viewer.launchers() == ["job.org.example.Viewer.desktop", "other.org.example.Viewer.desktop"]
    host.check(host.programs / "wg-wrap", "profile", "remove", "job")
    assert viewer.launchers() == ["other.org.example.Viewer.desktop"]
    # An editor takes the file away for a moment; a user for good.
    path = host.home / ".config/wg-wrap/profiles/other.conf"
    path.rename(host.home / "other.conf")
    rig.wait_for(lambda: "other" not in host.wg_wrap("profile", "list").stdout, "the file to be missed")
    (host.home / "other.conf").rename(path)
    rig.wait_for(lambda: "other" in host.wg_wrap("profile", "list").stdout, "the file to be found")
    assert viewer.launchers() == ["other.org.example.Viewer.desktop"]
    path.unlink()
    rig.wait_for(lambda: viewer.launchers() == [], "the launcher to go")


def test_it_goes_with_its_profile_even_if_the_settings_stay(host, viewer):
    viewer.create()
    host.check(host.programs / "wg-wrap", "autostart", "work", "on")
    host.check(host.programs / "wg-wrap", "profile", "set", "work", "--forward", "5432")
    directory = host.home / ".config/wg-wrap"
    directory.chmod(0o500)
    done = host.wg_wrap("profile", "remove", "work")
    directory.chmod(0o700)
    assert done.returncode == 1 and "Permission denied" in done.stderr, done.stderr
    assert viewer.launchers() == [] and os.listdir(host.home / ".config/autostart") == []


def test_what_stays_to_open_a_removed_profile_at_login_is_told(host, work):
    host.check(host.programs / "wg-wrap", "autostart", work, "on")
    directory = host.home / ".config/autostart"
    entry, = os.listdir(directory)
    directory.chmod(0o500)
    done = host.wg_wrap("profile", "remove", work)
    directory.chmod(0o700)
    assert done.returncode == 1 and "is removed, but" in done.stderr and entry in done.stderr, done.stderr
    assert "no profile yet" in host.wg_wrap("profile", "list").stdout
