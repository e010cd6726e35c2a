# SPDX-License-Identifier: GPL-3.0-or-later
"""What the supervisor's tests stand on: this process plays wg-wrapd. It makes a session's directory,
takes the lock, opens configuration and sockets, starts wg-wrap-supervisor with them, and speaks
org.wgwrap.Supervisor1 with it."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

TIMEOUT = 30
UNPRIVILEGED = ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--"]
INTERFACE = "org.wgwrap.Supervisor1"
PATH = "/org/wgwrap/Supervisor1"
ERROR = "org.wgwrap.WgWrap1.Error."
ENVIRONMENT = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/", "LANG=C.UTF-8"]

# Invented keys: nobody's.
PRIVATE_KEY = "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92s="
PEER_KEY = "Z0JjLygNjMi2vVKCagvCukcGt1y98AOeQOBj/T7pK1w="
OTHER_PEER_KEY = "O/rqYDPcEhK1oHLJliazcdxufBCmPeoMHLTGZrbiLC4="
CONFIG = f"""[Interface]
PrivateKey = {PRIVATE_KEY}
Address = 10.6.0.2/32, fd06::2/128
DNS = 10.6.0.1
[Peer]
PublicKey = {PEER_KEY}
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = 127.0.0.1:9
"""


def wait_for(condition, what, timeout=TIMEOUT):
    """Return condition()'s first true value; fail after timeout seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(f"waited {timeout} s in vain: {what}")


def is_alive(pid):
    """Whether there is such a process, and it is no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Failed(Exception):
    """A method's error: its name without the prefix, its message."""

    def __init__(self, error):
        name = Gio.DBusError.get_remote_error(error) or ""
        self.name = name.removeprefix(ERROR)
        # A connection that ends before the answer has not run the call, either.
        if not name and (error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CLOSED) or
                         error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.NOT_FOUND) or
                         error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CONNECTION_REFUSED)):
            self.name = "Closed"
        super().__init__(f"{self.name or name}: {error.message}")


class NotStarted(Exception):
    """What the supervisor wrote in place of "ready"."""


class Home:
    """A user's runtime directory, and a directory of programs."""

    def __init__(self, programs):
        # Not pytest's own directory: the path of a socket has 107 bytes at most.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="wgw-"))
        self.runtime = self.directory / "run"
        self.programs = self.directory / "programs"
        self.sessions = self.runtime / "wg-wrap" / "sessions"
        for path in (self.runtime, self.programs):
            path.mkdir(mode=0o700)
        self.sessions.mkdir(mode=0o700, parents=True)
        for program in programs:
            (self.programs / os.path.basename(program)).symlink_to(program)
        self.environment = {"PATH": ENVIRONMENT[0].partition("=")[2],
                            "XDG_RUNTIME_DIR": str(self.runtime),
                            "WG_WRAP_PROGRAMS": str(self.programs),
                            "G_DEBUG": "fatal-warnings", "LANG": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.log = open(self.directory / "log", "a", encoding="utf-8")
        self.started = []

    def use_fake_engine(self):
        engine = self.programs / "wg-wrap-engine"
        engine.unlink(missing_ok=True)
        shutil.copy(pathlib.Path(__file__).with_name("fake_engine.py"), engine)
        engine.chmod(0o755)

    def say(self, name, text):
        """What the fake engine shall answer."""
        (self.programs / f"engine.{name}").write_text(text, encoding="ascii")

    def heard(self):
        """What the fake engines were told: (process ID, request)."""
        log = self.programs / "engine.log"
        lines = log.read_text(encoding="ascii").splitlines() if log.exists() else []
        return [(int(pid), text) for pid, _, text in (line.partition(" ") for line in lines)]

    def start(self, *arguments, **options):
        session = Session(self, *arguments, **options)
        self.started.append(session)
        return session

    def read_log(self):
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self):
        for session in self.started:
            session.stop()
        self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Session:
    """One session, and the connection to it."""

    def __init__(self, home, name="work", config=CONFIG, linger=3600, mtu=1420, directory=None):
        self.home = home
        self.name = name
        self.directory = home.sessions / hashlib.sha256(name.encode()).hexdigest()[:16]
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self.connection = None
        self.exited = []  # (pid, status, message)
        self.pidfds = []
        lock = self.lock()
        config_fd = memfd(config)
        sockets = [socket.socket(family, socket.SOCK_DGRAM)
                   for family in (socket.AF_INET, socket.AF_INET6)]
        sockets[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        for made in sockets:
            made.bind(("", 0))
        status, status_in = os.pipe()
        fds = {"lock": lock, "config": config_fd, "udp4": sockets[0].fileno(),
               "udp6": sockets[1].fileno(), "status": status_in}
        self.process = subprocess.Popen(
            UNPRIVILEGED + [home.programs / "wg-wrap-supervisor", f"--name={name}",
                            f"--directory={directory or self.directory}", f"--mtu={mtu}",
                            f"--linger={linger}"] +
            [f"--{which}-fd={fd}" for which, fd in fds.items()],
            pass_fds=list(fds.values()), env=home.environment, stdin=subprocess.DEVNULL,
            stdout=home.log, stderr=home.log)
        for fd in (lock, config_fd, status_in):
            os.close(fd)
        for made in sockets:
            made.close()
        with os.fdopen(status, encoding="utf-8") as file:
            self.status = file.read()
        if self.status != "ready\n":
            self.process.wait(TIMEOUT)
            raise NotStarted(self.status)
        self.connect()

    def lock(self):
        """The session's lock, which nobody may have."""
        fd = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd

    def is_locked(self):
        try:
            os.close(self.lock())
        except BlockingIOError:
            return True
        return False

    # The bus

    def connect(self):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            f"unix:path={self.directory}/bus", Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT,
            None, None)
        self.connection.signal_subscribe(
            None, INTERFACE, "ProgramExited", PATH, None, Gio.DBusSignalFlags.NONE,
            lambda *arguments: self.exited.append(arguments[5].unpack()))

    def call(self, method, parameters=None, fds=None, timeout=TIMEOUT):
        """Call a method; (values, descriptors)."""
        try:
            result, out = self.connection.call_with_unix_fd_list_sync(
                None, PATH, INTERFACE, method, parameters, None, Gio.DBusCallFlags.NONE,
                timeout * 1000, fd_list(fds), None)
        except GLib.Error as error:
            raise Failed(error) from None
        return result.unpack(), out.steal_fds() if out else []

    def begin(self, method, parameters=None, fds=None):
        """Call a method without waiting; a function that waits and returns what call() would."""
        done = []
        self.connection.call_with_unix_fd_list(
            None, PATH, INTERFACE, method, parameters, None, Gio.DBusCallFlags.NONE,
            TIMEOUT * 1000, fd_list(fds), None, lambda source, result: done.append(result))

        def finish():
            iterate_until(lambda: done, f"{method}'s answer")
            try:
                result, _ = self.connection.call_with_unix_fd_list_finish(done[0])
                return result.unpack()
            except GLib.Error as error:
                raise Failed(error) from None
        return finish

    def get(self, name):
        try:
            return self.connection.call_sync(
                None, PATH, "org.freedesktop.DBus.Properties", "Get",
                GLib.Variant("(ss)", (INTERFACE, name)), None, Gio.DBusCallFlags.NONE,
                TIMEOUT * 1000, None).unpack()[0]
        except GLib.Error as error:
            raise Failed(error) from None

    def set_linger(self, seconds):
        self.connection.call_sync(
            None, PATH, "org.freedesktop.DBus.Properties", "Set",
            GLib.Variant("(ssv)", (INTERFACE, "Linger", GLib.Variant("u", seconds))), None,
            Gio.DBusCallFlags.NONE, TIMEOUT * 1000, None)

    def launch_parameters(self, argv, environment=None, cwd="/", covers=(), name="", desktop_id="",
                          handles=(0, 1, 2)):
        return GLib.Variant.new_tuple(
            GLib.Variant("aay", [bytestring(word) for word in argv]),
            GLib.Variant("aay", [bytestring(word) for word in environment or ENVIRONMENT]),
            GLib.Variant("ay", bytestring(cwd)),
            GLib.Variant("aay", [bytestring(path) for path in covers]), GLib.Variant("s", name),
            GLib.Variant("s", desktop_id), GLib.Variant("ah", handles))

    def launch(self, *argv, stdio=None, **options):
        """Start a program; its process ID."""
        with open("/dev/null", "r+b") as null:
            values, _ = self.call("Launch", self.launch_parameters(argv, **options),
                                  stdio or [null.fileno()] * 3)
        return values[0]

    def run(self, *argv, **options):
        """Start a program and wait for its end; (wait status, standard output and error)."""
        out, out_in = os.pipe()
        with open("/dev/null", "rb") as null:
            pid = self.launch(*argv, stdio=[null.fileno(), out_in, out_in], **options)
            os.close(out_in)
        with os.fdopen(out, "rb") as file:
            output = file.read()
        return self.wait_exited(pid)[0], output

    def wait_exited(self, pid):
        """(status, message) of ProgramExited for pid."""
        iterate_until(lambda: any(entry[0] == pid for entry in self.exited), f"the end of {pid}")
        return next(entry[1:] for entry in self.exited if entry[0] == pid)

    def programs(self):
        return [pid for pid, _, _ in self.get("Programs")]

    # The door

    def knock(self):
        """Ask at the door in the name of this process; the anchor's pidfd."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
            door.settimeout(TIMEOUT)
            door.connect(str(self.directory / "door"))
            _, fds, _, _ = socket.recv_fds(door, 1, 1)
        if not fds:
            raise ConnectionResetError("the door was shut")
        return fds[0]

    def join(self, *argv, wait=False, **options):
        """Start a program the way `wg-wrap run` does: the process that knocks becomes it. wait: when
        it has said "ready" and was sent a byte."""
        return subprocess.Popen(
            UNPRIVILEGED + ["/usr/bin/python3", "-ESc", KNOCK, self.directory / "door",
                            self.home.programs / "wg-wrap-join", *argv],
            env={"PATH": self.home.environment["PATH"], **({"WAIT": "1"} if wait else {})},
            **options)

    # Processes

    def children(self):
        """Names of the supervisor's children: {name: process ID}."""
        pids = []
        with contextlib.suppress(FileNotFoundError):
            for task in os.listdir(f"/proc/{self.process.pid}/task"):
                path = pathlib.Path(f"/proc/{self.process.pid}/task/{task}/children")
                pids += path.read_text(encoding="ascii").split()
        found = {}
        for pid in pids:
            with contextlib.suppress(OSError):
                name = pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
                if is_alive(pid):
                    found[name] = int(pid)
        return found

    def engine(self):
        return wait_for(lambda: self.children().get("wg-wrap-engine"), "an engine")

    def anchor(self):
        return wait_for(lambda: self.children().get("wg-wrap-anchor"), "an anchor")

    def network(self):
        return os.readlink(f"/proc/{self.anchor()}/ns/net")

    def inside(self):
        """Everybody whose network namespace is the session's."""
        network = self.network()
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/ns/net") == network:
                    found.add(int(pid))
        return found

    def wait_ended(self, timeout=TIMEOUT):
        """Wait for the supervisor's end, which must be a success that leaves nothing."""
        assert self.process.wait(timeout) == 0, self.home.read_log()
        assert not self.directory.exists()

    def disconnect(self):
        with contextlib.suppress(GLib.Error):  # it may be closed from the other end
            self.connection.close_sync(None)

    def stop(self):
        if self.connection:
            self.disconnect()
        if self.process.poll() is None:
            children = self.children().values()
            self.process.kill()
            self.process.wait(TIMEOUT)
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


KNOCK = """
import os, socket, sys
if 'WAIT' in os.environ:
    print('ready', flush=True)
    os.read(0, 1)
door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
door.connect(sys.argv[1])
data, fds, _, _ = socket.recv_fds(door, 1, 1)
if not fds:
    sys.exit(75)
door.close()
os.set_inheritable(fds[0], True)
os.execv(sys.argv[2], [sys.argv[2], str(fds[0]), *sys.argv[3:]])
"""


def memfd(text):
    fd = os.memfd_create("config", os.MFD_CLOEXEC)
    os.write(fd, text.encode() if isinstance(text, str) else text)
    return fd


def bytestring(text):
    return os.fsencode(text) + b"\0"


def fd_list(fds):
    return Gio.UnixFDList.new_from_array([os.dup(fd) for fd in fds]) if fds else None


def iterate_until(condition, what, timeout=TIMEOUT):
    """Run the main loop until the condition holds."""
    context = GLib.MainContext.default()
    deadline = time.monotonic() + timeout
    waker = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain: {what}")
        if not context.iteration(False):
            waker.wait(0.001)
