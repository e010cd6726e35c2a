# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen of the test's own, and whose windows are on it."""
import os
import re
import subprocess

import rig

# In a session there is only its path, which is the whole machine's: no other test shall take it.
DISPLAY = f":{1000 + os.getpid() % 10000}"
PATIENCE = 60


class Screen:
    def __init__(self, host):
        self.host = host
        host.environment["DISPLAY"] = DISPLAY
        self.server = host.popen("Xvfb", DISPLAY, "-nolisten", "tcp", stderr=subprocess.DEVNULL)
        rig.wait_for(lambda: rig.is_listening(f"/tmp/.X11-unix/X{DISPLAY[1:]}"), "Xvfb")
        # Who is started by the bus shall know of it, as on a desktop.
        host.check("dbus-update-activation-environment", f"DISPLAY={DISPLAY}")
        self.seen = set()

    def windows(self):
        """{(window, process)} of those that are large enough to be somebody's."""
        tree = self.host.run("xwininfo", "-root", "-tree").stdout
        found = set()
        for window in re.findall(r"^ +(0x[0-9a-f]+) .* [0-9]{3,}x[0-9]{3,}\+", tree, re.M):
            process = re.search(r"= (\d+)", self.host.run("xprop", "-id", window, "_NET_WM_PID").stdout)
            if process:
                found.add((window, int(process[1])))
        return found

    def classes(self, process):
        """Of its windows: the second word of WM_CLASS, which a desktop goes by."""
        return {found[1] for window, owner in self.windows() if owner == process
                for found in [re.search(r'", "(.*)"', self.host.run("xprop", "-id", window, "WM_CLASS").stdout)]
                if found}

    def next_window(self):
        """The process that has opened one more."""
        new = rig.wait_for(lambda: self.windows() - self.seen, "a window", PATIENCE)
        self.seen |= new
        return new.pop()[1]

    def stop(self):
        """Politely, or its lock would stay, which some process may seem to hold another day."""
        self.server.terminate()
        self.server.wait(rig.TIMEOUT)
