# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits on the host's side for a leak, and writes down who touched it: the sockets by which names
are resolved, a system bus with systemd-resolved's and avahi's names, and a real dnsmasq."""
import contextlib
import os
import pathlib
import socket
import struct
import subprocess
import threading

import rig

SOCKETS = ["/run/nscd/socket", "/run/systemd/resolve/io.systemd.Resolve",
           "/run/systemd/resolve/io.systemd.Resolve.Monitor",
           "/run/systemd/resolve.hook/io.systemd.Network", "/run/avahi-daemon/socket",
           "/run/mdnsd", "\0wg-wrap-canary"]
NSCD_HOSTS = [struct.pack("=i", kind) for kind in (4, 5, 6, 7, 13, 14)]
SYSTEM_BUS = pathlib.Path("/run/dbus/system_bus_socket")
BUS_CONFIG = """<busconfig><type>system</type><listen>unix:path={path}</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/>
<allow own="*"/></policy></busconfig>"""
SERVER = """
import sys
import dbus.bus, dbus.lowlevel, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
def on_message(connection, message):
    if isinstance(message, dbus.lowlevel.MethodCallMessage):
        print(message.get_interface(), flush=True)
    return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED
bus = dbus.bus.BusConnection("unix:path=" + sys.argv[1])
bus.add_message_filter(on_message)
for name in ("org.freedesktop.resolve1", "org.freedesktop.Avahi"):
    bus.request_name(name)
print("ready", flush=True)
GLib.MainLoop().run()
"""


class Canary:
    def __init__(self, directory):
        self.hits = []
        self.children = []
        self.listeners = []
        for path in SOCKETS:
            self._listen(path)
        self._start_system_bus(directory)
        # 192.0.2.1 and ::1, too, have nobody to answer: the capture sees who asks.
        log = directory / "dnsmasq"
        self._start("dnsmasq", "--no-daemon", "--no-hosts", "--no-resolv", "--log-queries",
                    f"--log-facility={log}", "--listen-address=127.0.0.53", "--bind-interfaces",
                    "--address=/canary.example/198.51.100.1", "--user=", "--group=", "--pid-file=")
        rig.wait_for(log.exists, "dnsmasq")
        self._install_names(directory)

    def _start(self, *command, **options):
        child = subprocess.Popen(command, **{"stdout": subprocess.DEVNULL,
                                             "stderr": subprocess.DEVNULL, **options})
        self.children.append(child)
        return child

    def _listen(self, path):
        if not path.startswith("\0"):
            pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(16)
        self.listeners.append(listener)
        threading.Thread(target=self._accept, args=(listener, path), daemon=True).start()

    def _accept(self, listener, path):
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = listener.accept()
                with client:
                    # The host's own programs ask nscd for users; hosts are what is waited for.
                    client.settimeout(5)
                    request = client.recv(8) if "nscd" in path else None
                    if not request or request[4:] in NSCD_HOSTS:
                        self.hits.append(path)

    def _start_system_bus(self, directory):
        SYSTEM_BUS.parent.mkdir(exist_ok=True)
        config = directory / "system.conf"
        config.write_text(BUS_CONFIG.format(path=SYSTEM_BUS))
        self._start("dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}")
        rig.wait_for(lambda: rig.is_listening(SYSTEM_BUS), "the system bus")
        names = self._start("/usr/bin/python3", "-c", SERVER, SYSTEM_BUS, stdout=subprocess.PIPE,
                            text=True)
        assert names.stdout.readline() == "ready\n"
        threading.Thread(target=lambda: self.hits.extend(iter(names.stdout.readline, "")),
                         daemon=True).start()

    def _install_names(self, directory):
        """The host's own names are asked of the dnsmasq, as where systemd-resolved runs."""
        files = {"/etc/resolv.conf": "nameserver 127.0.0.53\nsearch example\n",
                 "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n"}
        for path, text in files.items():
            own = directory / os.path.basename(path)
            own.write_text(text)
            rig.sh("mount", "--bind", str(own), path)
        pathlib.Path("/run/systemd/resolve/stub-resolv.conf").write_text("nameserver 127.0.0.53\n")

    def stop(self):
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
            listener.close()
        for child in reversed(self.children):
            child.kill()
            child.wait(rig.TIMEOUT)
        for path in ("/etc/resolv.conf", "/etc/nsswitch.conf"):
            rig.sh("umount", path)
        for path in (*SOCKETS, str(SYSTEM_BUS)):
            if path.startswith("/"):
                os.unlink(path)
