# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of which there is one copy: the second start is inside, or is said not to be."""
import os
import signal

import pytest

import rig

# It says in which network it opened its window, so to speak, and stays.
APPLICATION = """#!/usr/bin/python3
import os, sys
from gi.repository import Gio
application = Gio.Application(application_id="org.example.Single")
def activate(_):
    with open({log!r}, "a") as file:
        file.write(os.readlink("/proc/self/ns/net") + "\\n")
    application.hold()
application.connect("activate", activate)
application.run()
"""
ENTRY = "[Desktop Entry]\nType=Application\nName=Single\nExec={program}\n"


class Single:
    def __init__(self, host):
        self.host = host
        self.log = host.home / "log"
        self.program = host.home / "single"
        self.program.write_text(APPLICATION.format(log=str(self.log)))
        self.program.chmod(0o700)
        applications = host.home / ".local/share/applications"
        applications.mkdir(parents=True)
        for name in ("org.example.Single", "another-name"):
            (applications / f"{name}.desktop").write_text(ENTRY.format(program=self.program))
        self.outside = host.popen(self.program)
        rig.wait_for(self.networks, "the copy outside")

    def networks(self):
        """Where it was activated, first to last."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    def open(self, desktop_id, options="{}"):
        return self.host.gdbus("Manager", "LaunchApp", "work", desktop_id, "[]", options)


@pytest.fixture
def single(host, work):
    made = Single(host)
    yield made
    made.outside.kill()
    made.outside.wait(rig.TIMEOUT)


@pytest.fixture
def heard(host, tmp_path):
    """What ProgramExited says, as gdbus prints it."""
    log = tmp_path / "heard"
    with open(log, "w", encoding="utf-8") as file:
        monitor = host.popen("gdbus", "monitor", "-e", "-d", "org.wgwrap.WgWrap1", stdout=file)
    rig.wait_for(lambda: "is owned by" in log.read_text() or "does not" in log.read_text(), "gdbus")
    yield lambda: [line for line in log.read_text().splitlines() if "ProgramExited" in line]
    monitor.send_signal(signal.SIGTERM)
    monitor.wait(rig.TIMEOUT)


def test_a_copy_outside_that_owns_its_name_is_not_reached(host, single):
    answer = single.open("org.example.Single.desktop")
    assert answer.returncode == 0, answer.stderr
    rig.wait_for(lambda: len(single.networks()) == 2, "the second copy")
    assert single.networks()[0] == os.readlink("/proc/self/ns/net") != single.networks()[1]
    host.wg_wrap("down", "--force", "work")


@pytest.mark.parametrize("desktop_id,options", [
    ("another-name.desktop", "{}"), ("org.example.Single.desktop", "{'bus': <'shared'>}")])
def test_a_hand_over_is_said_to_be_one(host, single, heard, desktop_id, options):
    assert host.wg_wrap("up", "work").returncode == 0
    assert single.open(desktop_id, options).returncode == 0
    line = rig.wait_for(heard, "ProgramExited")[0]
    assert "handed over" in line and "Close that copy" in line, line
    # Who hands over does not wait until that is done.
    rig.wait_for(lambda: len(single.networks()) == 2, "what was handed over")
    assert single.networks() == [os.readlink("/proc/self/ns/net")] * 2


def describe(host, desktop_id):
    answer = host.gdbus("Profile", "DescribeLaunch", desktop_id, path="/org/wgwrap/WgWrap1/profiles/work")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.parametrize("desktop_id,bus", [
    ("org.example.Single.desktop", "private"), ("another-name.desktop", "shared")])
def test_a_copy_outside_is_known_before_the_launch(host, single, desktop_id, bus):
    """By the owner of its name, or by the name of its process."""
    said = describe(host, desktop_id)
    assert f"'bus': <'{bus}'>" in said and "'running-outside': <true>" in said, said
    single.outside.kill()
    single.outside.wait(rig.TIMEOUT)
    assert "'running-outside': <false>" in describe(host, desktop_id)


def test_a_copy_in_a_tunnel_is_not_outside(host, single):
    single.outside.kill()
    single.outside.wait(rig.TIMEOUT)
    assert single.open("org.example.Single.desktop", "{'bus': <'shared'>}").returncode == 0
    rig.wait_for(lambda: len(single.networks()) == 2, "the copy inside")
    said = describe(host, "org.example.Single.desktop")
    assert "'bus': <'private'>" in said and "'running-outside': <false>" in said, said
    host.wg_wrap("down", "--force", "work")


def test_a_description_names_the_recipe_and_the_launcher_and_makes_nothing(host, work):
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "firefox.desktop").write_text(ENTRY.format(program="firefox %u"))
    said = describe(host, "firefox.desktop")
    assert "'recipe': <'firefox'>" in said and "'private-data': <true>" in said, said
    assert "'bus': <'shared'>" in said and "'launcher': <''>" in said, said
    assert not (host.home / ".local/share/wg-wrap").exists()
    path = host.gdbus("Profile", "CreateLauncher", "firefox.desktop",
                      path="/org/wgwrap/WgWrap1/profiles/work").stdout.split("'")[1]
    assert f"'launcher': <'{path}'>" in describe(host, "firefox.desktop")


def test_who_leaves_a_process_inside_has_not_handed_over(host, work, heard):
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "daemon.desktop").write_text(ENTRY.format(program="setsid -f sleep 600"))
    assert host.gdbus("Manager", "LaunchApp", "work", "daemon.desktop", "[]", "{}").returncode == 0
    assert "handed over" not in rig.wait_for(heard, "ProgramExited")[0]
    rig.wait_for(lambda: len(host.status("work")["programs"]) == 1, "who was left")
    host.wg_wrap("down", "--force", "work")


@pytest.mark.parametrize("name", ["org.freedesktop.secrets", "org.gnome.keyring"])
def test_a_bus_of_its_own_does_not_wait_for_what_there_is_once(host, work, name):
    """A keyring that leaves the name to the copy on the user's bus; 25 s would be waited for it."""
    services = host.home / ".local/share/dbus-1/services"
    services.mkdir(parents=True)
    for service in (name, "org.example.Slow"):
        (services / f"{service}.service").write_text(
            f"[D-BUS Service]\nName={service}\nExec=/bin/sleep 600\n")
    answers = host.home / "answers"
    ask = ("timeout 10 gdbus call --session -d %s -o / -m org.freedesktop.DBus.Peer.Ping; "
           f"echo $? >>{answers}")
    script = "; ".join(ask % service for service in (name, "org.example.Slow"))
    answer = host.gdbus("Manager", "Launch", work, f"['sh', '-c', '{script}']", "{'bus': <'private'>}")
    assert answer.returncode == 0, answer.stderr
    rig.wait_for(lambda: answers.exists() and answers.read_text() == "1\n124\n", "no, and no answer")
    host.wg_wrap("down", "--force", work)


def test_a_profile_has_a_bus_policy_of_its_own(host, work):
    """It counts for more than the service's, and less than the launch's."""
    def bus(options="{}"):
        got = host.home / "bus"
        got.unlink(missing_ok=True)
        script = f"echo $DBUS_SESSION_BUS_ADDRESS >{got}.new; mv {got}.new {got}"
        answer = host.gdbus("Manager", "Launch", work, f"['sh', '-c', '{script}']", options)
        assert answer.returncode == 0, answer.stderr
        rig.wait_for(got.exists, "the program")
        return "shared" if host.environment["DBUS_SESSION_BUS_ADDRESS"] in got.read_text() else "private"

    (host.home / "viewer.desktop").write_text(ENTRY.format(program="true"))
    assert bus() == "shared"
    host.check(host.programs / "wg-wrap", "profile", "set", work, "--bus", "private")
    assert bus() == "private" and bus("{'bus': <'shared'>}") == "shared"
    os.kill(host.service_pid(), signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() is None, "the bus to notice")
    assert "'bus': <'private'>" in describe(host, str(host.home / "viewer.desktop"))
    assert bus() == "private"
    host.check(host.programs / "wg-wrap", "profile", "set", work, "--bus", "")
    assert bus() == "shared"
