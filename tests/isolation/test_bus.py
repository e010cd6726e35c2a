# SPDX-License-Identifier: GPL-3.0-or-later
"""A session's own D-Bus session bus: one for all of its programs that are to meet nobody outside."""
import contextlib
import os
import pathlib
import signal
import subprocess

import pytest

import rig

ADDRESS = "unix:path=/run/wg-wrap/bus"
# A single-instance application: the first owns the name, the second asks it to write down a word. Run
# with no word, as the bus does, it owns the name and waits.
APPLICATION = """
import os, sys
import dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
name, book, words = sys.argv[1], sys.argv[2], sys.argv[3:]

class Single(dbus.service.Object):
    @dbus.service.method("org.example.Single", "s")
    def Open(self, word):
        with open(book, "a") as file:
            file.write(f"{word} {os.getpid()} {os.readlink('/proc/self/ns/net')}\\n")

    @dbus.service.method("org.example.Single")
    def Quit(self):
        GLib.idle_add(loop.quit)

bus = dbus.SessionBus()
owned = bus.request_name(name, dbus.bus.NAME_FLAG_DO_NOT_QUEUE) == 1
if owned:
    served = Single(bus, "/")
    loop = GLib.MainLoop()
    for word in words:
        served.Open(word)
    loop.run()
else:
    remote = dbus.Interface(bus.get_object(name, "/"), "org.example.Single")
    for word in words:
        remote.Quit() if word == "quit" else remote.Open(word)
"""
ENTRY = """[Desktop Entry]
Type=Application
Name={name}
Exec=/usr/bin/python3 {script} {name} {book} {words}
"""
SERVICE = "[D-BUS Service]\nName={name}\nExec=/usr/bin/python3 {script} {name} {book}\n"
START = "gdbus call -e -d {} -o / -m org.example.Single.Open started"


@pytest.fixture
def single(host):
    """Applications that run once, of which the bus can start one, and a helper that it can start."""
    made = host.home / "book"
    script = host.home / "single.py"
    script.write_text(APPLICATION)
    data = host.home / ".local/share"
    (data / "applications").mkdir(parents=True)
    (data / "dbus-1/services").mkdir(parents=True)
    for name in ("org.example.First", "org.example.Activated", "org.example.Helper"):
        about = {"name": name, "script": script, "book": made}
        if name != "org.example.First":
            (data / f"dbus-1/services/{name}.service").write_text(SERVICE.format(**about))
        if name != "org.example.Helper":
            (data / f"applications/{name}.desktop").write_text(ENTRY.format(words="word", **about))
    return made


def launch(host, work, *argv, bus="private"):
    answer = host.gdbus("Manager", "Launch", work, str(list(map(str, argv))), "{'bus': <'%s'>}" % bus)
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    return int(answer.stdout.split("uint32 ")[1].rstrip(")\n"))


def written(book, count):
    """What the applications have written, once it is so much: [[word, process, namespace]]."""
    def read():
        lines = book.read_text().splitlines() if book.exists() else []
        return [line.split() for line in lines] if len(lines) >= count else None
    return rig.wait_for(read, "their words")


def inside(host, work):
    return host.wg_wrap("run", work, "readlink", "/proc/self/ns/net").stdout.strip()


def programs(host, work):
    return {program["pid"]: program["desktop-id"]
            for program in (host.status(work) or {"programs": []})["programs"]}


def living():
    """{process: (its parent, command line)}, without those that only wait to be noticed and those of another
    test, of which the kernel does not tell us the namespaces."""
    found = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            os.readlink(entry / "ns/net")
            state, parent, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
            if state != "Z":
                found[int(entry.name)] = (int(parent), (entry / "cmdline").read_bytes())
    return found


def daemons():
    """The bus's process in each session."""
    found = {pid: parent for pid, (parent, command) in living().items()
             if b"private-bus/session.conf" in command}
    # It forks one more for each that it has started.
    return [pid for pid, parent in found.items() if parent not in found]


def test_a_second_start_reaches_the_first_one_inside(host, work, single):
    command = ("/usr/bin/python3", host.home / "single.py", "org.example.First", single)
    outside = host.popen(*command, "outside")
    theirs = written(single, 1)[0]
    assert theirs[1] == str(outside.pid)
    assert host.wg_wrap("open", work, "org.example.First").returncode == 0
    assert host.wg_wrap("open", work, "org.example.First").returncode == 0
    _, first, second = written(single, 3)
    assert first[1] == second[1] != theirs[1]
    assert first[2] == second[2] == inside(host, work) != theirs[2]
    assert len(daemons()) == 1
    rig.wait_for(lambda: len(programs(host, work)) == 1, "the end of the second")
    outside.kill()
    outside.wait(rig.TIMEOUT)


def test_it_is_there_as_long_as_the_session_and_keeps_it_no_longer(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    assert daemons() == []  # nobody wanted it
    launched = [launch(host, work, "sleep", "600") for _ in range(2)]
    bus, = daemons()
    assert os.readlink(f"/proc/{bus}/ns/net") == inside(host, work)
    assert host.wg_wrap("down", work).returncode == 0  # it is held no longer
    for pid in launched:
        os.kill(pid, signal.SIGKILL)
    host.assert_nothing_is_left()
    assert daemons() == []


def test_what_it_starts_is_inside_and_counts_if_it_is_an_application(host, work, single):
    """A helper does not, and ends with the session."""
    starter = launch(host, work, "sh", "-c", "&&".join(
        [START.format("org.example.Helper"), START.format("org.example.Activated"),
         "exec sleep 600"]))
    helper, application = written(single, 2)
    assert helper[2] == application[2] == inside(host, work)
    os.kill(starter, signal.SIGKILL)
    rig.wait_for(lambda: programs(host, work) == {
        int(application[1]): "org.example.Activated.desktop"}, "the application alone")
    host.wg_wrap("down", work)  # does not linger
    os.kill(int(application[1]), signal.SIGTERM)
    host.assert_nothing_is_left()
    assert int(helper[1]) not in living() and daemons() == []


def test_it_outlives_a_supervisor(host, work, single):
    assert host.wg_wrap("up", work).returncode == 0
    launch(host, work, "/usr/bin/python3", host.home / "single.py", "org.example.First", single, "a")
    launch(host, work, "sh", "-c", START.format("org.example.Helper"))
    first = next(line for line in written(single, 2) if line[0] == "a")
    bus, = daemons()
    former, = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
    os.kill(former, signal.SIGKILL)
    rig.wait_for(lambda: host.processes("wg-wrap-supervi")["wg-wrap-supervi"] not in ([], [former]),
                 "a successor")
    launch(host, work, "/usr/bin/python3", host.home / "single.py", "org.example.First", single, "b")
    assert written(single, 3)[2][:2] == ["b", first[1]]
    assert daemons() == [bus]
    rig.wait_for(lambda: programs(host, work) == {int(first[1]): ""}, "the first one alone")
    assert host.wg_wrap("down", "--force", work).returncode == 0
    host.assert_nothing_is_left()
    assert daemons() == []


def test_one_that_died_is_replaced(host, work, single):
    assert host.wg_wrap("up", work).returncode == 0
    launch(host, work, "true")
    bus, = daemons()
    os.kill(bus, signal.SIGKILL)
    rig.wait_for(lambda: "own session bus has ended" in host.wg_wrap("logs", work).stdout, "the log")
    # By who connects, too, and not by us alone.
    done = host.wg_wrap("run", work, "gdbus", "call", "-a", ADDRESS, "-d", "org.freedesktop.DBus",
                        "-o", "/", "-m", "org.freedesktop.DBus.GetId")
    assert done.returncode == 0, done.stderr
    other, = daemons()
    assert other != bus
    launch(host, work, "/usr/bin/python3", host.home / "single.py", "org.example.First", single, "a")
    assert written(single, 1)[0][2] == inside(host, work) and daemons() == [other]


def test_where_it_cannot_be_nobody_waits_for_it(host, work):
    (host.home / "libdbus-1.so.3").touch()
    broken = "{'bus': <'private'>, 'setenv': <{'LD_LIBRARY_PATH': '%s'}>}" % host.home
    assert host.gdbus("Manager", "Launch", work, "['sleep', '600']", broken).returncode == 0
    done = host.wg_wrap("run", work, "gdbus", "call", "-a", ADDRESS, "-d", "org.freedesktop.DBus",
                        "-o", "/", "-m", "org.freedesktop.DBus.GetId")
    assert done.returncode == 1 and daemons() == []


# What a desktop has, as far as it is asked here; and a list of what it was asked.
DESKTOP = """
import sys
import dbus, dbus.lowlevel, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)

class Desktop(dbus.service.Object):
    @dbus.service.method("org.freedesktop.Notifications", "susssasa{sv}i", "u")
    def Notify(self, name, replaces, icon, summary, body, actions, hints, timeout):
        GLib.timeout_add(100, self.ActionInvoked, 7, "default")
        return 7

    @dbus.service.signal("org.freedesktop.Notifications", "us")
    def ActionInvoked(self, number, action):
        pass

    @dbus.service.method("org.freedesktop.portal.Settings", "ss", "v")
    def Read(self, namespace, key):
        return dbus.UInt32(1)

    @dbus.service.method("org.freedesktop.portal.OpenURI", "ssa{sv}", "o")
    def OpenURI(self, window, uri, options):
        print("outside", uri, flush=True)
        return "/"

def on_message(connection, message):
    if message.get_member() in ("RequestBackground", "OpenURI"):
        print(message.get_member(), flush=True)
    return dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED

bus = dbus.SessionBus()
bus.add_message_filter(on_message)
bus.request_name("org.freedesktop.Notifications")
bus.request_name("org.freedesktop.portal.Desktop")
served = [Desktop(bus, "/org/freedesktop/" + name) for name in ("Notifications", "portal/desktop")]
print("ready", flush=True)
GLib.MainLoop().run()
"""
NOTIFY = """
import dbus, dbus.mainloop.glib
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
loop = GLib.MainLoop()
bus.add_signal_receiver(lambda *words: (print(*words, flush=True), loop.quit()), "ActionInvoked")
service = bus.get_object("org.freedesktop.Notifications", "/org/freedesktop/Notifications")
print(service.Notify("a", 0, "", "b", "c", ["d", "e"], {}, -1,
                     dbus_interface="org.freedesktop.Notifications"))
GLib.timeout_add_seconds(20, loop.quit)
loop.run()
"""


@pytest.fixture
def desktop(host, work):
    """What it was asked, once it is stopped; and the tunnel's bus is there."""
    assert host.wg_wrap("up", work).returncode == 0
    made = host.popen("/usr/bin/python3", "-c", DESKTOP, stdout=subprocess.PIPE, text=True)
    assert made.stdout.readline() == "ready\n"
    path = f"{host.programs}:{host.environment['PATH']}"
    answer = host.gdbus("Manager", "Launch", work, "['sleep', '600']",
                        "{'bus': <'private'>, 'setenv': <{'PATH': '%s'}>}" % path)
    assert answer.returncode == 0, answer.stderr

    def stop():
        made.kill()
        return made.communicate(timeout=rig.TIMEOUT)[0]
    yield stop
    stop()


def on_own_bus(host, work, *command):
    return host.run(host.programs / "wg-wrap", "run", work, "--", *command, env={
        **host.environment, "DBUS_SESSION_BUS_ADDRESS": ADDRESS})


def ask_portal(host, work, interface, method, *arguments):
    return on_own_bus(host, work, "gdbus", "call", "-e", "-d", "org.freedesktop.portal.Desktop", "-o",
                      "/org/freedesktop/portal/desktop", "-m",
                      f"org.freedesktop.portal.{interface}.{method}", *arguments)


def test_notifications_are_the_desktops(host, work, desktop):
    done = on_own_bus(host, work, "/usr/bin/python3", "-c", NOTIFY)
    assert done.stdout.split() == ["7", "7", "default"], (done.stderr, host.read_log())


def test_who_stands_for_a_service_of_the_desktops_is_no_application(host, work, desktop, single):
    """Although there is an entry of its name."""
    (single.parent / ".local/share/applications/notifications.desktop").write_text(
        ENTRY.format(name="Notifications", script="", book="", words=""))
    assert on_own_bus(host, work, "/usr/bin/python3", "-c", NOTIFY).stdout.startswith("7")
    assert host.wg_wrap("down", work).returncode == 0
    # Who has just ended is counted until that is noticed.
    rig.wait_for(lambda: len(programs(host, work)) == 1, "the one that stays")
    sleeper, = programs(host, work)
    os.kill(sleeper, signal.SIGKILL)
    host.assert_nothing_is_left()


def test_of_the_portal_only_what_stays_here(host, work, desktop, single):
    handler = host.home / ".local/share/applications/handler.desktop"
    handler.write_text("[Desktop Entry]\nType=Application\nName=Handler\n"
                       "MimeType=x-scheme-handler/example;\n"
                       f"Exec=sh -c 'echo $0 1 $(readlink /proc/self/ns/net) >>{single}' %u\n")
    (host.home / ".config").mkdir(exist_ok=True)
    (host.home / ".config/mimeapps.list").write_text(
        "[Default Applications]\nx-scheme-handler/example=handler.desktop\n")
    asked = ask_portal(host, work, "Settings", "Read", "org.freedesktop.appearance", "color-scheme")
    assert asked.stdout == "(<uint32 1>,)\n", (asked.stderr, host.read_log())
    refused = ask_portal(host, work, "Background", "RequestBackground", "", "{}")
    assert refused.returncode != 0 and "AccessDenied" in refused.stderr
    opened = ask_portal(host, work, "OpenURI", "OpenURI", "", "example:page",
                        "{'handle_token': <'mine'>}")
    assert opened.stdout.endswith("/mine',)\n"), opened.stderr
    assert written(single, 1) == [["example:page", "1", inside(host, work)]]
    assert desktop() == ""


def test_what_the_desktop_lacks_is_said_at_once(host, work, desktop):
    done = on_own_bus(host, work, "gdbus", "call", "-e", "--timeout", "20", "-d",
                      "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets", "-m",
                      "org.freedesktop.Secret.Service.OpenSession", "plain", "<''>")
    assert done.returncode != 0 and "exited" in done.stderr
