# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program could do, by accident or on purpose, that would be noticed outside a tunnel.

    probes.py NAME    try one; it is no failure if it is refused

Each is run inside a session, where nothing may be noticed, and outside, where something must be. Those
of PRIVILEGED are run outside with the capabilities that they ask for. What they need to know is in the
environment: OUTSIDE, a process on the host's side; SERVICE, the daemon; DESCRIPTOR, a UDP socket that
OUTSIDE holds."""
import contextlib
import ctypes
import os
import socket
import struct
import subprocess
import sys

NAME = "canary.example"
HOST4, HOST6 = "192.0.2.1", "2001:db8::1"
NEAR4, NEAR6 = "192.0.2.2", "2001:db8::2"
CLONE_NEWNET = 0x40000000
SYS_PIDFD_GETFD = 438
BUS = "unix:path=/run/dbus/system_bus_socket"


def query():
    """A DNS question for NAME."""
    labels = b"".join(bytes([len(word)]) + word.encode() for word in NAME.split("."))
    return struct.pack("!6H", 0x1234, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!xHH", 1, 1)


def udp(address, port, data=b"probe", *options, source=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        for option in options:
            made.setsockopt(*option)
        if source:
            made.bind((source, 0))
        made.settimeout(0.2)
        made.sendto(data, (address, port))
        made.recv(512)


def tcp(address, port, data=b"probe", *options):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as made:
        for option in options:
            made.setsockopt(*option)
        made.settimeout(0.2)
        made.connect((address, port))
        made.sendall(data)
        made.recv(512)


def unix(path, data):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.settimeout(1)
        made.connect(path)
        made.sendall(data)
        made.recv(512)


def run(*command):
    subprocess.run(command, timeout=20, check=False, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def interface():
    """The interface that is not lo."""
    return next(name for _, name in socket.if_nameindex() if name != "lo")


def servers(path):
    with open(path, encoding="utf-8") as file:
        return [line.split()[1] for line in file if line.startswith("nameserver ")]


def ask(path, way, frame=b""):
    """As musl, c-ares, Go and Chromium do: the servers of a file, asked directly."""
    for server in servers(path):
        way(server, 53, frame + query())


def nscd(path):
    word = NAME.encode() + b"\0"
    unix(path, struct.pack("=iii", 2, 14, len(word)) + word)  # GETAI


def varlink(path):
    unix(path, b'{"method":"io.systemd.Resolve.ResolveHostname","parameters":{"name":"%s"}}\0'
         % NAME.encode())


def system_bus(name, path, method, *arguments):
    run("gdbus", "call", "--address", BUS, "-d", name, "-o", path, "-m", method, "--timeout", "3",
        *arguments)


def in_namespace(descriptor):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) == 0:
        udp(NEAR4, 9)


def enter(pid):
    descriptor = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    in_namespace(descriptor)


def borrow_socket():
    pidfd = os.pidfd_open(int(os.environ["OUTSIDE"]))
    number = ctypes.CDLL(None).syscall(SYS_PIDFD_GETFD, pidfd, int(os.environ["DESCRIPTOR"]), 0)
    if number >= 0:
        with socket.socket(fileno=number) as taken:
            taken.sendto(b"probe", (NEAR4, 9))


def raw(family, protocol, address):
    with socket.socket(family, socket.SOCK_RAW, protocol) as made:
        made.sendto(b"\x08\0\xf7\xff" + bytes(4), (address, 0))


def frame():
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as made:
        made.bind((interface(), 0))
        made.send(b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x08\0" + b"\x45" + bytes(45))


def multicast4(group, port):
    index = socket.if_nametoindex(interface())
    udp(group, port, b"probe", (socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                                struct.pack("=4s4si", bytes(4), bytes(4), index)))


def multicast6():
    index = socket.if_nametoindex(interface())
    udp("ff02::fb", 5353, b"probe",
        (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, struct.pack("=i", index)))


def fast_open():
    with socket.socket() as made:
        made.settimeout(0.2)
        made.sendto(b"probe", socket.MSG_FASTOPEN, (NEAR4, 9))


def new_interface():
    run("sh", "-c", "ip link add probe0 type dummy && ip addr add 198.51.100.1/24 dev probe0 && "
        "ip link set probe0 up")
    try:
        udp("198.51.100.2", 9)
    finally:
        run("ip", "link", "del", "probe0")


def new_address():
    device = interface()
    run("ip", "addr", "add", "203.0.113.1/24", "dev", device)
    try:
        udp(NEAR4, 9, source="203.0.113.1")
    finally:
        run("ip", "addr", "del", "203.0.113.1/24", "dev", device)


def new_route():
    run("ip", "route", "add", "198.51.100.7/32", "via", NEAR4, "src", HOST4)
    try:
        udp("198.51.100.7", 9, source=HOST4)
    finally:
        run("ip", "route", "del", "198.51.100.7/32")


def beside_root(path):
    """By the root directory of a process outside."""
    return f"/proc/{os.environ['OUTSIDE']}/root{path}"


def device_of_host(address):
    return (address, 9, b"probe", (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"veth0\0"))


STUB = "/run/systemd/resolve/stub-resolv.conf"
LENGTH = struct.pack("!H", len(query()))

PROBES = {
    # names, as libraries ask for them
    "getaddrinfo": lambda: socket.getaddrinfo(NAME, 80),
    "getaddrinfo-ipv6": lambda: socket.getaddrinfo(NAME, 80, socket.AF_INET6),
    "gethostbyname": lambda: socket.gethostbyname(NAME),
    "gethostbyaddr": lambda: socket.gethostbyaddr("198.51.100.9"),
    "getent-hosts": lambda: run("getent", "hosts", NAME),
    "getent-ahosts": lambda: run("getent", "ahosts", NAME),
    "getent-short-name": lambda: run("getent", "hosts", "canary"),
    "curl-name": lambda: run("curl", "-s", "--max-time", "5", f"http://{NAME}/"),
    "files-udp": lambda: ask("/etc/resolv.conf", udp),
    "files-tcp": lambda: ask("/etc/resolv.conf", tcp, LENGTH),
    "stub-file": lambda: ask(STUB, udp),
    "stub-udp": lambda: udp("127.0.0.53", 53, query()),
    "stub-tcp": lambda: tcp("127.0.0.53", 53, LENGTH + query()),
    "loopback-dns": lambda: udp("127.0.0.1", 53, query()),
    "loopback-dns-ipv6": lambda: udp("::1", 53, query()),
    "host-dns": lambda: udp(HOST4, 53, query()),
    "lwres": lambda: udp("127.0.0.1", 921, query()),
    # names, by sockets in the file system and by the system's bus
    "nscd": lambda: nscd("/run/nscd/socket"),
    "nscd-var-run": lambda: nscd("/var/run/nscd/socket"),
    "nscd-beside-root": lambda: nscd(beside_root("/run/nscd/socket")),
    "varlink": lambda: varlink("/run/systemd/resolve/io.systemd.Resolve"),
    "varlink-monitor": lambda: varlink("/run/systemd/resolve/io.systemd.Resolve.Monitor"),
    "varlink-hook": lambda: varlink("/run/systemd/resolve.hook/io.systemd.Network"),
    "varlink-beside-root": lambda: varlink(
        beside_root("/run/systemd/resolve/io.systemd.Resolve")),
    "avahi": lambda: unix("/run/avahi-daemon/socket", b"RESOLVE-HOSTNAME canary.local\n"),
    "mdnsd": lambda: unix("/run/mdnsd", b"probe"),
    "resolve1": lambda: system_bus(
        "org.freedesktop.resolve1", "/org/freedesktop/resolve1",
        "org.freedesktop.resolve1.Manager.ResolveHostname", "0", NAME, "2", "uint64 0"),
    "avahi-bus": lambda: system_bus(
        "org.freedesktop.Avahi", "/", "org.freedesktop.Avahi.Server.ResolveHostName", "@i -1", "@i -1",
        "canary.local", "0", "uint32 0"),
    "abstract-socket": lambda: unix("\0wg-wrap-canary", b"probe"),
    # packets to what is near, as any program sends them
    "tcp": lambda: tcp(NEAR4, 9),
    "tcp-ipv6": lambda: tcp(NEAR6, 9),
    "tcp-mapped": lambda: tcp(f"::ffff:{NEAR4}", 9),
    "tcp-fast-open": fast_open,
    "udp": lambda: udp(NEAR4, 9),
    "udp-ipv6": lambda: udp(NEAR6, 9),
    "udp-far": lambda: udp("198.51.100.9", 9),
    "udp-far-ipv6": lambda: udp("2001:db8:ffff::9", 9),
    "traceroute": lambda: udp(NEAR4, 33434, b"probe", (socket.IPPROTO_IP, socket.IP_TTL, 1)),
    "ping": lambda: run("ping", "-c1", "-W1", NEAR4),
    "ping-ipv6": lambda: run("ping", "-6", "-c1", "-W1", NEAR6),
    "bash-tcp": lambda: run("timeout", "1", "bash", "-c", f"echo probe >/dev/tcp/{NEAR4}/9"),
    "curl-interface": lambda: run("curl", "-s", "--max-time", "1", "--interface", HOST4,
                                  f"http://{NEAR4}/"),
    "loopback": lambda: tcp("127.0.0.1", 8080),
    "loopback-ipv6": lambda: tcp("::1", 8080),
    "host": lambda: tcp(HOST4, 8080),
    "host-ipv6": lambda: tcp(HOST6, 8080),
    "mdns": lambda: multicast4("224.0.0.251", 5353),
    "mdns-ipv6": multicast6,
    "llmnr": lambda: multicast4("224.0.0.252", 5355),
    "ssdp": lambda: multicast4("239.255.255.250", 1900),
    "broadcast": lambda: udp("255.255.255.255", 67, b"probe",
                             (socket.SOL_SOCKET, socket.SO_BROADCAST, 1)),
    "bind-host": lambda: udp(NEAR4, 9, source=HOST4),
    "bind-host-ipv6": lambda: udp(NEAR6, 9, source=HOST6),
    "free-bind": lambda: udp(NEAR4, 9, b"probe", (socket.IPPROTO_IP, 15, 1), source=HOST4),
    # packets by what only a privileged program may do
    "raw": lambda: raw(socket.AF_INET, socket.IPPROTO_ICMP, NEAR4),
    "raw-ipv6": lambda: raw(socket.AF_INET6, 253, NEAR6),
    "frame": frame,
    "bind-device": lambda: udp(*device_of_host(NEAR4)),
    "bind-device-ipv6": lambda: udp(*device_of_host(NEAR6)),
    "new-interface": new_interface,
    "new-address": new_address,
    "new-route": new_route,
    "setns": lambda: enter(os.environ["OUTSIDE"]),
    "setns-service": lambda: enter(os.environ["SERVICE"]),
    "setns-pidfd": lambda: in_namespace(os.pidfd_open(int(os.environ["OUTSIDE"]))),
    "pidfd-getfd": borrow_socket,
}
PRIVILEGED = {"raw", "raw-ipv6", "frame", "new-interface", "new-address", "new-route", "setns",
              "setns-service", "setns-pidfd", "pidfd-getfd"}


if __name__ == "__main__":
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        PROBES[sys.argv[1]]()
