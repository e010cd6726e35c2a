# SPDX-License-Identifier: GPL-3.0-or-later
"""screenshots.py [VARIANT…]: pictures of every page and dialog, for people to look at, below in-host.

A variant is STYLE-WIDTH-LANGUAGE, as "dark-360-de": each pair of the two styles, two widths and two
languages, and once right to left, and once with large text. Each is a process of its own, for the sake
of libatspi (driver.py). The pictures are in WG_WRAP_TEST_PICTURES, one directory for each variant."""
import gettext
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import time

import rig
from driver import Application, Screen

HEIGHT = 1150
LOCALE = pathlib.Path("/usr/local/share/locale")
# What GTK draws around a window where there is no window manager.
BORDER = 5
# For those that are shown to the world, in data/screenshots.
SHOWN = "shown-960-en"
VARIANTS = ["-".join(words) for words in itertools.product(
    ("light", "dark"), ("360", "1200"), ("en", "de"))] + ["light-1200-he", "large-360-en", SHOWN]
# Whose icons are taken, what they are called here, and what they fetch.
PROGRAMS = [("firefox-esr", "Firefox", 900), ("org.gnome.Calculator", "Calculator", 0),
            ("chromium", "Chromium", 350)]
# What else there is for the world to see.
OTHERS = [("org.gnome.Nautilus", "Files"), ("help-browser", "Help"), ("accessories-text-editor", "Text Editor"),
          ("utilities-terminal", "Terminal")]
# Fetches at a rate that rises and falls, in kB/s.
PROGRAM = """#!/bin/sh
# {name}
[ {rate} = 0 ] && exec sleep 600
while :; do
    for part in 2 5 9 12 10 13 7 4 1 3; do
        timeout 3 curl -s -o /dev/null --limit-rate $(({rate} * part / 8))k http://{address}/big/100000000
    done
done
"""
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nIcon={icon}\nExec={program}\n"
# libadwaita's own word.
ABOUT = {"en": "About", "de": "Info"}
MISTAKE = "[Interface]\nPrivateKey = none\nAddress = 10.0.0.300/32\n"


class Photographer:
    def __init__(self, variant):
        style, width, self.language = variant.split("-")
        self.variant, self.width = variant, int(width)
        self.height = 720 if variant == SHOWN else HEIGHT
        self.translate = gettext.translation(
            "wg-wrap", os.environ["WG_WRAP_TEST_LOCALE"], [self.language], fallback=True).gettext
        (pathlib.Path(os.environ["WG_WRAP_TEST_PICTURES"]) / variant).mkdir(parents=True, exist_ok=True)
        self.screen = Screen(f"{max(self.width, 640)}x{self.height}")
        self.host = rig.Host(os.environ["WG_WRAP_TEST_PROGRAMS"].split(":"))
        self.environment = {"LANGUAGE": self.language, "ADW_DEBUG_COLOR_SCHEME":
                            "prefer-dark" if style == "dark" else "prefer-light"}
        if self.language == "he":
            self.turn_around()
        if style == "large":
            settings = self.host.home / ".config/gtk-4.0"
            settings.mkdir(parents=True)
            (settings / "settings.ini").write_text("[Settings]\ngtk-font-name=Sans 17\n")
        # The service, too, speaks the language.
        self.host.check("dbus-update-activation-environment", f"LANGUAGE={self.language}")
        self.install()
        if variant == SHOWN:
            self.hide_the_machine()
        self.peer = rig.Peer()
        try:
            self.app = Application(self.host, self.screen, **self.environment)
        except Exception:
            print(self.host.read_log())
            raise

    def install(self):
        applications = self.host.home / ".local/share/applications"
        applications.mkdir(parents=True)
        for icon, name, rate in PROGRAMS:
            program = self.host.home / name.lower()
            program.write_text(PROGRAM.format(name=name, rate=rate, address=rig.Peer.INSIDE4))
            program.chmod(0o700)
            (applications / f"{icon}.desktop").write_text(
                ENTRY.format(name=name, icon=icon, program=program))

    def turn_around(self):
        """A language is written from right to left if its locale is there, and if there is a translation
        into it, be it an empty one: English is not turned around."""
        locales = pathlib.Path("/run/screenshots/locale")
        shutil.copytree("/usr/lib/locale", locales)
        rig.sh("localedef", "-i", "he_IL", "-f", "UTF-8", str(locales / "he_IL.utf8"))
        rig.sh("mount", "--bind", locales, "/usr/lib/locale")
        self.environment["LANG"] = "he_IL.UTF-8"
        messages = LOCALE / "he/LC_MESSAGES"
        messages.mkdir(parents=True)
        subprocess.run(["msgfmt", "-o", messages / "wg-wrap.mo", "-"], check=True, text=True,
                       input='msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')

    def hide_the_machine(self):
        """Its own applications are nobody's business; its icons and the like are wanted."""
        share = self.host.home / "share"
        share.mkdir()
        for path in pathlib.Path("/usr/share").iterdir():
            if path.name != "applications":
                (share / path.name).symlink_to(path)
        for icon, name in OTHERS:
            (self.host.home / f".local/share/applications/{icon}.desktop").write_text(
                ENTRY.format(name=name, icon=icon, program="true"))
        self.environment["XDG_DATA_DIRS"] = str(share)

    def text(self, message):
        """As the application has it, without the underscores of mnemonics."""
        return self.translate(message).replace("_", "")

    def do(self, role, message):
        self.app.do(role, self.text(message))

    def find(self, role, message):
        return self.app.find(role, self.text(message))

    def resize(self, title, width=None):
        self.screen.xdotool("search", "--onlyvisible", "--name", f"^{title}$", "windowsize",
                            width or self.width, self.height)

    def take(self, name, title=None):
        """Of a window, which has grown to what it needs at least, and without a tooltip."""
        self.screen.xdotool("mousemove", max(self.width, 640) - 1, self.height - 1)
        time.sleep(1)
        window = f"^{title or self.text('Tunnels')}$"
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", window,
                                "getwindowgeometry", "--shell", "%1"], check=True, capture_output=True,
                               text=True, env={**os.environ, "DISPLAY": self.screen.display}).stdout
        size = dict(line.split("=") for line in found.splitlines() if "=" in line)
        picture = self.screen.picture(f"{self.variant}/{name}")
        subprocess.run(["mogrify", "-crop", f"{size['WIDTH']}x{size['HEIGHT']}+{size['X']}+{size['Y']}",
                        "+repage", "-shave", f"{BORDER}x{BORDER}", "-strip", picture], check=True)

    def show(self, name):
        """A tunnel's page."""
        self.host.check("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap", "-o", "/org/wgwrap/WgWrap",
                        "-m", "org.gtk.Actions.Activate", "show-tunnel", f"[<'{name}'>]", "{}",
                        env=self.app.environment)
        self.app.find("label", name)

    def dialog(self, name, menu, item, title=None):
        title = self.text(title or item.rstrip("…"))
        self.do("push button", menu)
        self.do("menu item", item)
        self.app.find("frame", title)
        if self.variant != SHOWN:
            self.resize(title, min(self.width, 640))
        return title

    def close(self, title):
        """By the button for that: what Escape means is another window's own affair."""
        names = ("Close", "Schließen", "סגירה", self.text("_Cancel"))
        for node in self.app.nodes("push button", self.app.find("frame", title)):
            if self.app.name(node).startswith(names) and self.app.is_drawn(node):
                self.app.act(node, 0)
                break
        rig.wait_for(lambda: self.app.look("frame", title) is None, f"the end of {title}")

    def visit(self, name, menu, item, title=None):
        title = self.dialog(name, menu, item, title)
        self.take(name, title)
        self.close(title)

    def links(self):
        """A page of the preferences, which is reached by the mouse alone."""
        for host in ("*.example.com", "wiki.example.org"):
            assert self.host.wg_wrap("link", "add", host, "work").returncode == 0
        title = self.dialog("links", "Main Menu", "_Preferences", "Preferences")
        label = next(node for node in self.app.nodes("label", self.app.find("frame", title))
                     if self.app.name(node) == self.text("Links") and self.app.is_drawn(node))
        place = label.get_extents(self.app.atspi.CoordType.WINDOW)
        self.screen.click(place.x + place.width // 2, place.y + place.height // 2)
        self.take("links", title)
        self.close(title)

    # ---- The album ----

    def shown(self):
        """The few that are shown to the world, at the size of a window on a desktop."""
        self.fill()
        self.resize(self.text("Tunnels"))
        self.tunnel()
        self.launch()
        self.visit("editor", "Tunnel Menu", "_Edit…", "Edit Profile")

    def before(self):
        self.resize(self.text("Tunnels"))
        self.find("label", "One Program in a Tunnel")
        self.take("first-run")
        path = self.host.home / "broken.conf"
        path.write_text(MISTAKE)
        assert self.app.start(path).wait(rig.TIMEOUT) == 0
        title = self.text("Import Finished")
        self.find("label", "Nothing was imported.")
        self.resize(title, min(self.width, 640))
        self.take("mistake", title)
        self.close(title)

    def fill(self):
        for name in ("work", "home", "travel"):
            self.host.import_profile(name, self.peer.profile(
                endpoint="vpn.example.com:51820", dns=self.peer.INSIDE4))
        if self.variant != SHOWN:
            for name in ("work/chromium", "work/thunderbird"):
                directory = self.host.home / ".local/share/wg-wrap/private" / name
                directory.mkdir(parents=True)
                (directory / "data").write_bytes(bytes(34567890))
            profiles = self.host.home / ".config/wg-wrap/profiles"
            (profiles / "lab.conf").write_text(MISTAKE)
            self.app.find("list item", "lab")
            self.show("lab")
            self.take("invalid")

    def tunnel(self):
        self.show("work")
        self.take("off")
        for icon, _, _ in PROGRAMS:
            answer = self.host.gdbus("Manager", "LaunchApp", "work", f"{icon}.desktop", "[]", "{}")
            assert answer.returncode == 0, answer.stderr
        self.find("label", "Connected")
        time.sleep(62 if self.variant == SHOWN else 12)
        self.take("connected")
        if self.width < 600:
            self.do("push button", "Back")
            self.take("list")
            self.show("work")
        # Above no field that would take the wheel for itself.
        self.screen.xdotool("mousemove", self.width - 12, self.height // 2, "click", "--repeat", 40, 5)
        self.take("connected-end")

    def launch(self):
        title = self.dialog("launch", "Tunnel Menu", "_Launch a Program…", "Launch in Tunnel")
        self.app.do("push button", self.text("%s is a favourite") % "Firefox")
        self.close(title)
        self.dialog("launch", "Tunnel Menu", "_Launch a Program…", "Launch in Tunnel")
        self.take("launch", title)
        self.app.do("push button", self.text("How %s is launched") % "Firefox")
        self.find("label", "Data of its own")
        self.take("launch-details", title)
        self.close(title)

    def dialogs(self):
        self.do("push button", "Tunnel Menu")
        self.take("tunnel-menu")
        self.screen.press(self.text("Tunnels"), "Escape")
        self.visit("editor", "Tunnel Menu", "_Edit…", "Edit Profile")
        self.visit("qr-code", "Tunnel Menu", "Show _QR Code", "QR Code")
        self.visit("rename", "Tunnel Menu", "Re_name…", "Rename the Tunnel")
        self.visit("preferences", "Main Menu", "_Preferences", "Preferences")
        self.links()
        self.visit("diagnostics", "Main Menu", "Dia_gnostics", "Diagnostics")
        if self.language in ABOUT:
            self.visit("about", "Main Menu", "_About Tunnels", ABOUT[self.language])

    def stop(self):
        self.app.stop()
        self.peer.stop()
        self.host.stop()
        self.screen.stop()


def prepare():
    """The name of the demo's server, and the translations that were built, for this process's eyes."""
    scratch = pathlib.Path("/run/screenshots")
    scratch.mkdir(exist_ok=True)
    (scratch / "hosts").write_text("127.0.0.1 localhost\n192.0.2.2 vpn.example.com\n")
    rig.sh("mount", "--bind", scratch / "hosts", "/etc/hosts")
    rig.sh("mount", "-t", "tmpfs", "tmpfs", "/usr/local/share")
    LOCALE.mkdir()
    for catalogue in pathlib.Path(os.environ["WG_WRAP_TEST_LOCALE"]).glob("*/LC_MESSAGES"):
        (LOCALE / catalogue.parent.name).symlink_to(catalogue.parent)


def photograph(variant):
    photographer = Photographer(variant)
    failed = []
    try:
        for step in ["shown"] if variant == SHOWN else ["before", "fill", "tunnel", "launch", "dialogs"]:
            try:
                getattr(photographer, step)()
            except Exception as error:  # pylint: disable=broad-except
                failed.append(f"{variant}: {step}: {error}")
    finally:
        photographer.stop()
    print("\n".join(failed) or f"{variant}: done", flush=True)
    return not failed


def main(variants):
    if len(variants) == 1:
        prepare()
        return photograph(variants[0])
    return all([subprocess.run([sys.executable, __file__, variant], check=False).returncode == 0
                for variant in variants or VARIANTS])


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
