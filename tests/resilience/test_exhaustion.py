# SPDX-License-Identifier: GPL-3.0-or-later
"""What is scarce runs out: an error by name that says what to do, nothing half made is left, what runs
goes on, and all is well again once there is room.

The machine's own limits are not touched: those of namespaces are the rig's user namespace's own, disks
are small ones in its mount namespace, and all others are a process's."""
import contextlib
import os
import pathlib
import re
import resource
import signal
import time

import pytest

import rig
from transfer import Transfer

BASE = "/org/wgwrap/WgWrap1"
# Distance from a limit at which nothing works to one at which all does, by steps of one: whatever is
# scarce is missed by each step of a start once.
STEPS = 32


def lower(pid, kind, value):
    """Set a process's soft limit; the one before."""
    return resource.prlimit(pid, kind, (value, resource.prlimit(pid, kind)[1]))


@contextlib.contextmanager
def limited(pid, kind, value):
    before = lower(pid, kind, value)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, kind, before)


@contextlib.contextmanager
def sysctl(name, value):
    path = pathlib.Path("/proc/sys/user") / name
    before = path.read_text()
    path.write_text(str(value))
    try:
        yield
    finally:
        path.write_text(before)


@contextlib.contextmanager
def disk(path, options):
    """A small disk of the user's at a directory."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    rig.sh("mount", "-t", "tmpfs", "-o", f"mode=0700,{options}", "tmpfs", str(path))
    try:
        yield path
    finally:
        rig.sh("umount", "-l", str(path))


def fill(path):
    """Leave no byte."""
    with open(path / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def tasks():
    """What counts against the limit of processes here: processes and threads of this user namespace
    and of those in it."""
    found = 0
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and os.readlink(entry / "ns/user"):
                found += len(os.listdir(entry / "task"))
    return found


def first_free(pid, room=0):
    """The next descriptor that a process will be given, or the one after @room others."""
    taken = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    return [number for number in range(len(taken) + room + 1) if number not in taken][room]


def networks():
    """The network namespaces that a process is in or holds."""
    found = set()
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                found.add(os.readlink(entry / "ns/net"))
                found.update(link for link in (os.readlink(fd) for fd in (entry / "fd").iterdir())
                             if link.startswith("net:"))
    return found


class Neighbour:
    """A session that runs while something else runs out, with a transfer through it."""

    def __init__(self, host, peer):
        self.host = host
        host.import_profile("neighbour", peer.profile())
        # Of another key, or the peer would take it for the neighbour, come from another port.
        self.private = rig.genkey()[0]
        host.import_profile("work", peer.profile().replace(peer.client_private, self.private))
        self.transfer = Transfer(host, peer, "neighbour")
        self.supervisor = host.processes("wg-wrap-supervi")["wg-wrap-supervi"][0]
        self.settle()

    def settle(self):
        self.service = self.service_pid()
        self.before = self.look()

    def service_pid(self):
        if self.host.service_pid() is None:
            self.host.wg_wrap("status")
        return self.host.service_pid()

    def look(self):
        left = self.host.processes()
        left = {name: sorted(left.get(name, [])) for name in
                ("wg-wrap-supervi", "wg-wrap-engine", "wg-wrap-anchor")}
        return (left, self.host.sessions(), networks(),
                len(os.listdir(f"/proc/{self.service}/fd")))

    def assert_unharmed(self):
        """As it was, and nobody else is there."""
        rig.wait_for(lambda: self.look() == self.before, f"{self.before}, not {self.look()}", 10)
        self.transfer.assert_goes_on()

    def assert_works(self):
        """The other one, and it ends."""
        result = self.host.wg_wrap("run", "work", "--", "true")
        assert result.returncode == 0, result.stderr
        assert self.host.wg_wrap("down", "--force", "work").returncode == 0


@pytest.fixture
def neighbour(host, peer):
    return Neighbour(host, peer)


def assert_refused(answer, *names):
    """An error of the contract with one of the names, and advice."""
    told = re.match(r"Error: GDBus\.Error:org\.wgwrap\.WgWrap1\.Error\.(\w+): (.+)", answer.stderr)
    assert answer.returncode != 0 and told and told[1] in names, answer.stderr
    assert len(told[2].split()) >= 8, told[2]


def launch(host, profile="work", program="true"):
    return host.gdbus("Manager", "Launch", profile, f"['{program}']", "{}")


LIMITS = {
    "no more network namespaces": (lambda _: sysctl("max_net_namespaces", 1), "LimitReached"),
    "no more mount namespaces": (lambda _: sysctl("max_mnt_namespaces", 1), "LimitReached"),
    "no more user namespaces": (lambda _: sysctl("max_user_namespaces", 1), "LimitReached"),
    "user namespaces switched off": (lambda _: sysctl("max_user_namespaces", 0),
                                     "NamespacesUnavailable"),
    "no process": (lambda n: limited(n.service, resource.RLIMIT_NPROC, 0), "LimitReached"),
    "no descriptor": (lambda n: limited(n.service, resource.RLIMIT_NOFILE, first_free(n.service)),
                      "LimitReached"),
}


@pytest.mark.parametrize("case", LIMITS)
def test_a_start_without_is_refused(neighbour, case):
    limit, name = LIMITS[case]
    with limit(neighbour):
        assert_refused(launch(neighbour.host), name)
        neighbour.assert_unharmed()
    neighbour.assert_works()
    neighbour.assert_unharmed()


def each_step(neighbour, victim, kind, limit):
    """Give a process room for one more and one more until a launch works; what was said until then."""
    said = []
    for room in range(STEPS):
        with limited(victim, kind, limit(room)):
            answer = launch(neighbour.host)
        # Where not even a session could be started, there is none.
        assert neighbour.host.wg_wrap("down", "--force", "work").returncode in (0, 1)
        neighbour.assert_unharmed()
        if answer.returncode == 0:
            break
        said.append(answer)
    assert 3 < len(said) < STEPS
    neighbour.assert_works()
    neighbour.assert_unharmed()
    return said


def test_a_start_that_lacks_processes_midway(neighbour):
    """The supervisor has the service's limit, and what it starts counts, as do threads."""
    for answer in each_step(neighbour, neighbour.service, resource.RLIMIT_NPROC,
                            lambda room: tasks() + room):
        assert_refused(answer, "LimitReached", "Failed")


def test_a_start_that_lacks_descriptors_midway(neighbour):
    for answer in each_step(neighbour, neighbour.service, resource.RLIMIT_NOFILE,
                            lambda room: first_free(neighbour.service, room)):
        assert_refused(answer, "LimitReached")


def test_a_supervisor_without_descriptors_lets_nobody_in_for_now(neighbour):
    """And the session of whoever is in goes on."""
    host, pid, said = neighbour.host, neighbour.supervisor, []
    # It does not tell how many it has. From about as many as it polls.
    for limit in range(12, 12 + 2 * STEPS):
        with limited(pid, resource.RLIMIT_NOFILE, limit):
            answer = launch(host, "neighbour")
            neighbour.transfer.assert_goes_on()
        neighbour.assert_unharmed()
        if answer.returncode == 0:
            break
        said.append(answer)
    for answer in said:
        assert_refused(answer, "LimitReached")
    assert 3 < len(said) < 2 * STEPS
    with limited(pid, resource.RLIMIT_NOFILE, 12):
        waiting = host.popen(host.programs / "wg-wrap", "run", "neighbour", "--", "true")
        neighbour.transfer.assert_goes_on()
    assert waiting.wait(rig.TIMEOUT) == 0
    neighbour.assert_unharmed()


def test_a_supervisor_without_processes_starts_no_program_for_now(neighbour):
    """Not an engine's successor either, until it can."""
    host, pid = neighbour.host, neighbour.supervisor
    with limited(pid, resource.RLIMIT_NPROC, 0):
        assert_refused(launch(host, "neighbour"), "LimitReached")
        neighbour.transfer.assert_goes_on()
        os.kill(host.processes("wg-wrap-engine")["wg-wrap-engine"][0], signal.SIGKILL)
        rig.wait_for(lambda: not host.processes("wg-wrap-engine")["wg-wrap-engine"], "its end")
        time.sleep(0.5)
    neighbour.transfer.assert_goes_on()
    assert launch(host, "neighbour").returncode == 0


DISKS = {
    "no byte": "size=16k",
    "no file": "size=1m,nr_inodes=2",
}


@pytest.mark.parametrize("case", DISKS)
def test_a_full_runtime_directory(host, peer, case):
    with disk(host.runtime / "wg-wrap", DISKS[case]) as full:
        host.import_profile("work", peer.profile())
        if case == "no byte":
            fill(full)
        assert_refused(launch(host), "LimitReached")
        host.assert_nothing_is_left()
    assert host.wg_wrap("run", "work", "--", "true").returncode == 0


@pytest.mark.parametrize("case", DISKS)
def test_a_full_configuration_directory(neighbour, peer, case):
    host = neighbour.host
    profiles = host.home / ".config/wg-wrap/profiles"
    texts = {path.name: path.read_bytes() for path in profiles.iterdir()}
    os.kill(neighbour.service, signal.SIGTERM)
    with disk(profiles, DISKS[case].replace("=2", "=4")) as full:
        for name, text in texts.items():
            (full / name).write_bytes(text)
        rig.wait_for(lambda: host.service_pid() is None, "the service's end")
        neighbour.settle()
        if case == "no byte":
            fill(full)
        else:
            (full / "filler").touch()
        listed = sorted(os.listdir(full))
        assert_refused(host.gdbus("Manager", "ImportProfile", "new", peer.profile()), "LimitReached")
        assert_refused(host.gdbus("Profile", "Update", peer.profile(), path=f"{BASE}/profiles/work"),
                       "LimitReached")
        assert (full / "work.conf").read_bytes() == texts["work.conf"] and sorted(os.listdir(full)) == listed
        neighbour.transfer.assert_goes_on()
        (full / "filler").unlink()
        assert host.gdbus("Manager", "ImportProfile", "new", peer.profile()).returncode == 0


@pytest.mark.parametrize("program", ["wg-wrap-supervisor", "wg-wrap-engine", "wg-wrap-anchor"])
def test_no_memory_for_a_part(neighbour, program):
    host = neighbour.host
    path = host.programs / program
    real = os.readlink(path)
    path.unlink()
    for kib in (1000, 3000, 6000, 12000):
        path.write_text(f"#!/bin/sh\nulimit -v {kib}\nexec {real} \"$@\"\n")
        path.chmod(0o700)
        answer = launch(host)
        host.wg_wrap("down", "--force", "work")
        if answer.returncode:
            assert_refused(answer, "LimitReached", "Failed")
        neighbour.assert_unharmed()
    path.unlink()
    path.symlink_to(real)
    neighbour.assert_works()
    neighbour.assert_unharmed()
