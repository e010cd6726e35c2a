# SPDX-License-Identifier: GPL-3.0-or-later
"""A session bus whose address is abstract is reached from a tunnel, by a proxy outside that gives it a path."""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import pytest

import rig

GET_ID = ("gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o", "/", "-m",
          "org.freedesktop.DBus.GetId")
# Outside, it writes into the descriptor that it is given, and gives one back.
SERVICE = """
import os
import dbus, dbus.mainloop.glib, dbus.service
from gi.repository import GLib
dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)

class Writer(dbus.service.Object):
    @dbus.service.method("org.example.Writer", "h", "h")
    def Write(self, descriptor):
        fd = descriptor.take()
        os.write(fd, os.readlink("/proc/self/ns/net").encode())
        os.close(fd)
        ours, theirs = os.pipe()
        os.write(theirs, b"back")
        return dbus.types.UnixFd(ours)

bus = dbus.SessionBus()
bus.request_name("org.example.Writer")
served = Writer(bus, "/")
print("ready", flush=True)
GLib.MainLoop().run()
"""
CLIENT = """
import os, dbus
ours, theirs = os.pipe()
writer = dbus.SessionBus().get_object("org.example.Writer", "/")
back = writer.Write(dbus.types.UnixFd(theirs), dbus_interface="org.example.Writer")
print(os.readlink("/proc/self/ns/net"), os.read(ours, 99).decode(), os.read(back.take(), 9).decode())
"""
# Asks at once, and again for each line.
PATIENT = """
import sys, dbus
bus = dbus.SessionBus()
print(bus.get_object("org.freedesktop.DBus", "/").GetId(), flush=True)
for line in sys.stdin:
    print(bus.get_object("org.freedesktop.DBus", "/").GetId(), flush=True)
"""


@pytest.fixture(autouse=True)
def abstract(host):
    """The user's, before anything is on it."""
    address = f"unix:abstract=/wg-wrap-{os.getpid()}"
    config = host.directory / "abstract.conf"
    config.write_text((host.directory / "bus.conf").read_text().replace(
        f"unix:path={host.runtime}/bus", address))
    host.bus.kill()
    host.bus.wait(rig.TIMEOUT)
    host.bus = host.popen("dbus-daemon", "--nofork", "--print-address=1", "--nopidfile",
                          f"--config-file={config}", stdout=subprocess.PIPE, stderr=host.log, text=True)
    host.environment["DBUS_SESSION_BUS_ADDRESS"] = host.bus.stdout.readline().strip()
    yield
    if host.bus.poll() is None:
        for profile in ("work", "other"):
            host.wg_wrap("down", "--force", profile)
    rig.wait_for(lambda: proxies(host) == [], "the proxy's end")


def proxies(host):
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            if b"xdg-dbus-proxy" in command and str(host.runtime).encode() in command:
                found.append(int(entry.name))
    return found


def assert_no_proxy_is_left(host):
    rig.wait_for(lambda: proxies(host) == [], "the proxy's end")
    assert not (host.runtime / "wg-wrap-bus").exists()


def launch(host, work, *command, bus="shared"):
    """What a command says that the service launches."""
    said = host.home / "said"
    said.unlink(missing_ok=True)
    script = f'"$@" >{said}.part 2>&1; mv {said}.part {said}'
    argv = str(["sh", "-c", script, "sh", *map(str, command)])
    answer = host.gdbus("Manager", "Launch", work, argv, "{'bus': <'%s'>}" % bus)
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    return rig.wait_for(lambda: said.exists() and said.read_text(), "its word").strip()


def run(host, work, *command):
    done = host.wg_wrap("run", work, "--", *command)
    assert done.returncode == 0, (command, done.stderr, host.read_log())
    return done.stdout.strip()


def test_whoever_is_inside_reaches_it(host, work):
    """Started by the service or by hand; into a session that is there or not; also the tunnel's own bus."""
    outside = host.check(*GET_ID)
    assert run(host, work, *GET_ID) == outside
    assert host.wg_wrap("down", work).returncode == 0  # does not linger
    host.assert_nothing_is_left()
    assert_no_proxy_is_left(host)
    assert launch(host, work, *GET_ID) == launch(host, work, *GET_ID, bus="auto") == outside
    assert host.wg_wrap("up", work).returncode == 0
    assert run(host, work, *GET_ID) == outside
    by_own_bus = ("sh", "-c", f'DBUS_SESSION_BUS_ADDRESS=$WG_WRAP_SESSION_BUS {" ".join(GET_ID)}')
    assert launch(host, work, *GET_ID, bus="private") != outside
    assert launch(host, work, *by_own_bus, bus="private") == outside
    assert "xdg-dbus-proxy" in host.wg_wrap("doctor").stdout


def test_descriptors_go_through(host, work):
    service = host.popen("/usr/bin/python3", "-c", SERVICE, stdout=subprocess.PIPE, text=True)
    assert service.stdout.readline() == "ready\n"
    ours, theirs, back = launch(host, work, "/usr/bin/python3", "-c", CLIENT).split()
    assert ours != theirs == os.readlink("/proc/self/ns/net") and back == "back"
    service.kill()
    service.wait(rig.TIMEOUT)


def test_there_is_one_proxy_as_long_as_there_is_a_session(host, work, other):
    assert proxies(host) == []
    for profile in (work, other):
        assert host.wg_wrap("up", profile).returncode == 0
    proxy, = proxies(host)
    assert os.stat(host.runtime / "wg-wrap-bus").st_mode & 0o777 == 0o700
    assert host.wg_wrap("down", work).returncode == 0
    assert launch(host, other, *GET_ID) == host.check(*GET_ID)
    assert proxies(host) == [proxy]
    assert host.wg_wrap("down", other).returncode == 0
    host.assert_nothing_is_left()
    assert_no_proxy_is_left(host)


def test_one_that_died_is_replaced(host, work):
    """By the next launch, however soon, and at once if it had lived a while."""
    outside = host.check(*GET_ID)
    assert host.wg_wrap("up", work).returncode == 0
    for _ in range(3):
        proxy, = proxies(host)
        os.kill(proxy, signal.SIGKILL)
        assert launch(host, work, *GET_ID) == outside
        assert proxies(host) not in ([], [proxy])
    proxy, = proxies(host)
    shutil.rmtree(host.runtime / "wg-wrap-bus")  # or somebody clears up
    assert launch(host, work, *GET_ID) == outside
    rig.wait_for(lambda: proxy not in proxies(host) != [], "another one alone")


def test_it_outlives_the_service_and_ends_with_its_session(host, work):
    patient = host.popen(host.programs / "wg-wrap", "run", work, "--", "/usr/bin/python3", "-c", PATIENT,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    first = patient.stdout.readline()
    proxy, = proxies(host)
    os.kill(host.service_pid(), signal.SIGKILL)
    print("again", file=patient.stdin, flush=True)
    assert patient.stdout.readline() == first != ""
    rig.wait_for(lambda: host.wg_wrap("status").returncode == 0, "the next service")
    assert proxies(host) == [proxy]
    patient.communicate(timeout=rig.TIMEOUT)
    assert host.wg_wrap("down", work).returncode == 0  # does not linger
    host.assert_nothing_is_left()
    assert_no_proxy_is_left(host)


def test_it_ends_with_the_bus(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    assert len(proxies(host)) == 1
    host.bus.kill()
    assert_no_proxy_is_left(host)


def test_without_a_proxy_the_session_bus_is_the_tunnels_own(host, work):
    """So the program has one; and that it is another is told. Here its directory is open to others."""
    (host.runtime / "wg-wrap-bus").mkdir()
    (host.runtime / "wg-wrap-bus").chmod(0o755)
    outside = host.check(*GET_ID)
    assert host.wg_wrap("up", work).returncode == 0
    ours = launch(host, work, *GET_ID)
    assert ours.startswith("('") and ours != outside
    assert proxies(host) == []
    assert "own session bus" in host.wg_wrap("logs", work).stdout
    assert run(host, work, *GET_ID) == ours  # the same one
