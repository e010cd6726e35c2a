# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of attacks in SECURITY.md: what each gets, from inside a session."""
import contextlib
import ctypes
import errno
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

import rig

ATTACKS = pathlib.Path(__file__).parent / "attacks.py"
NEST = pathlib.Path(__file__).parent / "nest.py"
LISTEN = ("import socket, time\n"
          "made = socket.create_server(('::', 8000), family=socket.AF_INET6, dualstack_ipv6=True)\n"
          "print('ready', flush=True)\n"
          "while True: made.accept()[0].sendall(b'inside')\n")
REFUSED = {"EPERM", "EACCES"}
SYS_PIDFD_GETFD = 438
ICMP = socket.IPPROTO_ICMP  # the host's own word to the peer that the killed engine's port is gone


def attack(host, work, *arguments):
    """What it got: {name: "ok" or an error's name}."""
    result = host.wg_wrap("run", work, "--", "/usr/bin/python3", ATTACKS, *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("victim", ["wg-wrap-supervi", "wg-wrap-engine"])
def test_what_holds_keys_cannot_be_looked_into(host, work, victim):
    assert host.wg_wrap("up", work).returncode == 0
    pid = host.processes(victim)[victim][0]
    got = attack(host, work, "process", str(pid))
    assert len(got) == 11 and set(got.values()) <= REFUSED, got


def test_a_process_that_holds_none_can(host, work):
    """Or the one before would prove nothing. What a tracer alone may do is left out: Yama may forbid it."""
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "600")
    rig.wait_for(lambda: pathlib.Path(f"/proc/{child.pid}/comm").read_text() == "sleep\n", "it")
    got = attack(host, work, "process", str(child.pid))
    child.kill()
    child.wait(rig.TIMEOUT)
    assert {got[name] for name in ("environ", "maps", "fd", "root", "cwd", "exe")} == {"ok"}, got


def test_the_box_cannot_be_changed_or_left(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    got = attack(host, work, "box", str(os.getpid()), str(host.service_pid()))
    families = {name: got.pop(name) for name in list(got) if name.startswith(("vsock", "qrtr"))}
    assert len(families) == 4 and set(families.values()) == {"EAFNOSUPPORT"}, families
    assert got.pop("tun-attach") == "EBUSY"  # it is the engine's
    assert len(got) == 22 and set(got.values()) <= REFUSED | {"EROFS"}, got


def dup_descriptor(pid, number):
    return ctypes.CDLL(None).syscall(SYS_PIDFD_GETFD, os.pidfd_open(pid), number, ctypes.c_ulong(0))


def test_nothing_is_started_in_a_programs_own_namespaces(host, peer, work):
    """Though it has the lock, as an anchor has, and nobody else is left who knows of the session."""
    assert host.wg_wrap("up", work).returncode == 0
    parts = ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-engine", "wg-wrap-anchor"]
    pids = [host.processes(name)[name][0] for name in parts]
    lock = dup_descriptor(pids[3], 0)
    nest = host.popen(host.programs / "wg-wrap", "run", work, "--", "/usr/bin/python3", NEST, "192.0.2.2",
                      stdin=lock, stdout=subprocess.PIPE, text=True)
    os.close(lock)
    child = int(nest.stdout.readline())
    network = os.stat(f"/proc/{child}/ns/net").st_ino
    with rig.Capture() as capture:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        starting = host.popen(host.programs / "wg-wrap", "up", work)  # which waits for the lock
        time.sleep(1.5)
    started = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
    there = [pid for pid in started if os.stat(f"/proc/{pid}/ns/net").st_ino == network]
    outside = [packet for packet in capture.other_than_udp("192.0.2.2", 51820) if packet[1] != ICMP]
    for pid in (nest.pid, child):
        with contextlib.suppress(ProcessLookupError):  # a successor ends what it took for the anchor
            os.kill(pid, signal.SIGKILL)
    nest.wait(rig.TIMEOUT)
    assert there == [] and outside == []
    assert starting.wait(rig.TIMEOUT) == 0, host.read_log()


def test_only_the_sessions_interfaces_are_listed(host, work):
    """And as what they are, with counters that go on."""
    show = "ls /sys/class/net /sys/devices/virtual/net; cat /sys/class/net/wg0/mtu"
    assert host.wg_wrap("run", work, "--", "sh", "-c", show).stdout.split() == [
        "/sys/class/net:", "lo", "wg0", "/sys/devices/virtual/net:", "lo", "wg0", "1420"]
    assert host.wg_wrap("run", work, "--", "test", "-e", "/run/.sys").returncode == 1


def test_gpg_asks_nobody_outside_for_keys(host, work):
    """dirmngr would, whoever has started it."""
    home = host.home / "gnupg"
    home.mkdir(mode=0o700)
    host.environment["GNUPGHOME"] = str(home)
    host.check("dirmngr", "--homedir", home, "--daemon")
    ask = ("gpg", "--batch", "--fetch-keys", "http://192.0.2.2/key")
    with rig.Capture() as capture:
        inside = host.wg_wrap("run", work, "--", *ask)
        time.sleep(0.5)
        assert capture.other_than_udp("192.0.2.2", 51820) == []
        outside = host.run(*ask)
        rig.wait_for(lambda: capture.other_than_udp("192.0.2.2", 51820), "what asks outside")
    host.check("gpgconf", "--kill", "dirmngr")
    assert "No dirmngr" in inside.stderr and "No dirmngr" not in outside.stderr


def test_a_program_has_no_capability_and_gains_none(host, work):
    shown = host.wg_wrap("run", work, "--", "grep", "-E", "^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)",
                         "/proc/self/status").stdout
    fields = dict(line.split(":\t") for line in shown.splitlines())
    assert fields.pop("NoNewPrivs") == "1"
    assert len(fields) == 4 and set(fields.values()) == {"0" * 16}


def test_the_sessions_private_sockets_are_not_there(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    directory = host.runtime / "wg-wrap"
    assert host.sessions() and list(directory.iterdir())
    assert host.wg_wrap("run", work, "--", "find", directory, "-mindepth", "1").stdout == ""
    aside = f"/proc/{host.bus.pid}/root{directory}"
    assert list(pathlib.Path(aside).iterdir())
    assert host.wg_wrap("run", work, "--", "ls", aside).returncode != 0


def test_the_engine_is_in_its_sandbox(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    pid = host.processes("wg-wrap-engine")["wg-wrap-engine"][0]
    status = dict(line.split(":\t", 1) for line in
                  pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}


def test_a_port_inside_is_reached_through_the_tunnel_only(host, peer, work):
    server = host.popen(host.programs / "wg-wrap", "run", work, "--", "/usr/bin/python3", "-c",
                        LISTEN, stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "ready\n"
    for address in ("127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"):
        with pytest.raises(OSError) as caught:
            socket.create_connection((address, 8000), 5)
        assert caught.value.errno == errno.ECONNREFUSED, address
    for address in (peer.CLIENT4, peer.CLIENT6):
        fetch = f"import socket; print(socket.create_connection(('{address}', 8000), 20).recv(9))"
        assert peer.sh("/usr/bin/python3", "-c", fetch) == "b'inside'", address
    server.kill()
    server.wait(rig.TIMEOUT)
