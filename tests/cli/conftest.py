# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line's tests stand on: a home of their own, a bus of their own, and a session
made with unshare(1), whose door this process answers."""
import contextlib
import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from fake_service import FakeService

PROGRAMS = os.environ["WG_WRAP_TEST_PROGRAMS"].split(":")
TIMEOUT = 30


class Home:
    """A user's directories and environment, and the program under test in it."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.runtime = self.directory / "run"
        self.programs = self.directory / "programs"
        for path in (self.runtime, self.programs, self.directory / "home"):
            path.mkdir(mode=0o700)
        for program in PROGRAMS:
            (self.programs / os.path.basename(program)).symlink_to(program)
        self.wg_wrap = str(self.programs / "wg-wrap")
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.directory / "home"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "WG_WRAP_PROGRAMS": str(self.programs),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            "LANG": "C.UTF-8",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run(self, *arguments, **options):
        options = {"env": self.environment, "capture_output": True, "text": True,
                   "timeout": TIMEOUT, "stdin": subprocess.DEVNULL, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run([self.wg_wrap, *arguments], **options)


@pytest.fixture
def home():
    # Not pytest's own directory: the path of a socket has 107 bytes at most.
    directory = tempfile.mkdtemp(prefix="wgw-cli-")
    yield Home(directory)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def bus(home):
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address",
         f"--address=unix:path={home.runtime}/bus"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=home.environment, text=True)
    home.environment["DBUS_SESSION_BUS_ADDRESS"] = daemon.stdout.readline().strip()
    yield home.environment["DBUS_SESSION_BUS_ADDRESS"]
    daemon.terminate()
    daemon.wait(TIMEOUT)


@pytest.fixture
def service(bus):
    fake = FakeService(bus)
    yield fake
    fake.stop()


class Session:
    """The namespaces of a session, and its door."""

    def __init__(self, home, name):
        self.knocks = []  # process IDs
        self.anchor = subprocess.Popen(
            ["unshare", "--map-current-user", "--net", "--mount", "--",
             "sh", "-c", "echo ready; exec sleep 600"],
            stdout=subprocess.PIPE, env=home.environment)
        if self.anchor.stdout.readline() != b"ready\n":
            if os.environ.get("WG_WRAP_MUST_WORK"):
                pytest.fail("no user namespaces on this machine")
            pytest.skip("no user namespaces on this machine")
        self.pidfd = os.pidfd_open(self.anchor.pid)
        self.directory = home.runtime / "wg-wrap" / "sessions" / \
            hashlib.sha256(name.encode()).hexdigest()[:16]
        self.directory.mkdir(mode=0o700, parents=True)
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.door.bind(str(self.directory / "door"))
        self.door.listen()
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()

    def _answer(self):
        while True:
            try:
                connection, _ = self.door.accept()
            except OSError:
                return
            with connection:
                credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                self.knocks.append(int.from_bytes(credentials[:4], sys.byteorder))
                socket.send_fds(connection, [b"\0"], [self.pidfd])

    def network(self):
        return os.readlink(f"/proc/{self.anchor.pid}/ns/net")

    def close(self):
        with contextlib.suppress(OSError):  # a test may have closed it
            self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()
        self.thread.join(TIMEOUT)
        os.close(self.pidfd)
        self.anchor.kill()
        self.anchor.wait(TIMEOUT)


@pytest.fixture
def session(home):
    made = Session(home, "work")
    yield made
    made.close()
