# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program on the tunnel's own bus has of the desktop's: the real services, outside, by who stands in
for them."""
import os
import pathlib
import resource
import subprocess

import pytest

import rig

ADDRESS = "unix:path=/run/wg-wrap/bus"


@pytest.fixture
def services(host):
    """Let the user's bus start a service, as it is installed."""
    def add(name):
        (host.directory / "services" / name).write_text(
            pathlib.Path("/usr/share/dbus-1/services", name).read_text())
    return add


def inside(host, work, *command, **options):
    """The output of a command on the tunnel's own bus."""
    done = host.wg_wrap("run", work, "--", "env", f"DBUS_SESSION_BUS_ADDRESS={ADDRESS}", *command, **options)
    assert done.returncode == 0, (command, done.stdout, done.stderr, host.read_log())
    return done.stdout.strip()


def test_passwords_are_the_desktops(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    keyring = host.popen("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets",
                         stdin=subprocess.PIPE, stdout=host.log, stderr=host.log)
    keyring.stdin.write(b"login")
    keyring.stdin.close()
    ask = ("secret-tool", "lookup", "account")
    rig.wait_for(lambda: host.run(*ask, "none").stderr == "", "the keyring")
    inside(host, work, "secret-tool", "store", "--label=inside", "account", "one", input="from inside")
    assert host.check(*ask, "one") == "from inside"
    host.check("secret-tool", "store", "--label=outside", "account", "two", input="from outside")
    assert inside(host, work, *ask, "two") == "from outside"
    inside(host, work, "secret-tool", "clear", "account", "two")
    assert host.run(*ask, "two").stdout == ""
    keyring.kill()
    keyring.wait(rig.TIMEOUT)


def test_xfces_settings_are_the_desktops(host, work, services):
    """And a change outside is told inside."""
    services("org.xfce.Xfconf.service")
    assert host.wg_wrap("up", work).returncode == 0
    channel = ("xfconf-query", "-c", "wg-wrap")
    inside(host, work, *channel, "-p", "/inside", "-n", "-t", "int", "-s", "6")
    # Which does not wait for an answer.
    rig.wait_for(lambda: host.run(*channel, "-p", "/inside").stdout == "6\n", "the setting")
    host.check(*channel, "-p", "/outside", "-n", "-t", "string", "-s", "a word")
    assert inside(host, work, *channel, "-p", "/outside") == "a word"
    monitor = host.popen(host.programs / "wg-wrap", "run", work, "--", "env",
                         f"DBUS_SESSION_BUS_ADDRESS={ADDRESS}", "stdbuf", "-oL", *channel, "-m",
                         stdout=subprocess.PIPE, text=True)
    assert "monitor" in monitor.stdout.readline()
    host.check(*channel, "-p", "/outside", "-s", "another")
    assert rig.wait_for(lambda: "/outside" in monitor.stdout.readline(), "the change")
    monitor.kill()
    monitor.wait(rig.TIMEOUT)


PASS = """
import os
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
files = Gio.UnixFDList()
files.append(0)
try:
    bus.call_with_unix_fd_list_sync("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf", "Take",
                                    GLib.Variant("(h)", (0,)), None, 0, 10000, files, None)
except GLib.Error as error:
    print(Gio.DBusError.get_remote_error(error) or error.message)
"""


def test_who_has_no_descriptor_left_says_so(host, work, services):
    """And keeps nobody waiting."""
    services("org.xfce.Xfconf.service")
    assert host.wg_wrap("up", work).returncode == 0
    assert inside(host, work, "/usr/bin/python3", "-c", PASS) == "org.freedesktop.DBus.Error.UnknownMethod"
    pid, = host.processes("wg-wrap-stand-i")["wg-wrap-stand-i"]
    taken = set(map(int, os.listdir(f"/proc/{pid}/fd")))
    free = next(number for number in range(1024) if number not in taken)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free + 1, free + 1))
    assert inside(host, work, "/usr/bin/python3", "-c", PASS) == "org.freedesktop.DBus.Error.LimitsExceeded"


# The part of a desktop that shows dialogs; here nobody has to choose.
BACKEND = """
import dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
SETTINGS = "org.freedesktop.impl.portal.Settings"

class Dialog(dbus.service.Object):
    @dbus.service.method("org.freedesktop.impl.portal.Request")
    def Close(self):
        print("closed", flush=True)

class Backend(dbus.service.Object):
    scheme = dbus.UInt32(1)

    @dbus.service.method("org.freedesktop.impl.portal.FileChooser", "osssa{sv}", "ua{sv}",
                         async_callbacks=("done", "failed"))
    def OpenFile(self, handle, application, window, title, options, done, failed):
        if title == "left open":
            self.dialog = Dialog(self.connection, handle)
        elif title == "cancelled":
            done(1, {})
        else:
            done(0, {"uris": dbus.Array(["file:///chosen/" + title], "s")})

    @dbus.service.method(SETTINGS, "ss", "v")
    def Read(self, namespace, key):
        return self.scheme

    @dbus.service.method(SETTINGS, "as", "a{sa{sv}}")
    def ReadAll(self, namespaces):
        return {"org.freedesktop.appearance": {"color-scheme": self.scheme}}

    @dbus.service.signal(SETTINGS, "ssv")
    def SettingChanged(self, namespace, key, value):
        pass

    @dbus.service.method("org.example.Backend")
    def Change(self):
        self.scheme = dbus.UInt32(2)
        self.SettingChanged("org.freedesktop.appearance", "color-scheme", self.scheme)

bus = dbus.SessionBus()
bus.request_name("org.freedesktop.impl.portal.desktop.test")
served = Backend(bus, "/org/freedesktop/portal/desktop")
print("ready", flush=True)
GLib.MainLoop().run()
"""
PORTAL = """[portal]
DBusName=org.freedesktop.impl.portal.desktop.test
Interfaces=org.freedesktop.impl.portal.FileChooser;org.freedesktop.impl.portal.Settings;
UseIn=test
"""
# As programs do it, by libportal.
CHOOSE = """
import sys
import gi
gi.require_version("Xdp", "1.0")
from gi.repository import GLib, Xdp
loop = GLib.MainLoop()

def done(portal, result):
    try:
        print(portal.open_file_finish(result)["uris"], flush=True)
    except GLib.Error as error:
        print(error.message, flush=True)
    loop.quit()

portal = Xdp.Portal()
portal.open_file(None, sys.argv[1], None, None, None, Xdp.OpenFileFlags.NONE, None, done)
GLib.timeout_add_seconds(20, loop.quit)
loop.run()
"""
CLOSE = """
import sys
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
def call(path, interface, method, arguments):
    return bus.call_sync("org.freedesktop.portal.Desktop", path, "org.freedesktop.portal." + interface,
                         method, arguments, None, 0, -1, None)
options = {"handle_token": GLib.Variant("s", "mine")}
handle, = call("/org/freedesktop/portal/desktop", "FileChooser", "OpenFile",
               GLib.Variant("(ssa{sv})", ("", "left open", options)))
print(handle.split("/")[-2] == bus.get_unique_name()[1:].replace(".", "_"))
if sys.argv[1] == "close":
    call(handle, "Request", "Close", None)
"""
FOLLOW = """
from gi.repository import Gio, GLib
loop = GLib.MainLoop()
proxy = Gio.DBusProxy.new_for_bus_sync(Gio.BusType.SESSION, 0, None, "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings", None)
words = GLib.Variant("(ss)", ("org.freedesktop.appearance", "color-scheme"))
proxy.connect("g-signal", lambda *words: (print(words[3], flush=True), loop.quit()))
print(proxy.call_sync("Read", words, 0, -1, None), flush=True)
GLib.timeout_add_seconds(20, loop.quit)
loop.run()
"""


@pytest.fixture
def portal(host, work):
    """The desktop's portal, and a part of it to do what a person would."""
    (host.directory / "portals").mkdir()
    (host.directory / "portals/test.portal").write_text(PORTAL)
    environment = {**host.environment, "XDG_DESKTOP_PORTAL_DIR": str(host.directory / "portals"),
                   "XDG_CURRENT_DESKTOP": "test"}
    backend = host.popen("/usr/bin/python3", "-c", BACKEND, stdout=subprocess.PIPE, text=True)
    assert backend.stdout.readline() == "ready\n"
    frontend = host.popen("/usr/libexec/xdg-desktop-portal", env=environment, stdout=host.log,
                          stderr=host.log)
    assert host.wg_wrap("up", work).returncode == 0
    host.check("gdbus", "wait", "--session", "--timeout", "20", "org.freedesktop.portal.Desktop")
    yield backend.stdout
    for process in (frontend, backend):
        process.kill()
        process.wait(rig.TIMEOUT)


def test_files_are_chosen_in_the_desktops_dialogs(host, work, portal):
    choose = ("/usr/bin/python3", "-c", CHOOSE)
    assert host.check(*choose, "outside") == "['file:///chosen/outside']"
    assert inside(host, work, *choose, "inside") == "['file:///chosen/inside']"
    assert "cancel" in inside(host, work, *choose, "cancelled").lower()


@pytest.mark.parametrize("way", ["close", "end"])
def test_a_dialog_is_closed_by_who_opened_it_or_with_him(host, work, portal, way):
    assert inside(host, work, "/usr/bin/python3", "-c", CLOSE, way) == "True"
    assert portal.readline() == "closed\n"


def test_the_desktops_style_is_followed(host, work, portal):
    follower = host.popen(host.programs / "wg-wrap", "run", work, "--", "env",
                          f"DBUS_SESSION_BUS_ADDRESS={ADDRESS}", "/usr/bin/python3", "-c", FOLLOW,
                          stdout=subprocess.PIPE, text=True)
    assert "uint32 1" in follower.stdout.readline()
    host.check("gdbus", "call", "-e", "-d", "org.freedesktop.impl.portal.desktop.test", "-o",
               "/org/freedesktop/portal/desktop", "-m", "org.example.Backend.Change")
    assert "uint32 2" in follower.communicate(timeout=rig.TIMEOUT)[0]
