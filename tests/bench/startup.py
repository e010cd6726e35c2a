# SPDX-License-Identifier: GPL-3.0-or-later
"""From exec to the first frame, to the last one, and what that has taken: as an X server sees an application's window.
Its start is over when nothing has been drawn for a while."""
import contextlib
import ctypes
import os
import pathlib
import select
import subprocess
import time

import rig

QUIET = 0.5  # seconds
CREATE_NOTIFY, MAP_NOTIFY = 16, 19
SUBSTRUCTURE_NOTIFY = 1 << 19
RAW_RECTANGLES = 0


class Screen:
    """Xvfb, watched: each window from its creation on."""

    def __init__(self):
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1200x800x24", "-nolisten", "tcp"],
            pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as file:
            self.name = f":{int(file.readline())}"
        self.x, self.damage = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXdamage.so.1")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XDefaultRootWindow.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(self.name.encode()))
        # Windows go while one looks at them.
        self.handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(
            lambda display, error: 0)
        self.x.XSetErrorHandler(self.handler)
        base, error = ctypes.c_int(), ctypes.c_int()
        assert self.damage.XDamageQueryExtension(self.display, ctypes.byref(base),
                                                 ctypes.byref(error))
        self.damage_notify = base.value
        root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.display))
        self.x.XSelectInput(self.display, root, ctypes.c_long(SUBSTRUCTURE_NOTIFY))
        self.x.XSync(self.display, 0)

    def events(self, deadline):
        """(type, window) until then."""
        event = (ctypes.c_ulong * 24)()
        while True:
            while self.x.XPending(self.display):
                self.x.XNextEvent(self.display, event)
                yield event[0] & 0xffffffff, event[5] if event[0] & 0xffffffff in (
                    CREATE_NOTIFY, MAP_NOTIFY) else event[4]
            left = deadline() - time.monotonic()
            if left <= 0:
                return
            select.select([self.x.XConnectionNumber(self.display)], [], [], left)

    def watch(self, start):
        """Milliseconds from then to the first frame of a window that is shown, and to the last."""
        mapped, first, last = set(), None, None
        for kind, window in self.events(lambda: (last or start + rig.TIMEOUT - QUIET) + QUIET):
            if kind == CREATE_NOTIFY:
                self.damage.XDamageCreate(self.display, ctypes.c_ulong(window), RAW_RECTANGLES)
                self.x.XFlush(self.display)
            elif kind == MAP_NOTIFY:
                mapped.add(window)
            elif kind == self.damage_notify and window in mapped:
                last = time.monotonic()
                first = first or last
        assert first, "nothing was drawn"
        return 1000 * (first - start), 1000 * (last - start)

    def stop(self):
        self.x.XCloseDisplay(self.display)
        self.process.terminate()
        self.process.wait(rig.TIMEOUT)


def processor_time(pid):
    """Milliseconds of all its threads."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e6


def measure(host, screen, *command):
    """Milliseconds to the first and the last frame, of processor time until then, and megabytes."""
    # A cursor that blinks is drawn for as long as it does.
    settings = host.home / ".config/gtk-4.0/settings.ini"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[Settings]\ngtk-cursor-blink=false\n")
    environment = {**host.environment, "DISPLAY": screen.name, "GDK_BACKEND": "x11",
                   "GSK_RENDERER": "cairo", "GTK_A11Y": "none", "GSETTINGS_BACKEND": "memory"}
    gui = os.path.dirname(os.environ["WG_WRAP_TEST_GUI"])
    if command[0].startswith(gui):
        environment["GSETTINGS_SCHEMA_DIR"] = os.path.join(os.path.dirname(gui), "data")
    start = time.monotonic()
    process = host.popen(*command, env=environment, stdout=subprocess.DEVNULL, stderr=host.log)
    try:
        first, last = screen.watch(start)
        found = processor_time(process.pid), rig.resident_kib(process.pid) / 1000
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait(rig.TIMEOUT)
    return first, last, *found
