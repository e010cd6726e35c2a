# SPDX-License-Identifier: GPL-3.0-or-later
"""A session's life, with everything real."""
import os
import signal
import subprocess
import time

import pytest

import rig

# Killed by its name here, under a load that valgrind would make minutes of.
rig.VALGRIND_PROGRAMS.pop("wg-wrap-engine")


def ask_linger(host, seconds):
    return host.gdbus_set("sessions/work", "Session", "Linger", f"<uint32 {seconds}>")


def set_linger(host, seconds):
    answer = ask_linger(host, seconds)
    assert answer.returncode == 0, answer.stderr


def kill(host, *names):
    victims = [pid for name in names for pid in
               ([host.service_pid()] if name == "wg-wrapd" else host.processes(name)[name])]
    assert len(victims) == len(names)
    for pid in victims:
        os.kill(pid, signal.SIGKILL)


def test_the_last_one_out_leaves_nothing(host, work):
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "2")
    rig.wait_for(lambda: host.status(work), "the session")
    set_linger(host, 0)
    assert child.wait(rig.TIMEOUT) == 0
    host.assert_nothing_is_left()


def test_a_detached_program_keeps_the_session(host, work):
    detached = host.wg_wrap("run", work, "--", "sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!")
    set_linger(host, 0)
    time.sleep(1)
    assert host.status(work)
    os.kill(int(detached.stdout), signal.SIGKILL)
    host.assert_nothing_is_left()


def test_up_holds_and_down_ends(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    set_linger(host, 0)
    assert host.wg_wrap("run", work, "--", "true").returncode == 0
    assert host.status(work)
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def test_down_force_ends_a_program_that_ignores_sigterm(host, work):
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sh", "-c",
                       "trap '' TERM; while :; do sleep 1; done")
    rig.wait_for(lambda: host.status(work), "the session")
    assert host.wg_wrap("down", "--force", work).returncode == 0
    assert child.wait(rig.TIMEOUT) == -signal.SIGKILL
    host.assert_nothing_is_left()


def test_launches_at_the_moment_of_the_end_all_work(host, work):
    for round in range(5 if rig.UNDER_VALGRIND else 40):
        child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sh", "-c",
                           "echo; exec sleep 0.3", stdout=subprocess.PIPE)
        child.stdout.readline()
        begin = time.monotonic()
        ask_linger(host, 0)  # in vain where a session of the round before has ended already
        # From before the program's end to after the session's.
        time.sleep(max(0, begin + 0.285 + round * 0.001 - time.monotonic()))
        result = host.wg_wrap("run", work, "--", "ip", "-br", "addr", "show", "wg0")
        assert result.returncode == 0 and "10.6.0.2" in result.stdout, (round, result.stderr)
        assert child.wait(rig.TIMEOUT) == 0


# By the names that the kernel keeps, of 15 bytes.
@pytest.mark.parametrize("victims", [
    ["wg-wrapd"], ["wg-wrap-engine"], ["wg-wrap-supervi"], ["wg-wrap-supervi", "wg-wrap-engine"],
    ["wg-wrap-supervi", "wg-wrap-anchor"], ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-engine"],
    ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-anchor"],
    ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-anchor", "wg-wrap-engine"]])
def test_killing_parts_does_not_break_a_transfer(host, peer, work, victims):
    size = 64 * 1024 * 1024
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sh", "-c",
                       f"curl -s --limit-rate 20M http://{peer.INSIDE4}/big/{size} | wc -c",
                       stdout=subprocess.PIPE, text=True)
    rig.wait_for(lambda: host.status(work), "the session")
    time.sleep(0.7)
    network = os.readlink(f"/proc/{child.pid}/ns/net")
    kill(host, *victims)
    assert host.wg_wrap("run", work, "--", "readlink", "/proc/self/ns/net").stdout.strip() == network
    assert host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "20",
                        f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
    assert child.communicate(timeout=60)[0].strip() == str(size)
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def test_a_successor_keeps_hold_port_and_programs_and_changes_over(host, peer, work):
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    path.write_text(path.read_text().replace("[Peer]", "ListenPort = 45454\n[Peer]"))
    rig.wait_for(lambda: "45454" in host.wg_wrap("profile", "show", work).stdout, "the edit")
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sh", "-c", "sleep 600")
    rig.wait_for(lambda: host.status(work), "the session")
    assert host.wg_wrap("up", work).returncode == 0
    for _ in range(2):  # a successor may die, too
        killed = time.time_ns() // 1000
        kill(host, "wg-wrap-supervi")

        def connected():
            """The successor's word: until wg-wrapd has noticed, it tells the dead one's."""
            status = host.status(work)
            return status and status["state"] == "connected" and status["since"] > killed and status
        status = rig.wait_for(connected, "a successor")
        assert status["held"] and child.pid in [program["pid"] for program in status["programs"]]
        assert "45454" in rig.sh("ss", "-Hunl", "sport", "=", ":45454")
    path.write_text(path.read_text().replace("10.6.0.2/32", "10.6.0.2/32, 10.6.0.9/32").replace(
        f"DNS = {peer.INSIDE4}", "DNS = 10.6.0.77"))
    rig.wait_for(lambda: "nameserver 10.6.0.77" in host.wg_wrap(
        "run", work, "--", "cat", "/etc/resolv.conf").stdout, "the new resolver")
    assert "10.6.0.9" in host.wg_wrap("run", work, "--", "ip", "addr", "show", "wg0").stdout
    assert child.poll() is None
    assert host.wg_wrap("down", "--force", work).returncode == 0
    assert child.wait(rig.TIMEOUT) == -signal.SIGTERM
    host.assert_nothing_is_left()


def test_a_new_service_takes_running_sessions_over(host, peer, work):
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "60")
    rig.wait_for(lambda: host.status(work), "the session")
    os.kill(host.service_pid(), signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() is None, "the bus to notice")
    rig.wait_for(lambda: "sleep" in [program["name"] for program in host.status(work)["programs"]],
                 "the session and its program again")
    assert host.wg_wrap("down", "--force", work).returncode == 0
    assert child.wait(rig.TIMEOUT) == -signal.SIGTERM
    host.assert_nothing_is_left()


def test_an_edit_changes_a_running_session_over(host, peer, work):
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "60")
    rig.wait_for(lambda: host.status(work), "the session")
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    text = path.read_text()
    path.write_text(text.replace("[Peer]", "MTU = 1300\n[Peer]").replace(
        "10.6.0.2/32", "10.6.0.2/32, 10.6.0.9/32"))

    def changed():
        shown = host.wg_wrap("run", work, "--", "ip", "addr", "show", "wg0").stdout
        return "mtu 1300" in shown and "10.6.0.9" in shown
    rig.wait_for(changed, "the new address and MTU")
    path.write_text("[Interface]\nnonsense\n")
    time.sleep(1)
    assert changed()
    assert child.poll() is None
    host.wg_wrap("down", "--force", work)
    child.wait(rig.TIMEOUT)


def test_no_key_is_written_anywhere(host, peer, work):
    host.wg_wrap("run", work, "--", "true")
    host.gdbus("Manager", "CheckConfig", peer.profile().replace("AllowedIPs", "Allowed"))
    for pid in sum(host.processes().values(), []):
        for name in ("cmdline", "environ"):
            try:
                content = open(f"/proc/{pid}/{name}", "rb").read()
            except OSError:
                continue
            assert peer.client_private.encode() not in content
    log = host.read_log()
    assert peer.client_private not in log and peer.preshared not in log
