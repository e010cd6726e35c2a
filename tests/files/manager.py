# SPDX-License-Identifier: GPL-3.0-or-later
"""A real file manager with the built module, or the file of an action, used by mouse; what is there to click
on, AT-SPI says."""
import contextlib
import os
import pathlib
import shutil
import subprocess

import rig
from driver import Application


def mouse(*arguments):
    subprocess.run(["xdotool", *map(str, arguments)], check=True, timeout=rig.TIMEOUT)


class FileManager(Application):
    """Shows one folder, `directory`."""

    COMMAND = []
    LIBRARY = "", ""  # and its variable that says where modules are
    FILE_ROLE = ""
    SUBMENU_ROLE = "menu item"
    NOWHERE = 600, 440  # no file is there
    FOLLOWS = False  # an item goes with its tunnel while the menu is open

    def __init__(self, host, screen, directory):
        self.directory = directory
        super().__init__(host, screen, GIO_USE_VFS="local", **self.install(host))

    def install(self, host):
        """What is ours; variables for the manager."""
        modules = host.directory / "modules"
        modules.mkdir()
        shutil.copy(os.environ["WG_WRAP_TEST_MODULE"], modules)
        # Modules are looked for in one folder only, which here, in-host, is ours to cover.
        library, variable = self.LIBRARY
        folder = rig.sh("pkg-config", f"--variable={variable}", library)
        rig.sh("mount", "--bind", str(modules), folder)
        return {}

    def start(self, *files):
        return self.host.popen(*self.COMMAND, self.directory, env=self.environment,
                               stdout=self.host.log, stderr=self.host.log)

    def name(self, node):
        """With its underscores: some are a tunnel's own."""
        try:
            return node.get_name() or ""
        except self.errors:
            return ""

    def place(self, name):
        """Where the file is on the screen, once it is."""
        def look():
            try:
                node = self.look_for_file(name)
                area = node and node.get_extents(self.atspi.CoordType.SCREEN)
            except self.errors:
                return None
            return area and area.width > 1 and area
        area = rig.wait_for(look, f"{name}: {self.names(self.FILE_ROLE)}")
        return area.x + area.width // 2, area.y + area.height // 2

    def look_for_file(self, name):
        return next((node for node in self.nodes(self.FILE_ROLE) if self.name(node) == name), None)

    def open_menu(self, *names):
        """Select the files and right-click the last. A click that comes too early is lost."""
        places = [self.place(name) for name in names]
        for i, place in enumerate(places if len(places) > 1 else []):
            add = ["keydown", "ctrl"] if i else []
            mouse("mousemove", *place, *add, "click", 1, "keyup", "ctrl")

        def opened():
            mouse("mousemove", *places[-1], "click", 3)
            with contextlib.suppress(AssertionError):
                return rig.wait_for(self.is_open, "the menu", 2)
        rig.wait_for(opened, "the menu")

    def close_menu(self):
        """A click beside it."""
        def closed():
            mouse("mousemove", *self.NOWHERE, "click", 1)
            with contextlib.suppress(AssertionError):
                return rig.wait_for(lambda: not self.is_open(), "the menu's end", 2)
        rig.wait_for(closed, "the menu's end")

    def is_open(self):
        return self.look("menu item", "Properties") is not None

    def choose(self, *labels):
        for label in labels:
            self.do("menu item", label)
        self.close_menu()


class Nautilus(FileManager):
    COMMAND = ["nautilus", "--new-window"]
    LIBRARY = "libnautilus-extension-4", "extensiondir"
    FILE_ROLE = "label"


class Thunar(FileManager):
    COMMAND = ["thunar"]
    LIBRARY = "thunarx-3", "extensionsdir"
    FILE_ROLE = "table cell"
    SUBMENU_ROLE = "menu"
    # GTK 3 tells of new objects by signals, in whose midst libatspi asks for their states, in vain and
    # for ever, if it may not remember them.
    CACHED = True

    def __init__(self, host, screen, directory):
        super().__init__(host, screen, directory)
        # Icons have no names there.
        self.do("push button", "List View")

    def nodes(self, role=None, inside=None):
        self.atspi.get_desktop(0).set_cache_mask(self.atspi.Cache.STATES)
        return super().nodes(role, inside)


class Twofold(FileManager):
    """All that a right click offers is in the window's own menus, too."""
    CACHED = True  # as for Thunar

    def nodes(self, role=None, inside=None):
        self.atspi.get_desktop(0).set_cache_mask(self.atspi.Cache.STATES)
        return super().nodes(role, inside)

    def is_shown(self, node):
        try:
            return node.get_extents(self.atspi.CoordType.SCREEN).x > 0
        except self.errors:
            return False

    def is_open(self):
        return any(self.is_shown(node) for node in self.nodes("menu item")
                   if self.name(node) == "Properties")

    def act(self, node, number):
        return self.is_shown(node) and super().act(node, number)


class Caja(Twofold):
    COMMAND = ["caja", "--no-desktop"]
    LIBRARY = "libcaja-extension", "extensiondir"
    FILE_ROLE = "icon"
    SUBMENU_ROLE = "menu"
    NOWHERE = 170, 490
    FOLLOWS = True


class Taker(Twofold):
    """Takes actions, each a file with a command."""
    ACTION = "", ""  # and where below the user's data it is looked for

    def install(self, host):
        name, place = self.ACTION
        folder = host.home / ".local/share" / place
        folder.mkdir(parents=True)
        shutil.copy(pathlib.Path(os.environ["WG_WRAP_TEST_ACTIONS"]) / name, folder)
        gui = pathlib.Path(os.environ["WG_WRAP_TEST_GUI"]).parent
        return {"PATH": f"{gui}:{host.environment['PATH']}"}


class Nemo(Taker):
    COMMAND = ["nemo"]
    ACTION = "wg-wrap.nemo_action", "nemo/actions"
    FILE_ROLE = "table cell"

    def __init__(self, host, screen, directory):
        super().__init__(host, screen, directory)
        self.screen = screen
        # Icons have no places there.
        screen.press(directory.name, "ctrl+2")

    def place(self, name):
        """On the name's letters: what is beside them is the folder."""
        x, y = super().place(name)
        return x - 120, y

    def choose(self, *labels):
        """By keys, for a menu that has opened says neither where its items are nor what they do: ours is below
        the two for opening it here."""
        self.screen.xdotool("key", "Down", "Down", "Down", "Return")


TAKERS = {"nemo": Nemo}
MANAGERS = {"caja": Caja, "nautilus": Nautilus, "thunar": Thunar}
