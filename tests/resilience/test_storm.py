# SPDX-License-Identifier: GPL-3.0-or-later
"""Many programs, many sessions, and one that comes while the last one goes: nothing breaks, nothing is
left.

WG_WRAP_TEST_SOAK=1 takes the numbers of the soak in place of those that fit into every run."""
import os
import random
import statistics
import subprocess
import time

import rig

SOAK = bool(os.environ.get("WG_WRAP_TEST_SOAK"))
SEQUENTIAL = 1000 if SOAK else 200
LAST_OUT = 1000 if SOAK else 60
AT_ONCE = 100
PROFILES = 20
SEED = int(os.environ.get("WG_WRAP_TEST_SEED", "1"))


def down(host, profile):
    host.wg_wrap("down", "--force", profile)


def test_one_after_the_other(host, work):
    before, pid, early = host.settle(work), host.service_pid(), 0
    for i in range(SEQUENTIAL):
        result = host.wg_wrap("run", work, "--", "sh", "-c", f"exit {i % 7}")
        assert result.returncode == i % 7, (i, result.stderr)
        if i % 20 == 19:  # a session's end and another's start, too
            down(host, work)
        if i == SEQUENTIAL // 5:
            early = rig.resident_kib(pid)
    down(host, work)
    host.assert_as_before(before)
    print(f"service: {early} KiB after {SEQUENTIAL // 5}, {rig.resident_kib(pid)} after {SEQUENTIAL}")
    assert host.service_pid() == pid
    assert rig.resident_kib(pid) - early < 1024


def run_all(host, profiles):
    """A program in each at the same time; the network namespaces that they were in."""
    children = [host.popen(host.programs / "wg-wrap", "run", profile, "--", "readlink",
                           "/proc/self/ns/net", stdout=subprocess.PIPE, text=True)
                for profile in profiles]
    networks = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0] * len(profiles)
    assert all("net:" in network for network in networks)
    return networks


def test_all_at_once(host, work):
    before = host.settle(work)
    assert len(run_all(host, [work] * AT_ONCE)) == 1
    down(host, work)
    host.assert_as_before(before)


def test_many_profiles_at_once(host, peer, work):
    names = [f"p{i}" for i in range(PROFILES)]
    for name in names:
        host.import_profile(name, peer.profile())
    before = host.settle(work)
    assert len(run_all(host, names)) == PROFILES
    for name in names:
        down(host, name)
    host.assert_as_before(before)


# Tells who it is; asks the far end once it is told to; leaves once it is told to.
GUEST = """exec <"$1.to" >"$1.from"
echo $$
read ask; curl -s --max-time 20 "$2"; echo
read leave
"""


class Guest:
    """A program in the tunnel, let in by the door or launched by the service."""

    def __init__(self, host, peer, launched, name):
        path = host.home / name
        script = host.home / "guest"
        script.write_text(GUEST)
        self.files = []
        for end in ("to", "from"):
            os.mkfifo(f"{path}.{end}")
            # Both ways: it waits for nobody, and never ends.
            self.files.append(os.open(f"{path}.{end}", os.O_RDWR | os.O_NONBLOCK))
            os.set_inheritable(self.files[-1], False)
        command = ["sh", str(script), str(path), f"http://{peer.INSIDE4}/"]
        if launched:
            self.child = host.popen(
                "gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", "/org/wgwrap/WgWrap1", "-m",
                "org.wgwrap.WgWrap1.Manager.Launch", "work", str(command), "{}",
                stdout=subprocess.DEVNULL)
        else:
            self.child = host.popen(host.programs / "wg-wrap", "run", "work", "--", *command)
        self.text = ""
        self.path, self.pid = path, 0

    def read_line(self):
        def line():
            try:
                self.text += os.read(self.files[1], 4096).decode()
            except BlockingIOError:
                pass
            return "\n" in self.text
        rig.wait_for(line, "a word of the guest's")
        first, _, self.text = self.text.partition("\n")
        return first

    def arrive(self):
        self.pid = int(self.read_line())

    def ask(self):
        os.write(self.files[0], b"\n")
        return self.read_line()

    def leave(self):
        os.write(self.files[0], b"\n")

    def forget(self):
        self.child.wait(rig.TIMEOUT)
        rig.wait_for(lambda: not os.path.exists(f"/proc/{self.pid}"), "the guest's end")
        for file, end in zip(self.files, ("to", "from")):
            os.close(file)
            os.unlink(f"{self.path}.{end}")


def linger_not(host):
    answer = host.gdbus_set("sessions/work", "Session", "Linger", "<uint32 0>")
    assert answer.returncode == 0, answer.stderr


def status_with(host, guest):
    """Of its session, once it is counted there."""
    status = host.status("work")
    pids = [program["pid"] for program in status["programs"]] if status else []
    return status if guest.pid in pids else None


def test_one_comes_while_the_last_one_leaves(host, peer, work):
    """It finds the session alive, or a new one: never one that is dying."""
    before = host.settle(work)
    dice = random.Random(SEED)
    seconds, alive = [], 0
    last = Guest(host, peer, False, "first")
    last.arrive()
    linger_not(host)
    assert last.ask() == peer.CLIENT4
    for number in range(LAST_OUT):
        launched, comes_first = dice.random() < 0.3, dice.random() < 0.5
        offset = dice.uniform(0, 0.020)
        what = (f"seed {SEED}, round {number}", launched, comes_first, offset)
        if comes_first:
            begin = time.monotonic()
            guest = Guest(host, peer, launched, f"guest-{number}")
            time.sleep(offset)
            last.leave()
        else:
            last.leave()
            time.sleep(offset)
            begin = time.monotonic()
            guest = Guest(host, peer, launched, f"guest-{number}")
        guest.arrive()
        seconds.append(time.monotonic() - begin)
        last.forget()
        assert guest.ask() == peer.CLIENT4, (what, host.read_log()[-3000:])
        status = rig.wait_for(lambda: status_with(host, guest), f"the guest counted: {what}")
        # A new one lingers. Its namespaces may have the numbers of the one before.
        if status["linger"] == 0:
            alive += 1
        else:
            linger_not(host)
        last = guest
    last.leave()
    last.forget()
    host.assert_as_before(before)
    print(f"seed {SEED}: {LAST_OUT} rounds, {alive} found the session alive, {LAST_OUT - alive} a new "
          f"one; in after {statistics.median(seconds):.3f} s (median), {max(seconds):.3f} s at most")
