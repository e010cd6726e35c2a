# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests with real parts stand on, below in-host:

Host    a user with a home, a runtime directory and a session bus that activates the built service
Peer    a WireGuard peer behind a veth: a network namespace with wireguard-go (or our engine), and a
        web server that tells who asked
"""
import collections
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

TIMEOUT = 30
UNPRIVILEGED = ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--"]
BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={runtime}/bus</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
SERVICE_FILE = "[D-BUS Service]\nName=org.wgwrap.WgWrap1\nExec={daemon}\n"


def wait_for(condition, what, timeout=TIMEOUT):
    """Return condition()'s first true value; fail after timeout seconds."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {timeout} s in vain: {what}")


def sh(*command, **options):
    """Run a command with the test's own privileges; its output, stripped."""
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIMEOUT,
                            **options)
    assert result.returncode == 0, (command, result.stderr)
    return result.stdout.strip()


def resident_kib(pid):
    """A process's resident memory."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


UNDER_VALGRIND = bool(os.environ.get("WG_WRAP_TEST_VALGRIND"))
# With what each is started there: the engine's sandbox has no room for valgrind's own calls. Of the
# supervisor it does not know open_tree(), with which that mounts; and of wg-wrapd not NS_GET_USERNS,
# of which it would say so.
VALGRIND_PROGRAMS = {"wg-wrapd": "", "wg-wrap-cli": "",
                     "wg-wrap-engine": "--without=sandbox"}
VALGRIND = """#!/bin/sh
exec /usr/bin/valgrind --quiet --sim-hints=lax-ioctls --leak-check=full --show-leak-kinds=definite \\
    --errors-for-leak-kinds=definite --log-file={log}-%p {program} "$@" {more}
"""


def is_listening(path):
    """Its name is there before it does."""
    with socket.socket(socket.AF_UNIX) as attempt:
        return attempt.connect_ex(os.fspath(path)) == 0


def genkey():
    private = sh("wg", "genkey")
    return private, sh("wg", "pubkey", input=private)


class Host:
    def __init__(self, programs):
        # Not pytest's own directory: the path of a socket has 107 bytes at most.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="wgw-"))
        self.runtime = self.directory / "run"
        self.home = self.directory / "home"
        self.programs = self.directory / "programs"
        services = self.directory / "services"
        for path in (self.runtime, self.home, self.programs, services):
            path.mkdir(mode=0o700)
        for program in programs:
            self.install(program)
        (services / "org.wgwrap.WgWrap1.service").write_text(
            SERVICE_FILE.format(daemon=self.programs / "wg-wrapd"))
        config = self.directory / "bus.conf"
        config.write_text(BUS_CONFIG.format(runtime=self.runtime, services=services))
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "WG_WRAP_PROGRAMS": str(self.programs),
            "WG_WRAP_DATA": str(pathlib.Path(__file__).parents[2] / "data"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus",
            "LANG": "C.UTF-8",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.log = open(self.directory / "log", "w+", encoding="utf-8")
        self.bus = subprocess.Popen(
            UNPRIVILEGED + ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={config}"],
            env=self.environment, stdout=self.log, stderr=self.log)
        wait_for(lambda: is_listening(self.runtime / "bus"), "the bus")

    def install(self, program):
        name = os.path.basename(program)
        if UNDER_VALGRIND and name in VALGRIND_PROGRAMS:
            (self.programs / name).write_text(
                VALGRIND.format(log=self.directory / "valgrind", program=program,
                                more=VALGRIND_PROGRAMS[name]))
            (self.programs / name).chmod(0o700)
        else:
            (self.programs / name).symlink_to(program)

    def valgrind_errors(self):
        """But for what is about system calls that it does not know."""
        return [line for path in self.directory.glob("valgrind-*")
                for line in path.read_text(errors="replace").splitlines() if line.startswith("==")]

    def popen(self, *command, **options):
        """Start a command as the ordinary user."""
        options.setdefault("env", self.environment)
        options.setdefault("cwd", self.home)
        return subprocess.Popen(UNPRIVILEGED + list(map(os.fspath, command)), **options)

    def run(self, *command, **options):
        """Run a command as the ordinary user; a CompletedProcess with text output."""
        options = {"env": self.environment, "cwd": self.home, "capture_output": True, "text": True,
                   "timeout": TIMEOUT, "stdin": subprocess.DEVNULL, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run(UNPRIVILEGED + list(map(os.fspath, command)), **options)

    def check(self, *command, **options):
        """The same, which must succeed; its standard output, stripped."""
        result = self.run(*command, **options)
        assert result.returncode == 0, (command, result.stdout, result.stderr, self.read_log())
        return result.stdout.strip()

    def wg_wrap(self, *arguments, **options):
        return self.run(self.programs / "wg-wrap", *arguments, **options)

    def gdbus(self, interface, method, *arguments, path="/org/wgwrap/WgWrap1", **options):
        return self.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", path, "-m",
                        f"org.wgwrap.WgWrap1.{interface}.{method}", *arguments, **options)

    def gdbus_set(self, path, interface, name, value):
        """Set a property of an object below the service's own."""
        return self.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o",
                        f"/org/wgwrap/WgWrap1/{path}", "-m", "org.freedesktop.DBus.Properties.Set",
                        f"org.wgwrap.WgWrap1.{interface}", name, value)

    def import_profile(self, name, text):
        result = self.wg_wrap("profile", "import", "-", "--name", name, input=text)
        assert result.returncode == 0, (result.stderr, self.read_log())

    def status(self, profile):
        """What `wg-wrap status --json` says of one tunnel; None: it is not up."""
        result = self.wg_wrap("status", "--json")
        assert result.returncode == 0, result.stderr
        for tunnel in json.loads(result.stdout):
            if tunnel["profile"] == profile:
                return tunnel
        return None

    def service_pid(self):
        result = self.run("gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o",
                          "/org/freedesktop/DBus", "-m",
                          "org.freedesktop.DBus.GetConnectionUnixProcessID", "org.wgwrap.WgWrap1")
        return int(result.stdout.split()[1].rstrip(",)")) if result.returncode == 0 else None

    def processes(self, *names):
        """Living processes of this home's programs: {name: [pid]}. By the environment that they
        were started with, so that no other test's are found."""
        found = {}
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                name = (entry / "comm").read_text().strip()
                command = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                if str(self.programs).encode() in command and state != "Z":
                    found.setdefault(name, []).append(int(entry.name))
        return {name: found.get(name, []) for name in names} if names else found

    def sessions(self):
        """What is left in the runtime directory of sessions."""
        directory = self.runtime / "wg-wrap" / "sessions"
        return sorted(path.name for path in directory.iterdir()) if directory.exists() else []

    def assert_nothing_is_left(self):
        """Of sessions: no program of theirs, no entry in the runtime directory."""
        wait_for(lambda: not self.processes("wg-wrap-supervi")["wg-wrap-supervi"],
                 "the supervisor's end")
        wait_for(lambda: self.sessions() == [], "an empty runtime directory")
        # A relay, which is outside, sees the supervisor's end and follows.
        wait_for(lambda: not self.processes().keys() - {"wg-wrapd"}, f"only wg-wrapd: {self.processes()}")

    def inventory(self):
        """What a session could leave, as far as the test may look: {kind: set or Counter}."""
        count = collections.Counter
        found = {kind: count(pathlib.Path(path).read_text().splitlines()) for kind, path in (
            ("mount", "/proc/self/mountinfo"), ("UDP socket", "/proc/net/udp"),
            ("UDP socket, IPv6", "/proc/net/udp6"))}
        # Without address, references and inode: flags, type, state and path.
        found["Unix socket"] = count(
            (*line.split()[3:6], *line.split()[7:])
            for line in pathlib.Path("/proc/net/unix").read_text().splitlines())
        found["path"] = set(self.runtime.rglob("*"))
        found.update({"process": count(), "namespace": set(), "descriptor": count()})
        # Not asked for by D-Bus: that would be a connection more, which the bus may have for a moment still.
        service = self.processes("wg-wrapd")["wg-wrapd"]
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if not entry.name.isdigit():
                    continue
                links = [os.readlink(entry / "ns" / kind) for kind in ("user", "mnt", "net")]
                found["process"][(entry / "comm").read_text().strip()] += 1
                descriptors = [os.readlink(link) for link in (entry / "fd").iterdir()]
                found["namespace"].update(links, (link for link in descriptors
                                                  if link.startswith(("user:", "mnt:", "net:"))))
                if int(entry.name) in service:
                    found["descriptor"].update(link.partition(":[")[0] for link in descriptors)
        return found

    def settle(self, profile):
        """What there is with a service that has had a session before and has none now."""
        self.wg_wrap("run", profile, "--", "true")
        self.wg_wrap("down", "--force", profile)
        self.assert_nothing_is_left()
        return self.inventory()

    def assert_as_before(self, before):
        """No process, namespace, mount, socket, path or descriptor of the service more than there was."""
        self.assert_nothing_is_left()

        def more():
            now = self.inventory()
            return {kind: now[kind] - before[kind] for kind in now if now[kind] - before[kind]}
        deadline = time.monotonic() + 10
        while more() and time.monotonic() < deadline:
            time.sleep(0.02)
        left = more()
        assert not left, left

    def read_log(self):
        return (self.directory / "log").read_text(errors="replace")

    def kill_all(self):
        """True once there is nobody: who is killed may have been starting another."""
        pids = sum(self.processes().values(), [])
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not pids

    def stop(self):
        with contextlib.suppress(Exception):
            for tunnel in json.loads(self.wg_wrap("status", "--json").stdout):
                self.wg_wrap("down", "--force", tunnel["profile"])
        if UNDER_VALGRIND:
            pid = self.service_pid()
            if pid:  # it looks for leaks as it ends
                os.kill(pid, signal.SIGTERM)
                wait_for(lambda: not os.path.exists(f"/proc/{pid}"), "wg-wrapd's end")
        self.bus.terminate()
        self.bus.wait(TIMEOUT)
        wait_for(self.kill_all, "the end of all programs")
        self.log.close()
        errors = self.valgrind_errors()
        shutil.rmtree(self.directory, ignore_errors=True)
        assert not errors, "\n".join(errors)


WEB_SERVER = """
import http.server, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith('/big/'):
            size = int(self.path[5:])
            self.send_response(200); self.send_header('Content-Length', str(size)); self.end_headers()
            block = bytes(range(256)) * 256
            while size > 0:
                size -= self.wfile.write(block[:size])
            return
        body = self.client_address[0].replace('::ffff:', '').encode()
        self.send_response(200); self.send_header('Content-Length', str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
server = Server(('::', 80), Handler)
print('ready', flush=True)
server.serve_forever()
"""


class Peer:
    """At 192.0.2.2 and 2001:db8::2 of a veth to the host; inside the tunnel 10.6.0.1 and fd06::1."""

    INSIDE4, INSIDE6 = "10.6.0.1", "fd06::1"
    CLIENT4, CLIENT6 = "10.6.0.2", "fd06::2"
    OTHER4 = "10.6.0.3"
    PORT = 51820

    def __init__(self, engine="wireguard-go", mtu=1420):
        self.children = []
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.children.append(self.holder)
        own = os.stat("/proc/self/ns/net").st_ino
        wait_for(lambda: os.stat(f"/proc/{self.holder.pid}/ns/net").st_ino != own, "the peer")
        sh("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1", "netns",
           str(self.holder.pid))
        sh("ip", "addr", "add", "192.0.2.1/24", "dev", "veth0")
        sh("ip", "addr", "add", "2001:db8::1/64", "dev", "veth0", "nodad")
        # No link-local address: one would come, with its routes, a second or two from now.
        sh("ip", "link", "set", "veth0", "addrgenmode", "none", "up")
        self.sh("ip", "link", "set", "lo", "up")
        self.sh("ip", "addr", "add", "192.0.2.2/24", "dev", "veth1")
        self.sh("ip", "addr", "add", "2001:db8::2/64", "dev", "veth1", "nodad")
        self.sh("ip", "link", "set", "veth1", "addrgenmode", "none", "up")

        self.private, self.public = genkey()
        self.client_private, self.client_public = genkey()
        self.other_private, self.other_public = genkey()
        self.preshared = sh("wg", "genpsk")
        self.engine = engine
        self.start_engine(mtu)
        self.web = self.popen("/usr/bin/python3", "-c", WEB_SERVER, stdout=subprocess.PIPE)
        self.web.stdout.readline()

    def popen(self, *command, **options):
        child = subprocess.Popen(["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--",
                                  *command], **options)
        self.children.append(child)
        return child

    def sh(self, *command, **options):
        return sh("nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--", *command, **options)

    def start_engine(self, mtu=1420):
        self.process = self.popen(self.engine, "-f", "wgp", stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        wait_for(lambda: is_listening("/run/wireguard/wgp.sock"), "the peer's engine")
        with tempfile.NamedTemporaryFile("w") as config:
            config.write(f"[Interface]\nPrivateKey={self.private}\nListenPort={self.PORT}\n"
                         f"[Peer]\nPublicKey={self.client_public}\n"
                         f"PresharedKey={self.preshared}\n"
                         f"AllowedIPs={self.CLIENT4}/32,{self.CLIENT6}/128\n")
            config.flush()
            self.sh("wg", "setconf", "wgp", config.name)
        self.sh("ip", "link", "set", "wgp", "mtu", str(mtu), "up")
        self.sh("ip", "addr", "add", f"{self.INSIDE4}/24", "dev", "wgp")
        self.sh("ip", "addr", "add", f"{self.INSIDE6}/64", "dev", "wgp", "nodad")

    def stop_engine(self):
        self.process.kill()
        self.process.wait(TIMEOUT)
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/run/wireguard/wgp.sock")

    def profile(self, endpoint="192.0.2.2:51820", dns=None, extra="", allowed="0.0.0.0/0, ::/0"):
        dns_line = f"DNS = {dns}\n" if dns else ""
        return (f"[Interface]\nPrivateKey = {self.client_private}\n"
                f"Address = {self.CLIENT4}/32, {self.CLIENT6}/128\n{dns_line}{extra}\n"
                f"[Peer]\nPublicKey = {self.public}\nPresharedKey = {self.preshared}\n"
                f"AllowedIPs = {allowed}\nEndpoint = {endpoint}\n")

    def add_other(self):
        """Let a second client in, too; its profile."""
        self.sh("wg", "set", "wgp", "peer", self.other_public, "allowed-ips", f"{self.OTHER4}/32")
        return (f"[Interface]\nPrivateKey = {self.other_private}\nAddress = {self.OTHER4}/32\n"
                f"[Peer]\nPublicKey = {self.public}\nAllowedIPs = 0.0.0.0/0\n"
                f"Endpoint = 192.0.2.2:{self.PORT}\n")

    def stop(self):
        for child in reversed(self.children):
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            child.wait(TIMEOUT)
        subprocess.run(["ip", "link", "del", "veth0"], stderr=subprocess.DEVNULL, check=False)
        with contextlib.suppress(FileNotFoundError):
            os.unlink("/run/wireguard/wgp.sock")


class Capture:
    """All packets of the host's interfaces while it is open, as bytes from the network header on."""

    ETH_P_ALL = 3
    # ICMPv6 that a veth sends by itself: multicast listeners, routers, neighbours.
    LINKS_OWN = {130, 131, 132, 133, 134, 135, 136, 143}

    def __enter__(self):
        self.packets = []  # (interface, protocol, outgoing, bytes)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                    socket.htons(self.ETH_P_ALL))
        self.socket.settimeout(0.1)
        self.running = True
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()
        return self

    def _loop(self):
        while self.running:
            with contextlib.suppress(socket.timeout):
                data, (interface, protocol, kind, _, _) = self.socket.recvfrom(65536)
                self.packets.append((interface, protocol, kind == socket.PACKET_OUTGOING, data))

    def __exit__(self, *exception):
        time.sleep(0.2)
        self.running = False
        self.thread.join()
        self.socket.close()

    def other_than_udp(self, address, port):
        """IP packets that are not UDP between the host and address:port."""
        wanted = socket.inet_aton(address)
        other = []
        for interface, protocol, _, data in self.packets:
            if protocol == 0x0800:
                header = (data[0] & 15) * 4
                ports = (int.from_bytes(data[header:header + 2], "big"),
                         int.from_bytes(data[header + 2:header + 4], "big"))
                if data[9] == 17 and wanted in (data[12:16], data[16:20]) and port in ports:
                    continue
                other.append((interface, data[9], socket.inet_ntoa(data[16:20]), ports))
            elif protocol == 0x86DD:
                # With or without the router alert that a multicast report has.
                icmp = data[40] if data[6] == 58 else \
                    data[48] if data[6] == 0 and data[40] == 58 else None
                if icmp not in self.LINKS_OWN:
                    other.append((interface, data[6],
                                  socket.inet_ntop(socket.AF_INET6, data[24:40])))
        return other
