# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine of a session: everything is handed in, by descriptor, from two network namespaces. This
test plays the supervisor: sockets are born on the outside, the TUN inside, made by an ordinary user
who stays one."""
import base64
import os
import subprocess
import sys
import textwrap
import time

import pytest

from conftest import IMPLEMENTATIONS, OURS
from netrig import PORT, Engine, wait_until

# Runs on host a of a rig, as root of its user namespace. It makes a session's box inside: another network
# namespace with tun0 and nothing else, and starts the engine there with sockets from here. Its
# standard input is for commands to the session's namespace; "restart" kills the engine and starts its successor.
SUPERVISOR = textwrap.dedent("""\
    import ctypes, fcntl, os, signal, socket, struct, subprocess, sys

    engine, port, inside, options = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    os.environ["PATH"] += ":/usr/sbin:/sbin"

    def udp(family):
        made = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
        return made

    def listen(path):
        made = socket.socket(socket.AF_UNIX)
        made.bind(path)
        made.listen(8)
        return made

    libc = ctypes.CDLL(None, use_errno=True)
    udp4, udp6 = udp(socket.AF_INET), udp(socket.AF_INET6)
    route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    route.bind((0, 0x40 | 0x400 | 0x10 | 0x100))
    uapi, public = listen("/run/full.sock"), listen("/run/public.sock")
    event = os.eventfd(0)
    assert libc.unshare(0x40000000) == 0  # CLONE_NEWNET
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    # IFF_TUN, IFF_NO_PI, IFF_VNET_HDR; TUNSETPERSIST
    fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"tun0", 0x5001))
    fcntl.ioctl(tun, 0x400454cb, 1)
    for command in (f"address add {inside}/24 dev tun0", "link set tun0 mtu 1420 up", "link set lo up"):
        subprocess.run(["ip", *command.split()], check=True)

    def start():
        fds = {"tun": tun, "udp4": udp4.fileno(), "udp6": udp6.fileno(), "uapi": uapi.fileno(),
               "public-uapi": public.fileno(), "event": event}
        if "--sticky" in options:
            fds["route"] = route.fileno()
        process = subprocess.Popen([engine, *(f"--{name}-fd={fd}" for name, fd in fds.items())],
                                   pass_fds=fds.values(),
                                   preexec_fn=lambda: libc.prctl(1, signal.SIGKILL))  # PDEATHSIG
        print(process.pid, flush=True)
        return process

    process = start()
    for line in sys.stdin:
        if line == "restart\\n":
            process.kill()
            process.wait()
            process = start()
        elif line == "events\\n":
            os.set_blocking(event, False)
            try:
                print(os.eventfd_read(event), flush=True)
            except BlockingIOError:
                print(0, flush=True)
        elif line == "wait\\n":
            print(process.wait(10), flush=True)
    process.kill()
    """)


class Session:
    def __init__(self, host, *options):
        self.host = host
        self.private_key = host.run("wg", "genkey").stdout.strip()
        self.public_key = host.run("wg", "pubkey", input=self.private_key).stdout.strip()
        self.supervisor = host.start(sys.executable, "-c", SUPERVISOR, OURS, PORT, host.inner(4),
                                     *options, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True, bufsize=1)
        self.pid = int(self.supervisor.stdout.readline())
        host.run("mkdir", "-p", "/run/wireguard")
        for name in ("full", "public"):
            host.run("ln", "-sf", f"/run/{name}.sock", f"/run/wireguard/{name}.sock")

    def tell(self, command):
        self.supervisor.stdin.write(command + "\n")
        return int(self.supervisor.stdout.readline())

    def run(self, *command, **options):
        """In the session."""
        return self.host.run("nsenter", "-n", "-t", self.supervisor.pid, "--", *command, **options)

    def ping(self, address, count=1):
        return self.run("ping", "-q", "-c", count, "-i", 0.05, "-w", 5, address,
                        check=False).returncode == 0

    def talk(self, text, name="full"):
        from test_configuration import talk
        return talk(self.host, text, f"/run/{name}.sock")

    def configure(self, peer):
        self.host.run("wg", "set", "full", "private-key", "/dev/stdin", "peer", peer.public_key,
                      "allowed-ips", f"{peer.host.inner(4)}/32", "endpoint",
                      f"{peer.host.outer(4)}:{PORT}", input=self.private_key)


@pytest.fixture
def other(rig):
    host = rig.hosts[1]
    engine = Engine(host, IMPLEMENTATIONS["theirs"])
    host.run("ip", "address", "add", f"{host.inner(4)}/24", "dev", "wg0")
    host.run("ip", "link", "set", "wg0", "up")
    engine.wg("listen-port", PORT)
    return engine


@pytest.fixture
def session(rig, other):
    made = Session(rig.hosts[0])
    other.wg("peer", made.public_key, "allowed-ips", f"{made.host.inner(4)}/32")
    made.configure(other)
    return made


def test_packets_leave_by_the_sockets_of_the_host(session, other):
    assert session.ping(other.host.inner(4), count=5)
    # Which the session itself does not have.
    assert session.run("ip", "-o", "link").stdout.count("\n") == 2
    assert other.show("endpoints")[session.public_key] == [f"{session.host.outer(4)}:{PORT}"]


def test_a_successor_takes_over(session, other):
    """Same TUN, same sockets; addresses have stayed, and configuration comes anew."""
    assert session.ping(other.host.inner(4))
    for _ in range(3):
        time.sleep(0.1)  # wireguard-go passes over an initiation that follows another within 20 ms
        session.pid = session.tell("restart")
        wait_until(lambda: session.host.run("wg", "show", "full", check=False).returncode == 0)
        session.configure(other)
        assert session.ping(other.host.inner(4), count=2)


def test_full_and_public_configuration_differ(session, other):
    assert session.ping(other.host.inner(4))
    full, public = session.talk("get=1\n\n"), session.talk("get=1\n\n", "public")
    assert "private_key=" in full and "preshared_key=" in full
    assert "private_key=" not in public and "preshared_key=" not in public
    for text in (full, public):
        assert "\nwaiting_since_sec=0\n" in text and text.endswith("\nerrno=0\n\n")
        assert f"\nlisten_port={PORT}\n" in "\n" + text
    assert session.talk("set=1\nreplace_peers=true\n\n", "public") == "errno=-1\n\n"
    # wg(8) passes over what it does not know.
    assert other.public_key in session.host.run("wg", "show", "public", "peers").stdout


def test_a_link_is_one_of_the_host(session, other):
    """Named in a link-local endpoint: the session has no such interface, but the sockets do."""
    link = next(line.split()[3].split("/")[0] for line in other.host.run(
        "ip", "-o", "-6", "address", "show", "dev", "eth0", "scope", "link").stdout.splitlines())
    index = session.host.run("ip", "-o", "link", "show", "eth0").stdout.split(":")[0]
    peer = "set=1\npublic_key=" + base64.b64decode(other.public_key).hex() + "\n"
    assert session.talk(f"{peer}endpoint=[{link}%eth0]:{PORT}\n\n") == "errno=0\n\n"
    assert f"endpoint=[{link}%{index}]:{PORT}\n" in session.talk("get=1\n\n")
    assert session.ping(other.host.inner(4), count=3)
    assert session.talk(f"{peer}endpoint=[{link}%eth7]:{PORT}\n\n") == "errno=-22\n\n"
    assert session.ping(other.host.inner(4), count=3)


@pytest.mark.parametrize("line, errno", (("listen_port=1", 1), ("fwmark=1", 1),
                                         ("listen_port=0", 0), (f"listen_port={PORT}", 0),
                                         ("fwmark=0", 0)))
def test_handed_in_sockets_are_not_changed(session, line, errno):
    assert session.talk(f"set=1\n{line}\n\n") == f"errno={-errno}\n\n"
    assert f"listen_port={PORT}\n" in session.talk("get=1\n\n")


def waiting_since(session):
    return next(int(line.split("=")[1]) for line in session.talk("get=1\n\n").splitlines()
                if line.startswith("waiting_since_sec="))


def test_the_supervisor_is_woken_by_what_happens(session, other):
    for _ in range(2):  # the first answer may be here a moment before the supervisor is told
        assert session.ping(other.host.inner(4))
    assert session.tell("events") > 0  # there is a handshake
    for _ in range(5):
        assert session.ping(other.host.inner(4))
    assert session.tell("events") == 0  # and nothing more happened
    # A peer that does not answer.
    other.wg("peer", session.public_key, "remove")
    session.talk("set=1\nreplace_peers=true\n\n")
    session.configure(other)
    before = int(time.time())
    assert not session.ping(other.host.inner(4))
    wait_until(lambda: waiting_since(session), 20, "somebody to notice")
    assert before <= waiting_since(session) <= time.time()
    assert session.tell("events") > 0
    other.wg("peer", session.public_key, "allowed-ips", f"{session.host.inner(4)}/32")
    wait_until(lambda: session.ping(other.host.inner(4)), 20, "an answer")
    assert waiting_since(session) == 0
    assert session.tell("events") > 0


def test_it_ends_with_the_interface(session):
    session.run("ip", "link", "delete", "tun0")
    assert session.tell("wait") == 0


def test_a_sticky_source_needs_somebody_to_watch_routes(rig, other):
    """Without, the kernel chooses, for nobody would say when the choice is no longer good."""
    host = rig.hosts[0]
    host.run("ip", "address", "add", "10.99.0.77/24", "dev", "eth0")
    for options, expected in (((), host.outer(4)), (("--sticky",), "10.99.0.77")):
        host.run("rm", "-f", "/run/full.sock", "/run/public.sock")
        session = Session(host, *options)
        session.host.run("wg", "set", "full", "private-key", "/dev/stdin", "peer",
                         other.public_key, "allowed-ips", f"{other.host.inner(4)}/32",
                         input=session.private_key)
        other.wg("peer", session.public_key, "allowed-ips", f"{host.inner(4)}/32", "endpoint",
                 f"10.99.0.77:{PORT}")
        assert other.host.ping(host.inner(4), count=3)
        assert other.show("endpoints")[session.public_key] == [f"{expected}:{PORT}"]
        other.wg("peer", session.public_key, "remove")
        session.supervisor.stdin.close()
        session.supervisor.wait(10)


def test_nothing_is_left_to_it(session):
    """No capability at all, no way to any, no system call that is not on the list."""
    text = open(f"/proc/{session.pid}/status").read()
    status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"] == "1"
    if not os.environ.get("WG_WRAP_TEST_SANITIZED"):
        assert status["Seccomp"] == "2"
