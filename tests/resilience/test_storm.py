# SPDX-License-Identifier: GPL-3.0-or-later
"""Many programs, many sessions, and parts that die at any moment: nothing breaks, nothing is left.

WG_WRAP_TEST_SOAK=1 takes the numbers of a soak in place of those that fit into every run."""
import contextlib
import hashlib
import os
import random
import signal
import socket
import statistics
import subprocess
import time

import pytest

import rig

SOAK = bool(os.environ.get("WG_WRAP_TEST_SOAK"))
SEQUENTIAL = 1000 if SOAK else 200
AT_ONCE = 100
PROFILES = 20
ROUNDS = 200 if SOAK else 16
ROUNDS_OF_EACH = 400 if SOAK else 16
SIZE = 24 * 1024 * 1024
CONTENT = hashlib.sha256(bytes(range(256)) * (SIZE // 256)).hexdigest()

# By the names that the kernel keeps, of 15 bytes.
PARTS = ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-engine"]


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def down(host, profile):
    host.wg_wrap("down", "--force", profile)


def test_one_after_the_other(host, work):
    pid, early, open_early = None, 0, 0
    for i in range(SEQUENTIAL):
        result = host.wg_wrap("run", work, "--", "sh", "-c", f"exit {i % 7}")
        assert result.returncode == i % 7, (i, result.stderr)
        if i % 20 == 19:  # a session's end and another's start, too
            down(host, work)
        if i == SEQUENTIAL // 5:
            pid = host.service_pid()
            early, open_early = rig.resident_kib(pid), descriptors(pid)
    down(host, work)
    host.assert_nothing_is_left()
    print(f"service: {early} KiB after {SEQUENTIAL // 5}, {rig.resident_kib(pid)} after {SEQUENTIAL}")
    assert host.service_pid() == pid
    assert rig.resident_kib(pid) - early < 1024
    assert descriptors(pid) <= open_early


def test_all_at_once(host, work):
    children = [host.popen(host.programs / "wg-wrap", "run", work, "--", "readlink",
                           "/proc/self/ns/net", stdout=subprocess.PIPE, text=True)
                for _ in range(AT_ONCE)]
    networks = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0] * AT_ONCE
    assert len(networks) == 1 and "net:" in networks.pop()
    down(host, work)
    host.assert_nothing_is_left()


def test_many_profiles_at_once(host, peer):
    names = [f"p{i}" for i in range(PROFILES)]
    for name in names:
        host.import_profile(name, peer.profile())
    children = [host.popen(host.programs / "wg-wrap", "run", name, "--", "readlink",
                           "/proc/self/ns/net", stdout=subprocess.PIPE, text=True)
                for name in names]
    networks = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0] * PROFILES
    assert len(networks) == PROFILES
    for name in names:
        down(host, name)
    host.assert_nothing_is_left()


def strike(host, victims, number):
    pids = [pid for name in victims for pid in host.processes(name)[name]]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    if number == signal.SIGSTOP:
        time.sleep(0.3)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def is_unreachable(packet):
    """The host's own word to the peer that nobody listens: its port went with engine and supervisor."""
    return packet[1] == socket.IPPROTO_ICMP and packet[2] == "192.0.2.2" and packet[3][0] == 0x0303


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_parts_die_at_any_moment(host, peer, work, seed):
    """A transfer that has begun comes to its end, what is launched next works, nothing leaks."""
    dice = random.Random(seed)
    victims = dice.sample(PARTS, dice.randint(1, len(PARTS)))
    number = dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP])
    moment = dice.uniform(0, 1.2)
    print(f"{number.name} to {victims} after {moment:.3f} s")
    with rig.Capture() as capture:
        transfer = host.popen(
            host.programs / "wg-wrap", "run", work, "--", "sh", "-c",
            f"echo begun; curl -s --limit-rate 20M http://{peer.INSIDE4}/big/{SIZE} | sha256sum",
            stdout=subprocess.PIPE, text=True)
        assert transfer.stdout.readline() == "begun\n"
        time.sleep(moment)
        strike(host, victims, number)
        struck = time.monotonic()
        next_one = host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "25",
                                f"http://{peer.INSIDE4}/")
        print(f"the next one was served after {time.monotonic() - struck:.3f} s")
        assert next_one.stdout == peer.CLIENT4, next_one.stderr
        assert transfer.communicate(timeout=90)[0].split()[0] == CONTENT
    assert [packet for packet in capture.other_than_udp("192.0.2.2", 51820)
            if not is_unreachable(packet)] == []
    down(host, work)
    host.assert_nothing_is_left()


def run_in(host, work, peer):
    return host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "25", f"http://{peer.INSIDE4}/")


def start(host, work):
    return [host.popen(host.programs / "wg-wrap", "run", work, "--", "true",
                       stderr=subprocess.DEVNULL)]


def join(host, work):
    return [child for _ in range(4) for child in start(host, work)]


def close(host, work):
    return [host.popen(host.programs / "wg-wrap", "down", "--force", work,
                       stderr=subprocess.DEVNULL)]


@pytest.mark.parametrize("doing", [start, join, close], ids=lambda doing: doing.__name__)
def test_parts_die_while_a_session(host, peer, work, doing):
    """Starts, is joined or closes: whoever asked is answered, the next one is served, nothing is left."""
    seconds = []
    for seed in range(ROUNDS_OF_EACH):
        dice = random.Random(f"{doing.__name__} {seed}")
        victims = dice.sample(PARTS, dice.randint(1, len(PARTS)))
        number = dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP])
        moment = dice.uniform(0, 0.06)
        if doing is not start:
            assert run_in(host, work, peer).stdout == peer.CLIENT4
        children = doing(host, work)
        time.sleep(moment)
        strike(host, victims, number)
        struck = time.monotonic()
        what = (doing.__name__, seed, number.name, victims, moment)
        if doing is close:  # who comes in before is closed, too
            children[0].wait(rig.TIMEOUT)
        answer = run_in(host, work, peer)
        assert answer.stdout == peer.CLIENT4, (what, answer.stderr, host.read_log()[-3000:])
        seconds.append(time.monotonic() - struck)
        for child in children:
            child.wait(rig.TIMEOUT)
        down(host, work)
        host.assert_nothing_is_left()
    print(f"{doing.__name__}: the next one was served after {statistics.median(seconds):.3f} s "
          f"(median), {max(seconds):.3f} s at most, of {len(seconds)}")
