# SPDX-License-Identifier: GPL-3.0-or-later
"""All who know what a session is to be die at once: whoever comes after knows it, too."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

import rig

SESSION = "/org/wgwrap/WgWrap1/sessions/work"


def get(host, name):
    answer = host.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", SESSION, "-m",
                      "org.freedesktop.DBus.Properties.Get", "org.wgwrap.WgWrap1.Session", name)
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    return answer.stdout.strip()


def set_linger(host, seconds):
    answer = host.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", SESSION, "-m",
                      "org.freedesktop.DBus.Properties.Set", "org.wgwrap.WgWrap1.Session", "Linger",
                      f"<uint32 {seconds}>")
    assert answer.returncode == 0, answer.stderr


def kill(host, *names):
    """SIGKILL to all, none of which can do anything in between."""
    victims = [pid for name in names for pid in host.processes(name)[name]]
    assert len(victims) == len(names), (names, victims)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in victims:
            os.kill(pid, number)


def wait_for_successor(host, former):
    def is_there():
        host.wg_wrap("status")  # starts the service, which looks for sessions; in vain until the bus knows
        return set(host.processes("wg-wrap-supervi")["wg-wrap-supervi"]) - set(former)
    rig.wait_for(is_there, "a successor")


# By the names that the kernel keeps, of 15 bytes.
@pytest.mark.parametrize("victims", [
    ["wg-wrapd", "wg-wrap-supervi"], ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-engine"],
    ["wg-wrap-supervi", "wg-wrap-anchor"], ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-anchor"]],
                         ids="+".join)
def test_a_hold_and_linger_outlive_everybody_who_was_told(host, peer, work, victims):
    """With nobody in it, so that only the hold keeps it."""
    assert host.wg_wrap("up", work).returncode == 0
    set_linger(host, 77)
    for _ in range(2):  # a successor knows it as well
        former = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
        kill(host, *victims)
        wait_for_successor(host, former)
        status = rig.wait_for(lambda: host.status(work), "the session again")
        assert status["held"] and get(host, "Linger") == "(<uint32 77>,)"
    assert host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "20",
                        f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
    assert host.status(work)["held"]
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def test_a_hold_that_was_released_does_not_come_back(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "600")
    rig.wait_for(lambda: host.status(work)["programs"], "the program")
    assert host.wg_wrap("down", work).returncode == 0  # with a program in it: the hold alone
    former = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
    kill(host, "wg-wrapd", "wg-wrap-supervi")
    wait_for_successor(host, former)
    status = rig.wait_for(lambda: host.status(work), "the session again")
    assert not status["held"] and status["programs"]
    child.kill()
    child.wait(rig.TIMEOUT)
    set_linger(host, 0)
    host.assert_nothing_is_left()


EVERYBODY = ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-anchor", "wg-wrap-engine"]


def test_programs_alone_are_enough_for_a_successor(host, peer, work, waiting):
    """As after `pkill -9 wg-wrap`: hold, Linger and far end are as before, and it can end as ever."""
    assert host.wg_wrap("up", work).returncode == 0
    set_linger(host, 77)
    network = os.readlink(f"/proc/{waiting.pid}/ns/net")
    with rig.Capture() as capture:
        for _ in range(2):
            kill(host, *EVERYBODY)
            status = rig.wait_for(lambda: host.wg_wrap("status").returncode == 0 and host.status(work),
                                  "the session again")
            assert waiting.pid in [program["pid"] for program in status["programs"]]
            assert status["held"] and get(host, "Linger") == "(<uint32 77>,)"
        assert host.wg_wrap("run", work, "--", "readlink", "/proc/self/ns/net").stdout.strip() == network
        assert ask_inside(waiting) == peer.CLIENT4
    outside = capture.other_than_udp("192.0.2.2", 51820)
    # The host's own word to the peer that nobody listens at the port of the engine that was killed.
    assert [packet for packet in outside if packet[1:3] != (socket.IPPROTO_ICMP, "192.0.2.2")] == []
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def test_a_program_with_directories_of_its_own_is_enough_for_a_successor(host, peer, work):
    program = host.home / "slack"  # for which there is such a recipe
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o700)
    answer = host.gdbus("Manager", "Launch", work, f"['{program}']", "{}")
    assert answer.returncode == 0, answer.stderr
    pid = rig.wait_for(lambda: host.status(work)["programs"], "the program")[0]["pid"]
    others = host.processes("wg-wrap-anchor")["wg-wrap-anchor"][0]
    assert os.readlink(f"/proc/{pid}/ns/mnt") != os.readlink(f"/proc/{others}/ns/mnt")
    network = os.readlink(f"/proc/{pid}/ns/net")
    kill(host, *EVERYBODY)
    assert host.wg_wrap("run", work, "--", "readlink", "/proc/self/ns/net").stdout.strip() == network
    assert host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "20",
                        f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
    assert host.wg_wrap("down", "--force", work).returncode == 0
    host.assert_nothing_is_left()


def test_who_has_the_network_with_mounts_of_another_making_is_no_way_in(host, peer, work):
    """A sandbox in the tunnel, which alone is left: there is a new session, and the sandbox stays closed."""
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "unshare", "--user", "--mount", "sh",
                       "-c", "echo in; read line", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "in\n"
    network = os.readlink(f"/proc/{child.pid}/ns/net")
    kill(host, *EVERYBODY)
    assert host.wg_wrap("run", work, "--", "readlink", "/proc/self/ns/net").stdout.strip() != network
    child.communicate("\n", timeout=60)
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def test_a_stopped_supervisor_keeps_a_new_service_from_nothing_else(host, peer, work, other, waiting):
    """And once it goes on, its session is there as it was."""
    stopped, = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
    os.kill(stopped, signal.SIGSTOP)
    try:
        kill(host, "wg-wrapd")
        assert rig.wait_for(lambda: host.wg_wrap("run", other, "--", "echo", "in").stdout, "the service") == "in\n"
        assert "it is waited for" in host.wg_wrap("logs", work).stdout
        assert not host.status(work)
    finally:
        os.kill(stopped, signal.SIGCONT)
    status = rig.wait_for(lambda: host.status(work), "the session again")
    assert [program["pid"] for program in status["programs"]] == [waiting.pid]
    assert ask_inside(waiting) == peer.CLIENT4


def test_a_session_without_anybody_is_swept(host, peer, work):
    assert host.wg_wrap("up", work).returncode == 0
    kill(host, *EVERYBODY)
    assert len(host.sessions()) == 1
    rig.wait_for(lambda: host.wg_wrap("status").returncode == 0 and host.sessions() == [], "the sweeping")
    assert host.status(work) is None
    assert host.wg_wrap("run", work, "--", "true").returncode == 0
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def ask_inside(child):
    """What the program answers that waits for a line."""
    return child.communicate("\n", timeout=60)[0]


@pytest.fixture
def waiting(host, peer, work):
    """A program in the tunnel that fetches a page once it is told to."""
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sh", "-c",
                       f"echo in; read line; curl -s --retry 9 --max-time 9 http://{peer.INSIDE4}/",
                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "in\n"
    yield child
    child.kill()
    child.wait(rig.TIMEOUT)


def profile_file(host):
    return host.home / ".config/wg-wrap/profiles/work.conf"


def removed(path):
    path.unlink()


def spoilt(path):
    path.write_text("[Interface]\nnonsense\n")


@pytest.mark.parametrize("spoil", [removed, spoilt], ids=lambda spoil: spoil.__name__)
@pytest.mark.parametrize("victims", [["wg-wrap-supervi"], ["wg-wrapd", "wg-wrap-supervi"]],
                         ids="+".join)
def test_a_session_outlives_its_profile(host, peer, work, waiting, victims, spoil):
    spoil(profile_file(host))
    if spoil is removed:
        rig.wait_for(lambda: host.wg_wrap("profile", "show", work).returncode != 0, "the service to see it")
    for _ in range(2):
        former = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
        kill(host, *victims)
        wait_for_successor(host, former)
        rig.wait_for(lambda: host.status(work), "the session again")
    assert ask_inside(waiting) == peer.CLIENT4
    assert host.wg_wrap("run", work, "--", "cat", "/etc/resolv.conf").stdout.count(peer.INSIDE4) == 1
    assert host.wg_wrap("down", "--force", work).returncode == 0
    host.assert_nothing_is_left()
    rows = json.loads(host.wg_wrap("profile", "list", "--json").stdout)
    assert [row["name"] for row in rows] == ([] if spoil is removed else [work])


def test_counters_are_followed_without_a_profile_as_well(host, peer, work, waiting):
    assert host.wg_wrap("up", work).returncode == 0
    time.sleep(1)  # to look whether it has noticed would be to listen
    profile_file(host).unlink()
    time.sleep(1)
    rig.wait_for(lambda: host.wg_wrap("profile", "show", work).returncode != 0, "the service to see it")
    assert ask_inside(waiting) == peer.CLIENT4
    rig.wait_for(lambda: host.status(work)["rx-bytes"] > 500, "the page's bytes")


def test_without_profile_and_engine_programs_have_no_connection_until_the_profile_is_back(
        host, peer, work, waiting):
    text = profile_file(host).read_text()
    profile_file(host).unlink()
    rig.wait_for(lambda: host.wg_wrap("profile", "show", work).returncode != 0, "the service to see it")
    with rig.Capture() as capture:
        kill(host, "wg-wrap-supervi", "wg-wrap-engine")
        rig.wait_for(lambda: "There is no new supervisor yet: The profile “work” is gone" in host.read_log(),
                     "a word about it")
        assert waiting.poll() is None
        network = os.readlink(f"/proc/{waiting.pid}/ns/net")
        profile_file(host).touch(0o600)
        profile_file(host).write_text(text)
        rig.wait_for(lambda: host.status(work), "the session again")
        assert ask_inside(waiting) == peer.CLIENT4
    assert capture.other_than_udp("192.0.2.2", 51820) == []
    assert host.wg_wrap("run", work, "--", "readlink", "/proc/self/ns/net").stdout.strip() == network
    assert host.wg_wrap("down", "--force", work).returncode == 0
    host.assert_nothing_is_left()


def test_what_was_edited_while_nobody_was_there_is_applied(host, peer, work, waiting):
    kill(host, "wg-wrapd", "wg-wrap-supervi")
    path = profile_file(host)
    path.write_text(path.read_text().replace("10.6.0.2/32", "10.6.0.2/32, 10.6.0.9/32"))
    rig.wait_for(lambda: "10.6.0.9" in host.wg_wrap("run", work, "--", "ip", "addr").stdout, "the address")
    assert ask_inside(waiting) == peer.CLIENT4


CONTRACT = pathlib.Path(__file__).parents[2] / "dbus"

# A supervisor of another version, of which no more is expected than to be looked at and closed.

FOREIGN = """
import fcntl, os, shutil, sys
import gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib
directory, contract, version, launched = sys.argv[1:]
lock = os.open(directory + "/lock", os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX)
open(directory + "/profile", "w").write("work")
node = Gio.DBusNodeInfo.new_for_xml(open(contract).read())
values = {"Version": ("u", int(version)), "Profile": ("s", "work"), "State": ("s", "connected"), "Reason": ("s", ""),
          "Programs": ("a(uss)", [(os.getpid(), "python3", "")]), "Held": ("b", True)}
def called(connection, sender, path, interface, method, parameters, invocation):
    print(method, flush=True)
    if method == "Close":
        invocation.return_value(None)
        connection.flush_sync(None)
        shutil.rmtree(directory)
        os._exit(0)
    if method == "Namespaces":
        held = Gio.UnixFDList()
        for name in ("user", "mnt", "net"):
            held.append(os.open("/proc/self/ns/" + name, os.O_RDONLY))
        return invocation.return_value_with_unix_fd_list(GLib.Variant("(hhh)", (0, 1, 2)), held)
    if method == "Launch":  # to die of it
        if launched == "begun":
            os.eventfd_read(invocation.get_message().get_unix_fd_list().get(3))
        shutil.rmtree(directory)
        os._exit(0)
    invocation.return_dbus_error("org.freedesktop.DBus.Error.UnknownMethod", method)
def get(connection, sender, path, interface, name):
    return GLib.Variant(*values[name]) if name in values else None
def put(connection, sender, path, interface, name, value):
    print(name, flush=True)
    return True
connections = []
def connected(server, connection):
    connections.append(connection)
    connection.register_object("/org/wgwrap/Supervisor1", node.interfaces[0], called, get, put)
    return True
server = Gio.DBusServer.new_sync(f"unix:path={directory}/bus", Gio.DBusServerFlags.NONE,
                                 Gio.dbus_generate_guid(), None, None)
server.connect("new-connection", connected)
server.start()
print("ready", flush=True)
GLib.MainLoop().run()
"""


def start_foreign(host, work, request, version, launched="not begun"):
    assert host.wg_wrap("run", work, "--", "true").returncode == 0
    directory = host.runtime / "wg-wrap" / "sessions" / host.sessions()[0]
    assert host.wg_wrap("down", "--force", work).returncode == 0
    host.assert_nothing_is_left()
    os.kill(host.service_pid(), signal.SIGKILL)
    directory.mkdir(mode=0o700)
    supervisor = host.popen("/usr/bin/python3", "-c", FOREIGN, directory,
                            CONTRACT / "org.wgwrap.Supervisor1.xml", version, launched, stdout=subprocess.PIPE, text=True)
    request.addfinalizer(supervisor.kill)
    assert supervisor.stdout.readline() == "ready\n"
    return supervisor


def test_a_session_of_another_version_is_shown_and_closed_and_no_more(host, work, request):
    supervisor = start_foreign(host, work, request, "1")
    status = rig.wait_for(lambda: host.wg_wrap("status").returncode == 0 and host.status(work),
                          "it to be seen")
    word = "Another version of wg-wrap has started the tunnel “work”."
    assert status["state"] == "connected" and status["reason"].startswith(word), status
    assert [program["name"] for program in status["programs"]] == ["python3"]
    assert word in host.wg_wrap("logs", work).stdout
    result = host.wg_wrap("run", work, "--", "true")
    assert result.returncode != 0 and word in result.stderr and "down --force" in result.stderr
    set_linger(host, 77)
    assert get(host, "Linger") == "(<uint32 0>,)"
    path = profile_file(host)
    path.write_text(path.read_text().replace("10.6.0.2/32", "10.6.0.2/32, 10.6.0.9/32"))
    assert host.wg_wrap("down", "--force", work).returncode == 0
    assert supervisor.wait(rig.TIMEOUT) == 0
    assert {*supervisor.stdout.read().split()} <= {"Watch", "GetLog", "Refresh", "Close"}
    # What comes now is ours.
    assert host.wg_wrap("run", work, "--", "true").returncode == 0
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


@pytest.mark.parametrize("launched", ["begun", "not begun"])
def test_what_a_dying_supervisor_may_have_launched_is_not_launched_again(host, work, request, launched):
    version = re.search(r"WGW_SUPERVISOR_VERSION +(\d+)", (CONTRACT / "names.h").read_text())[1]
    supervisor = start_foreign(host, work, request, version, launched)
    ran = host.home / "ran"
    answer = host.gdbus("Manager", "Launch", work, f"['sh', '-c', 'echo ran >>{ran}']", "{}")
    assert supervisor.wait(rig.TIMEOUT) == 0
    if launched == "begun":
        assert answer.returncode != 0 and "Look with “wg-wrap status”" in answer.stderr, answer.stderr
        assert host.wg_wrap("run", work, "--", "true").returncode == 0
        assert not ran.exists()
    else:
        assert answer.returncode == 0, answer.stderr
        rig.wait_for(lambda: ran.exists() and ran.read_text() == "ran\n", "the program")
    assert host.wg_wrap("down", "--force", work).returncode == 0
    host.assert_nothing_is_left()


def test_a_supervisor_that_does_not_answer_is_named_and_launches_nothing_later(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    stopped, = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
    ran = host.home / "ran"
    os.kill(stopped, signal.SIGSTOP)
    try:
        answer = host.gdbus("Manager", "Launch", work, f"['touch', '{ran}']", "{}")
    finally:
        os.kill(stopped, signal.SIGCONT)
    for words in "Nothing was started.", f"kill -CONT {stopped}", f"kill -KILL {stopped}":
        assert words in answer.stderr, answer.stderr
    assert host.wg_wrap("run", work, "--", "true").returncode == 0
    assert "is not started any more" in host.wg_wrap("logs", work).stdout
    assert not ran.exists()
