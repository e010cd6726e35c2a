# SPDX-License-Identifier: GPL-3.0-or-later
"""screenshots.py [VARIANT…]: pictures of every page and dialog, for people to look at, below in-host.

A variant is STYLE-WIDTH-LANGUAGE, as "dark-360-de": each pair of the two styles, two widths and two
languages, and once each other language, right to left, with letters of twice the size, and in high
contrast. Each is a process of its own, for the sake of libatspi (driver.py). The pictures are in
WG_WRAP_TEST_PICTURES, one directory for each variant."""
import gettext
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import rig
from driver import Application, Screen

HEIGHT = 1150
LOCALE = pathlib.Path("/usr/local/share/locale")
# What GTK draws around a window where there is no window manager.
BORDER = 5
# For those that are shown to the world, in data/screenshots.
SHOWN = "shown-960-en"
VARIANTS = ["-".join(words) for words in itertools.product(
    ("light", "dark"), ("360", "1200"), ("en", "de"))] + [
        "light-360-fr", "light-360-es", "light-1200-he", "large-360-en", "contrast-1200-en",
        "contrastdark-360-en", SHOWN]
# Below HOST: without namespaces no tunnel can run.
LIMIT = pathlib.Path("/proc/sys/user/max_user_namespaces")
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
# libadwaita's own word, or GTK's.
ABOUT = {"en": "About", "de": "Info", "es": "Acerca de", "fr": "À propos"}
MISTAKE = "[Interface]\nPrivateKey = none\nAddress = 10.0.0.300/32\n"
# How many profiles a provider hands out.
MANY = 200
# Fails, and says why.
BROKEN = "#!/bin/sh\necho 'Cannot open display: :7' >&2\nexit 3\n"


class Photographer:
    def __init__(self, variant):
        style, width, self.language = variant.split("-")
        self.variant, self.width = variant, int(width)
        self.height = 720 if variant == SHOWN else HEIGHT
        self.translate = gettext.translation(
            "wg-wrap", os.environ["WG_WRAP_TEST_LOCALE"], [self.language], fallback=True).gettext
        (pathlib.Path(os.environ["WG_WRAP_TEST_PICTURES"]) / variant).mkdir(parents=True, exist_ok=True)
        self.screen = Screen(f"{max(self.width, 640) + 2 * BORDER}x{self.height}")
        self.host = rig.Host(os.environ["WG_WRAP_TEST_PROGRAMS"].split(":"))
        self.environment = {"LANGUAGE": self.language, "ADW_DEBUG_COLOR_SCHEME":
                            "prefer-dark" if style.endswith("dark") else "prefer-light"}
        if style.startswith("contrast"):
            self.environment["ADW_DEBUG_HIGH_CONTRAST"] = "1"
        if self.language == "he":
            self.turn_around()
        if style == "large":
            self.enlarge()
        # The service, too, speaks the language.
        self.host.check("dbus-update-activation-environment", f"LANGUAGE={self.language}")
        self.install()
        if variant == SHOWN:
            self.hide_the_machine()
        else:
            LIMIT.write_text("0")
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

    def enlarge(self):
        """By a settings daemon, which ends with the screen: the dots per inch of settings.ini change nothing."""
        settings = self.host.home / "xsettings"
        settings.write_text("Xft/DPI 196608\n")
        self.host.popen("xsettingsd", "-c", settings,
                        env={**self.host.environment, "DISPLAY": self.screen.display})

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

    def drawn(self, role, message):
        return rig.wait_for(lambda: self.app.is_drawn(self.find(role, message)), message)

    def gone(self, role, message):
        rig.wait_for(lambda: not self.app.look(role, self.text(message)), f"the end of {message}")

    def place(self, title):
        """Of a window, which has grown to what it needs at least."""
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$",
                                "getwindowgeometry", "--shell", "%1"], check=True, capture_output=True,
                               text=True, env={**os.environ, "DISPLAY": self.screen.display}).stdout
        return {key: int(value) for key, _, value in (line.partition("=") for line in found.splitlines())
                if value.isdigit()}

    def resize(self, title, tall=True):
        """To all of the screen; or to its width alone; or, with None, only if the screen is narrow. A dialog is
        less wide than a page."""
        if tall is None and self.width > 600:
            return
        width = self.width if title == self.text("Tunnels") else min(self.width, 640)
        self.screen.xdotool("search", "--onlyvisible", "--name", f"^{title}$", "windowsize",
                            width + 2 * BORDER, self.height if tall else self.place(title)["HEIGHT"])

    def take(self, name, title=None):
        """Of a window, and without a tooltip; or of a question, which has no title, in front of the
        first one."""
        title = title or self.text("Tunnels")
        self.screen.xdotool("mousemove", max(self.width, 640) - 1, self.height - 1)
        self.screen.xdotool("search", "--onlyvisible", "--name", f"^{title}$", "windowfocus")
        time.sleep(1)
        size = self.place(title)
        picture = self.screen.picture(f"{self.variant}/{name}")
        subprocess.run(["mogrify", "-crop", f"{size['WIDTH']}x{size['HEIGHT']}+{size['X']}+{size['Y']}",
                        "+repage", "-shave", f"{BORDER}x{BORDER}", "-strip", picture], check=True)

    def show(self, name):
        """A tunnel's page."""
        self.host.check("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap", "-o", "/org/wgwrap/WgWrap",
                        "-m", "org.gtk.Actions.Activate", "show-tunnel", f"[<'{name}'>]", "{}",
                        env=self.app.environment)
        self.app.find("label", name)

    def dialog(self, menu, item, title=None, tall=True):
        title = self.text(title or item.rstrip("…"))
        self.do("push button", menu)
        self.do("menu item", item)
        self.app.find("frame", title)
        if self.variant != SHOWN:
            self.resize(title, tall)
        return title

    def close(self, title):
        """By the button for that: what Escape means is another window's own affair."""
        names = ("Close", "Schließen", "Fermer", "Cerrar", "סגירה", self.text("_Cancel"))
        for node in self.app.nodes("push button", self.app.find("frame", title)):
            if self.app.name(node).startswith(names) and self.app.is_drawn(node):
                self.app.act(node, 0)
                break
        rig.wait_for(lambda: self.app.look("frame", title) is None, f"the end of {title}")

    def forget(self, message):
        """A toast, whose time passes in the active window."""
        self.screen.press(self.text("Tunnels"), "Shift_L")
        self.gone("label", message)

    def answer(self, name, question, button):
        """A question, or a message, after its picture."""
        self.find("label", question)
        self.take(name)
        self.do("push button", button)
        self.gone("label", question)

    def visit(self, name, menu, item, title=None, label=None, tall=True):
        """With a label: once that is there."""
        title = self.dialog(menu, item, title, tall)
        if label:
            self.find("label", label)
        self.take(name, title)
        self.close(title)

    def editor(self):
        """Both views of it."""
        title = self.dialog("Tunnel Menu", "_Edit…", "Edit Profile")
        self.take("editor", title)
        self.screen.press(title, "alt+t")
        self.take("editor-text", title)
        self.close(title)

    # ---- The album ----

    def shown(self):
        """The few that are shown to the world, at the size of a window on a desktop."""
        self.fill()
        self.resize(self.text("Tunnels"))
        self.tunnel()
        self.launch()
        self.visit("editor", "Tunnel Menu", "_Edit…", "Edit Profile")

    def unable(self):
        """A machine without namespaces, which is then mended."""
        self.resize(self.text("Tunnels"))
        self.drawn("label", "No Tunnel Can Run Here Yet")
        self.take("unable")
        LIMIT.write_text("10000")
        self.do("push button", "Check _Again")
        self.drawn("label", "One Program in a Tunnel")
        self.forget("Tunnels can run here now.")

    def first(self):
        self.take("first-run")
        if self.width < 600:
            self.do("push button", "Back")
        self.do("push button", "Main Menu")
        self.take("main-menu")
        self.screen.press(self.text("Tunnels"), "Escape")

    def bring(self):
        """What comes in: hundreds, and some of which there is something to be said."""
        pid = self.host.service_pid()
        path = self.host.home / "all.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(MANY):
                archive.writestr(f"city-{number}.conf", self.peer.profile())
        os.kill(pid, signal.SIGSTOP)
        try:
            assert self.app.start(path).wait(rig.TIMEOUT) == 0
            title = self.text("Importing Profiles")
            self.app.find("frame", title)
            self.resize(title, tall=False)
            self.take("import-progress", title)
            self.do("push button", "_Cancel")
        finally:
            os.kill(pid, signal.SIGCONT)
        title = self.text("Import Cancelled")
        self.app.find("frame", title)
        self.take("import-cancelled", title)
        self.close(title)
        profiles = self.host.home / ".config/wg-wrap/profiles"
        for path in profiles.glob("*.conf"):
            path.unlink()
        self.drawn("label", "One Program in a Tunnel")

    def mistakes(self):
        profiles = self.host.home / "vpn.zip"
        with zipfile.ZipFile(profiles, "w") as archive:
            for name, text in (("berlin.conf", self.peer.profile()), ("mistake.conf", MISTAKE),
                               ("binary.conf", "\0\1\2"), ("large.conf", " " * (2 << 20))):
                archive.writestr(name, text)
        broken = self.host.home / "broken.conf"
        broken.write_text(MISTAKE)
        title = self.text("Import Finished")
        for name, path in (("mistake", broken), ("import-summary", profiles)):
            assert self.app.start(path).wait(rig.TIMEOUT) == 0
            self.app.find("frame", title)
            self.resize(title, tall=False)
            self.take(name, title)
            self.close(title)
        self.host.check(self.host.programs / "wg-wrap", "profile", "remove", "berlin")

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
        title = self.dialog("Tunnel Menu", "_Launch a Program…", "Launch in Tunnel")
        self.app.do("push button", self.text("%s is a favourite") % "Firefox")
        self.close(title)
        self.dialog("Tunnel Menu", "_Launch a Program…", "Launch in Tunnel")
        self.take("launch", title)
        self.app.do("push button", self.text("How %s is launched") % "Firefox")
        self.find("label", "Data of its own")
        self.take("launch-details", title)
        self.close(title)

    def run(self, program, text):
        """Of that name, from the dialog."""
        path = self.host.home / program
        path.write_text(text)
        path.chmod(0o700)
        self.dialog("Tunnel Menu", "_Launch a Program…", "Launch in Tunnel")
        self.app.type("text", self.text("Command"), str(path))
        self.app.wait_for(lambda: self.app.is_sensitive(
            "push button", self.text("Run the Command")), "push button", "Run the Command")
        self.do("push button", "Run the Command")

    def outcomes(self):
        """Of a launch, which are told truthfully."""
        self.run("broken", BROKEN)
        self.answer("launch-failed", "A Program Has Ended", "_OK")
        entry = self.host.home / "brief.desktop"
        entry.write_text(ENTRY.format(name="Brief", icon="help-browser", program="true"))
        answer = self.host.gdbus("Manager", "LaunchApp", "work", str(entry), "[]", "{}")
        assert answer.returncode == 0, answer.stderr
        self.answer("launch-gone", "Probably Opened Outside the Tunnel", "_OK")

    def telling(self):
        """What tells of a tunnel."""
        self.visit("leak-check", "Tunnel Menu", "_Is This Really in the Tunnel?", "Leak Check",
                   "It Is Really in the Tunnel")
        pid = self.host.check(self.host.programs / "wg-wrap", "run", "work", "sh", "-c",
                              "sleep 600 >/dev/null 2>&1 & echo $!")
        rig.sh("nsenter", "-t", pid, "-n", "--", "ip", "link", "add", "way-out", "type", "veth")
        self.visit("leak-check-failed", "Tunnel Menu", "_Is This Really in the Tunnel?", "Leak Check",
                   "Something of this tunnel's programs may leave outside it.")
        os.kill(int(pid), signal.SIGTERM)
        self.visit("log", "Tunnel Menu", "Lo_g")

    def dialogs(self):
        self.do("push button", "Tunnel Menu")
        self.take("tunnel-menu")
        self.screen.press(self.text("Tunnels"), "Escape")
        self.editor()
        self.visit("qr-code", "Tunnel Menu", "Show _QR Code", "QR Code")
        self.visit("rename", "Tunnel Menu", "Re_name…", "Rename the Tunnel", tall=False)
        self.main("preferences", "_Preferences", "Preferences")
        self.main("diagnostics", "Dia_gnostics", "Diagnostics")
        # As wide as it is: GTK's own window scrolls to either side where there is less room.
        self.main("shortcuts", "_Keyboard Shortcuts", "Keyboard Shortcuts", tall=None)
        if self.language in ABOUT:
            self.main("about", "_About Tunnels", ABOUT[self.language])

    def main(self, name, item, title, tall=True):
        """From the main menu, which is in the list."""
        if self.width < 600:
            self.do("push button", "Back")
        self.visit(name, "Main Menu", item, title, tall=tall)
        self.show("work")

    def preferences(self):
        """Its other pages, which are reached by the mouse alone."""
        for host in ("*.example.com", "wiki.example.org"):
            assert self.host.wg_wrap("link", "add", host, "work").returncode == 0
        title = self.dialog("Main Menu", "_Preferences", "Preferences")
        for name, page in (("preferences-tunnels", "Tunnels"), ("preferences-links", "Links")):
            labels = [node for node in self.app.nodes("label", self.app.find("frame", title))
                      if self.app.name(node) == self.text(page) and self.app.is_drawn(node)]
            # Above or below, where there is less room.
            label = labels[0 if self.width > 600 else -1]
            place = label.get_extents(self.app.atspi.CoordType.WINDOW)
            self.screen.click(place.x + place.width // 2, place.y + place.height // 2)
            self.take(name, title)
        self.close(title)
        self.show("work")

    def edited(self):
        """What is wrong, and what changes in a tunnel that runs."""
        text = self.host.check(self.host.programs / "wg-wrap", "profile", "show", "--secrets", "work")
        title = self.dialog("Tunnel Menu", "_Edit…", "Edit Profile")
        self.app.type("text", self.text("Configuration"), text + "\nEndpoint = nowhere\nMTU = 3\n")
        self.app.find("push button", self.text("Go to line %u, column %u").split("%", maxsplit=1)[0])
        self.take("editor-mistakes", title)
        self.app.type("text", self.text("Configuration"), text + "\nPersistentKeepalive = 25\n")
        self.find("label", "No problems")
        self.do("push button", "_Save")
        self.answer("editor-changes", "Change the Tunnel?", "_Cancel")
        self.screen.press(title, "Escape")
        self.answer("editor-close", "Save Changes?", "_Discard")
        rig.wait_for(lambda: self.app.look("frame", title) is None, "the editor's end")

    def new(self):
        self.screen.press(self.text("Tunnels"), "ctrl+n")
        self.find("text", "Name")
        self.take("new")
        self.screen.press(self.text("Tunnels"), "Escape")

    def phone(self):
        """A profile from a picture of its code, which is then removed."""
        path = pathlib.Path(os.environ["WG_WRAP_TEST_PICTURES"]) / self.variant / "qr-code.png"
        shutil.copy(path, self.host.home / "phone.png")
        assert self.app.start(self.host.home / "phone.png").wait(rig.TIMEOUT) == 0
        self.app.find("label", self.text("“%s” imported.") % "phone")
        self.show("phone")
        self.take("import-code")
        self.do("push button", "Tunnel Menu")
        self.do("menu item", "_Remove")
        self.app.find("label", self.text("“%s” removed") % "phone")
        self.take("removed")
        self.show("work")

    def trouble(self):
        """Nobody answers, not even the service."""
        self.peer.stop_engine()
        rig.wait_for(lambda: self.app.look("label", self.text("No answer")), "the stall", 90)
        self.take("no-answer")
        daemon = self.host.programs / "wg-wrapd"
        daemon.rename(daemon.with_name("away"))
        os.kill(self.host.service_pid(), signal.SIGKILL)
        self.find("label", "The wg-wrap service has stopped. Running tunnels go on without it.")
        self.take("service-gone")
        daemon.with_name("away").rename(daemon)
        self.do("push button", "Start A_gain")

    def demo(self):
        if self.width < 600:
            self.do("push button", "Back")
        self.do("push button", "Main Menu")
        self.do("menu item", "Try the _Demo Tunnel")
        self.find("label", "Demo tunnel ready")
        self.take("demo")

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
    icons = LOCALE.parent / "icons/hicolor/scalable"
    icons.mkdir(parents=True)
    (icons / "apps").symlink_to(pathlib.Path(__file__).parents[2] / "data/icons")
    for catalogue in pathlib.Path(os.environ["WG_WRAP_TEST_LOCALE"]).glob("*/LC_MESSAGES"):
        (LOCALE / catalogue.parent.name).symlink_to(catalogue.parent)


STEPS = ["unable", "first", "bring", "mistakes", "fill", "tunnel", "launch", "outcomes", "telling",
         "dialogs", "preferences", "edited", "new", "phone", "trouble", "demo"]


def photograph(variant):
    photographer = Photographer(variant)
    failed = []
    try:
        for step in ["shown"] if variant == SHOWN else STEPS:
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
