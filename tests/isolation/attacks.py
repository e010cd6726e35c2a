# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside a session: try things, and write what each got as JSON, "ok" or an error's name.

    attacks.py process PID         look into a process
    attacks.py box PID PID         change the session's box, or get out to one of two processes"""
import ctypes
import errno
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_DETACH = 16, 0x4206, 17
SYS_PIDFD_GETFD = 438
TUNSETIFF, IFF_TUN_NO_PI_VNET_HDR = 0x400454CA, 0x5001
AF_QIPCRTR = 42
SYSCTLS = ("net/ipv4/ip_forward", "net/ipv4/conf/all/rp_filter", "net/ipv6/conf/all/disable_ipv6",
           "net/ipv4/ping_group_range", "net/core/somaxconn", "kernel/hostname",
           "user/max_user_namespaces")
NEWNS, NEWUSER, NEWNET = 0x00020000, 0x10000000, 0x40000000


def call(function, *arguments):
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), "")


def trace(request, pid):
    call(LIBC.ptrace, request, pid, None, None)
    os.kill(pid, signal.SIGSTOP)
    LIBC.ptrace(PTRACE_DETACH, pid, None, None)
    os.kill(pid, signal.SIGCONT)


def read_memory(pid):
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    one, none = ctypes.c_ulong(1), ctypes.c_ulong(0)
    call(LIBC.process_vm_readv, pid, vector, one, vector, one, none)


def read(path):
    with open(path, "rb") as file:
        file.read(1)


def process(pid):
    place = f"/proc/{pid}"
    return {
        "ptrace-attach": lambda: trace(PTRACE_ATTACH, pid),
        "ptrace-seize": lambda: trace(PTRACE_SEIZE, pid),
        "process_vm_readv": lambda: read_memory(pid),
        "pidfd_getfd": lambda: call(LIBC.syscall, SYS_PIDFD_GETFD,
                                    os.pidfd_open(pid), 0, ctypes.c_ulong(0)),
        "mem": lambda: os.open(place + "/mem", os.O_RDWR),
        "environ": lambda: read(place + "/environ"),
        "maps": lambda: read(place + "/maps"),
        "fd": lambda: os.listdir(place + "/fd"),
        "root": lambda: os.readlink(place + "/root"),
        "cwd": lambda: os.readlink(place + "/cwd"),
        "exe": lambda: os.readlink(place + "/exe"),
    }


def command(*argv):
    """By the words of a tool, for it does not give the number."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        words = {"not permitted": errno.EPERM, "not supported": errno.EAFNOSUPPORT, "denied": errno.EACCES, "Read-only": errno.EROFS}
        raise OSError(next((n for word, n in words.items() if word in done.stderr),
                           errno.ENOTRECOVERABLE), done.stderr)


def nested():
    """In a user namespace of its own, full of capabilities, a program has none over the session's."""
    session = os.open("/proc/self/ns/net", os.O_RDONLY)
    call(LIBC.unshare, NEWUSER | NEWNET)
    call(LIBC.setns, session, NEWNET)


def attach(name):
    """To an interface, or make one."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name, IFF_TUN_NO_PI_VNET_HDR))


def vsock(cid):
    with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as made:
        made.settimeout(1)
        made.connect((cid, 9999))


def box(outside, service):
    def enter(pid, kind, name):
        return lambda: call(LIBC.setns, os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY), kind)

    return {
        "link-add": lambda: command("ip", "link", "add", "d0", "type", "dummy"),
        "link-down": lambda: command("ip", "link", "set", "wg0", "down"),
        "addr-add": lambda: command("ip", "addr", "add", "10.9.9.9/32", "dev", "wg0"),
        "route-add": lambda: command("ip", "route", "add", "198.51.100.0/24", "dev", "lo"),
        "resolv.conf": lambda: os.open("/etc/resolv.conf", os.O_WRONLY),
        "nsswitch.conf": lambda: os.unlink("/etc/nsswitch.conf"),
        "run": lambda: os.mkdir("/run/nscd"),
        "mount": lambda: call(LIBC.mount, b"tmpfs", b"/etc", b"tmpfs", 0, None),
        "umount-etc": lambda: call(LIBC.umount2, b"/etc", 2),
        "setns-net": enter(outside, NEWNET, "net"),
        "setns-mnt": enter(outside, NEWNS, "mnt"),
        "setns-user": enter(outside, NEWUSER, "user"),
        "setns-service": enter(service, NEWNET, "net"),
        "tun-new": lambda: attach(b"tun9"),
        "tun-attach": lambda: attach(b"wg0"),
        "vsock-hypervisor": lambda: vsock(socket.VMADDR_CID_HOST),
        "vsock-loopback": lambda: vsock(1),
        "qrtr": lambda: socket.socket(AF_QIPCRTR, socket.SOCK_DGRAM),
        "vsock-child": lambda: command(sys.executable, "-c",
                                       "import socket; socket.socket(socket.AF_VSOCK)"),
        **{name: lambda name=name: os.open(f"/proc/sys/{name}", os.O_WRONLY) for name in SYSCTLS},
        "nested": nested,  # goes last: who has tried that is elsewhere
    }


def main():
    attacks = {"process": process, "box": box}[sys.argv[1]](*map(int, sys.argv[2:]))
    got = {}
    for name, attempt in attacks.items():
        try:
            attempt()
            got[name] = "ok"
        except OSError as error:
            got[name] = errno.errorcode.get(error.errno, str(error))
    print(json.dumps(got))


main()
