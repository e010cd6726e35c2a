# SPDX-License-Identifier: GPL-3.0-or-later
"""What the architecture takes for granted of the kernel, as an ordinary user finds it: a premise that
a kernel to come no longer keeps fails here first, and by name."""
import contextlib
import ctypes
import errno
import fcntl
import multiprocessing
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import threading

import pytest

NEWNS, NEWUSER, NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
PR_SET_CHILD_SUBREAPER = 36
TUNSETIFF, TUNSETPERSIST, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x400454CB, 0x1, 0x1000
SIOCSIFFLAGS, SIOCGIFADDR, SIOCSIFADDR, SIOCSIFNETMASK, IFF_UP = 0x8914, 0x8915, 0x8916, 0x891C, 0x1
UID, GID = os.getuid(), os.getgid()

libc = ctypes.CDLL(None, use_errno=True)
fork = multiprocessing.get_context("fork")


def call(name, *arguments):
    """A call of libc's; OSError as Python's own calls raise it."""
    arguments = [ctypes.c_char_p(a) if isinstance(a, bytes) else
                 ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def refused(function, *arguments):
    """The errno of a call that must fail."""
    with pytest.raises(OSError) as failure:
        function(*arguments)
    return failure.value.errno


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def unshare(flags):
    call("unshare", flags)
    if flags & NEWUSER:
        write("/proc/self/setgroups", "deny")
        write("/proc/self/uid_map", f"{UID} {UID} 1")
        write("/proc/self/gid_map", f"{GID} {GID} 1")


def setns(descriptor, flags):
    call("setns", descriptor, flags)


def tun(name=b"tun0"):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name, IFF_TUN | IFF_NO_PI))
    return descriptor


def namespace(kind, pid="self"):
    return os.readlink(f"/proc/{pid}/ns/{kind}")


def capabilities():
    return int(pathlib.Path("/proc/self/status").read_text().partition("CapEff:")[2].split()[0], 16)


def output(*command):
    """(what a command printed, its status)"""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=30, check=False)
    return done.stdout, done.returncode


def elsewhere(function, *arguments):
    """What a function returns in a child, whose namespaces go with it."""
    def run(pipe):
        try:
            pipe.send((function(*arguments), None))
        except BaseException as error:  # an assertion's, too
            pipe.send((None, repr(error)))
    ours, theirs = fork.Pipe()
    child = fork.Process(target=run, args=(theirs,))
    child.start()
    theirs.close()
    assert ours.poll(60), "the child does not answer"
    result, error = ours.recv()
    child.join()
    assert error is None, error
    return result


@contextlib.contextmanager
def living(function):
    """A child that has done something and waits; its process ID."""
    def run(pipe):
        try:
            function()
            pipe.send(None)
        except BaseException as error:
            pipe.send(repr(error))
        signal.pause()
    ours, theirs = fork.Pipe()
    child = fork.Process(target=run, args=(theirs,))
    child.start()
    try:
        assert ours.poll(60) and ours.recv() is None
        yield child.pid
    finally:
        child.kill()
        child.join()


def box():
    unshare(NEWUSER | NEWNS | NEWNET)
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)


def enter(pid):
    setns(os.pidfd_open(pid), NEWUSER | NEWNS | NEWNET)


@pytest.fixture(autouse=True)
def ordinary_user():
    if UID == 0:
        pytest.skip("root is not an ordinary user")


def test_a_second_thread_may_not_enter_a_user_namespace():
    def attempt(pid):
        stop = threading.Event()
        thread = threading.Thread(target=stop.wait)
        thread.start()
        try:
            return refused(unshare, NEWUSER), refused(enter, pid)
        finally:
            stop.set()
            thread.join()
    with living(box) as pid:
        assert elsewhere(attempt, pid) == (errno.EINVAL, errno.EINVAL)
        elsewhere(enter, pid)


def test_a_socket_stays_in_the_network_that_it_was_born_in():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)

        def send():
            born_outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            unshare(NEWUSER | NEWNET)
            born_outside.sendto(b"out", receiver.getsockname())
            born_inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            return refused(born_inside.sendto, b"in", receiver.getsockname())

        assert elsewhere(send) == errno.ENETUNREACH
        assert receiver.recv(10) == b"out"


def test_an_executed_program_is_the_same_user_without_capabilities():
    def look():
        box()
        assert capabilities() != 0
        return output("sh", "-c", "id -u; grep CapEff /proc/self/status")[0].split()
    assert elsewhere(look) == [str(UID), "CapEff:", "0000000000000000"]


def test_one_setns_by_pidfd_enters_all_three_with_capabilities():
    def look(pid):
        enter(pid)
        return capabilities() != 0, [namespace(kind) for kind in ("user", "mnt", "net")]
    with living(box) as pid:
        assert elsewhere(look, pid) == (True, [namespace(k, pid) for k in ("user", "mnt", "net")])


def test_who_joined_can_change_no_network_and_nest_its_own_sandbox():
    def look(pid):
        enter(pid)
        return [output(*command) for command in (
            ("ip", "link", "add", "dummy0", "type", "dummy"),
            ("nsenter", "--net=/proc/1/ns/net", "true"),
            ("nsenter", "--net=/proc/%d/ns/net" % os.getppid(), "true"),
            ("unshare", "--user", "--map-root-user", "--net", "true"),
            ("bwrap", "--dev-bind", "/", "/", "--unshare-user", "--unshare-net", "true"))]
    with living(box) as pid:
        results = elsewhere(look, pid)
    assert [status == 0 for _, status in results] == [False, False, False, True, True], results
    assert "not permitted" in results[0][0], results


def interface(request, name, value=bytes(16)):
    """An ioctl of netdevice(7); the answer's 16 bytes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        return fcntl.ioctl(handle, request, struct.pack("16s24s", name, value))[16:32]


def internet(address):
    return struct.pack("HH4s", socket.AF_INET, 0, socket.inet_aton(address))


def test_a_persistent_tun_outlives_its_holder_and_is_attached_again():
    def build(pid):
        enter(pid)
        fcntl.ioctl(tun(), TUNSETPERSIST, 1)
        interface(SIOCSIFADDR, b"tun0", internet("10.9.8.7"))
        interface(SIOCSIFNETMASK, b"tun0", internet("255.255.255.0"))
        interface(SIOCSIFFLAGS, b"tun0", struct.pack("H", IFF_UP))

    def find(pid):
        enter(pid)
        held = tun()
        again = refused(tun)
        os.close(held)
        tun()
        return again, interface(SIOCGIFADDR, b"tun0"), \
            pathlib.Path("/proc/self/net/route").read_text()

    with living(box) as pid:
        elsewhere(build, pid)  # with whom the descriptor goes
        again, address, routes = elsewhere(find, pid)
    assert again == errno.EBUSY
    assert address == internet("10.9.8.7").ljust(16, b"\0")
    assert "tun0\t0008090A" in routes


def test_mounts_inside_are_seen_inside_alone(tmp_path):
    anchor = tmp_path / "anchor"
    anchor.touch()
    names = tmp_path / "resolv.conf"
    names.write_text("nameserver 10.9.8.1\n")
    before = pathlib.Path("/etc/resolv.conf").read_text()

    def furnish():
        box()
        target = os.path.realpath("/etc/resolv.conf").encode()
        call("mount", bytes(names), target, None, MS_BIND, None)
        call("mount", b"/proc/self/ns/net", bytes(anchor), None, MS_BIND, None)

    def look(pid):
        enter(pid)
        return pathlib.Path("/etc/resolv.conf").read_text(), os.stat(anchor).st_ino, \
            os.stat("/proc/self/ns/net").st_ino

    with living(furnish) as pid:
        seen, anchored, network = elsewhere(look, pid)
        assert seen == "nameserver 10.9.8.1\n" and anchored == network
        assert pathlib.Path("/etc/resolv.conf").read_text() == before
        assert anchor.stat().st_ino != network


def test_orphans_go_to_the_subreaper_and_who_joined_is_found_by_namespace():
    def supervise():
        call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        pid = subprocess.run(["sh", "-c", "sleep 60 >&- & echo $!"], stdout=subprocess.PIPE,
                             check=True).stdout
        os.kill(int(pid), signal.SIGKILL)
        return os.waitpid(int(pid), 0)[1]
    assert elsewhere(supervise) == signal.SIGKILL

    with living(box) as pid, living(lambda: enter(pid)) as joined:
        network = namespace("net", pid)
        members = set()
        for process in filter(str.isdecimal, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if namespace("net", process) == network:
                    members.add(int(process))
        assert members == {pid, joined}


def test_ping_is_allowed_for_groups_that_are_mapped():
    allowed = "/proc/sys/net/ipv4/ping_group_range"

    def allow():
        box()
        unmapped = refused(write, allowed, "0 2147483647")
        write(allowed, f"{GID} {GID}")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP):
            return unmapped
    assert elsewhere(allow) == errno.EINVAL


def test_a_lock_goes_with_its_last_holder(tmp_path):
    path = tmp_path / "lock"
    path.touch()

    def hold():
        descriptor = os.open(path, os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        heir = os.fork()
        if heir == 0:
            signal.pause()
        path.write_text(str(heir))

    with open(path, "r+", encoding="ascii") as file:
        with living(hold):
            heir = int(path.read_text())
        assert refused(fcntl.flock, file, fcntl.LOCK_EX | fcntl.LOCK_NB) == errno.EWOULDBLOCK
        descriptor = os.pidfd_open(heir)
        os.kill(heir, signal.SIGKILL)
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(30000)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
