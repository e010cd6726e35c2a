# SPDX-License-Identifier: GPL-3.0-or-later
"""The application below Xvfb, driven as a screen reader would, by AT-SPI.

One process drives one application: libatspi keeps the first bus that it has found.
"""
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import gi

import rig

A11Y_SERVICE = "/usr/share/dbus-1/services/org.a11y.Bus.service"
# GTK 4.8 may end with SIGSEGV when it is asked for what comes or goes at that moment: so long, in
# seconds, are windows left alone for that.
SETTLE = 0.4


class Screen:
    def __init__(self, size="1200x800"):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as file:
            self.display = f":{int(file.readline())}"

    def picture(self, name):
        """Into the build's folder of pictures, for people. Its path."""
        directory = pathlib.Path(os.environ["WG_WRAP_TEST_PICTURES"])
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            subprocess.run(["import", "-display", self.display, "-window", "root",
                            directory / f"{name}.png"], check=True, timeout=rig.TIMEOUT,
                           env={**os.environ, "MAGICK_TEMPORARY_PATH": scratch})
        return directory / f"{name}.png"

    def press(self, window, *keys, text=None):
        """Keys in the window of that title, or a text typed there. There is no window manager that
        would give it the focus."""
        def focused():
            return subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", f"^{window}$", "windowfocus"],
                env={**os.environ, "DISPLAY": self.display}, check=False, timeout=rig.TIMEOUT,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        rig.wait_for(focused, f"the focus of “{window}”")
        time.sleep(SETTLE)
        self.xdotool(*(["type", text] if text else ["key", *keys]))

    def xdotool(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True, timeout=rig.TIMEOUT,
                       env={**os.environ, "DISPLAY": self.display})
        time.sleep(SETTLE)

    def click(self, x, y):
        """In a window, for all are at the corner of the screen."""
        self.xdotool("mousemove", x, y, "click", 1)

    def leave(self):
        """No window is the active one."""
        self.xdotool("windowfocus", 0)

    def stop(self):
        self.process.terminate()
        self.process.wait(rig.TIMEOUT)


class Application:
    CACHED = False  # whether libatspi may remember what it has seen

    def __init__(self, host, screen, **environment):
        (host.directory / "services" / "org.a11y.Bus.service").symlink_to(A11Y_SERVICE)
        host.check("gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o",
                   "/org/freedesktop/DBus", "-m", "org.freedesktop.DBus.ReloadConfig")
        build = pathlib.Path(os.environ["WG_WRAP_TEST_GUI"]).parents[1]
        self.host = host
        self.counted = host.directory / "census"
        self.preloaded = {"LD_PRELOAD": str(build / "tests/gui/census.so"),
                          "WG_WRAP_TEST_CENSUS": str(self.counted)}
        self.environment = {
            **host.environment, "DISPLAY": screen.display, "GDK_BACKEND": "x11",
            "GSK_RENDERER": "cairo", "GTK_A11Y": "atspi", "GSETTINGS_BACKEND": "memory",
            "GSETTINGS_SCHEMA_DIR": str(build / "data"),
            **environment}
        host.check("gdbus", "call", "-e", "-d", "org.a11y.Bus", "-o", "/org/a11y/bus", "-m",
                   "org.freedesktop.DBus.Properties.Set", "org.a11y.Status", "IsEnabled", "<true>",
                   env=self.environment)
        # What it keeps of windows that are gone can become a tree without an end.
        if not self.CACHED:
            os.environ["ATSPI_NO_CACHE"] = "1"
        os.environ.update({name: self.environment[name] for name in
                           ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY")})
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib
        self.atspi, self.errors = Atspi, GLib.Error
        Atspi.init()
        self.process = self.start()
        rig.wait_for(lambda: list(self.nodes("frame")), "the window")

    def start(self, *files):
        return self.host.popen(os.environ["WG_WRAP_TEST_GUI"], *files,
                               env={**self.environment, **self.preloaded},
                               stdout=subprocess.DEVNULL, stderr=self.host.log)

    def nodes(self, role=None, inside=None):
        """Everything that assistive technology sees, depth first. What goes away meanwhile is
        left out."""
        stack = [inside or self.atspi.get_desktop(0)]
        while stack:
            node = stack.pop()
            try:
                if role is None or node.get_role_name() == role:
                    yield node
                children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
            except self.errors:
                continue
            stack.extend(child for child in reversed(children) if child)

    def parents(self, node):
        """From the application's window down."""
        found = []
        while node and node.get_role_name() != "frame":
            node = node.get_parent()
            if node:
                found.append(node)
        return reversed(found)

    def name(self, node):
        """Without the underscores of mnemonics."""
        try:
            return (node.get_name() or "").replace("_", "")
        except self.errors:
            return ""

    def look(self, role, text):
        return next((node for node in self.nodes(role) if text in self.name(node)), None)

    def wait_for(self, condition, role, text):
        try:
            return rig.wait_for(condition, f"{role} “{text}”")
        except AssertionError as error:
            ended = self.process.poll()
            raise AssertionError(
                f"{error}; there are {self.names(role)}" if ended is None else
                f"{error}; the application ended with {ended}: {self.host.read_log()}") from None

    def find(self, role, text):
        return self.wait_for(lambda: self.look(role, text), role, text)

    def is_sensitive(self, role, text):
        return self.find(role, text).get_state_set().contains(self.atspi.StateType.SENSITIVE)

    def is_drawn(self, node):
        """What is on a page that is not shown has no size."""
        return node.get_extents(self.atspi.CoordType.WINDOW).width > 0

    def names(self, role):
        return [self.name(node) for node in self.nodes(role)]

    def do(self, role, text):
        """Its first action: a click, a toggle, an activation."""
        self.wait_for(lambda: any(self.act(node, 0) for node in self.nodes(role)
                                  if text in self.name(node)), role, text)

    def act(self, node, number):
        try:
            return node.do_action(number)
        except self.errors:
            return False
        finally:
            time.sleep(SETTLE)

    def close(self, role, title):
        """A window, by the button that does that and nothing else."""
        buttons = self.nodes("push button", self.find(role, title))
        assert any(self.act(node, 0) for node in buttons
                   if self.name(node).startswith(("Close", "Cancel")) and self.is_drawn(node))
        rig.wait_for(lambda: self.look(role, title) is None, f"the end of {role} “{title}”")

    def type(self, role, text, words):
        self.find(role, text).set_text_contents(words)

    def census(self):
        """How many widgets there are of each type, and objects of our own: {type: number}."""
        self.counted.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        rig.wait_for(self.counted.exists, "the census")
        lines = map(str.split, self.counted.read_text().splitlines())
        return {name: int(number) for name, number in lines}

    def stop(self):
        self.process.terminate()
        self.process.wait(rig.TIMEOUT)
