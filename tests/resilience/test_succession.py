# SPDX-License-Identifier: GPL-3.0-or-later
"""All who know how long a session is to live die at once: whoever comes after knows it, too."""
import os
import signal

import pytest

import rig

SESSION = "/org/wgwrap/WgWrap1/sessions/work"


def get(host, name):
    answer = host.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", SESSION, "-m",
                      "org.freedesktop.DBus.Properties.Get", "org.wgwrap.WgWrap1.Session", name)
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    return answer.stdout.strip()


def set_linger(host, seconds):
    answer = host.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", SESSION, "-m",
                      "org.freedesktop.DBus.Properties.Set", "org.wgwrap.WgWrap1.Session", "Linger",
                      f"<uint32 {seconds}>")
    assert answer.returncode == 0, answer.stderr


def kill(host, *names):
    """SIGKILL to all, none of which can do anything in between."""
    victims = [pid for name in names for pid in host.processes(name)[name]]
    assert len(victims) == len(names), (names, victims)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in victims:
            os.kill(pid, number)


def wait_for_successor(host, former):
    def is_there():
        host.wg_wrap("status")  # starts the service, which looks for sessions; in vain until the bus knows
        return set(host.processes("wg-wrap-supervi")["wg-wrap-supervi"]) - set(former)
    rig.wait_for(is_there, "a successor")


# By the names that the kernel keeps, of 15 bytes.
@pytest.mark.parametrize("victims", [
    ["wg-wrapd", "wg-wrap-supervi"], ["wg-wrapd", "wg-wrap-supervi", "wg-wrap-engine"],
    ["wg-wrap-supervi", "wg-wrap-anchor"]], ids="+".join)
def test_a_hold_and_linger_outlive_everybody_who_was_told(host, peer, work, victims):
    """With nobody in it, so that only the hold keeps it."""
    assert host.wg_wrap("up", work).returncode == 0
    set_linger(host, 77)
    for _ in range(2):  # a successor knows it as well
        former = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
        kill(host, *victims)
        wait_for_successor(host, former)
        status = rig.wait_for(lambda: host.status(work), "the session again")
        assert status["held"] and get(host, "Linger") == "(<uint32 77>,)"
    assert host.wg_wrap("run", work, "--", "curl", "-s", "--max-time", "20",
                        f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
    assert host.status(work)["held"]
    assert host.wg_wrap("down", work).returncode == 0
    host.assert_nothing_is_left()


def test_a_hold_that_was_released_does_not_come_back(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "600")
    rig.wait_for(lambda: host.status(work)["programs"], "the program")
    assert host.wg_wrap("down", work).returncode == 0  # with a program in it: the hold alone
    former = host.processes("wg-wrap-supervi")["wg-wrap-supervi"]
    kill(host, "wg-wrapd", "wg-wrap-supervi")
    wait_for_successor(host, former)
    status = rig.wait_for(lambda: host.status(work), "the session again")
    assert not status["held"] and status["programs"]
    child.kill()
    child.wait(rig.TIMEOUT)
    set_linger(host, 0)
    host.assert_nothing_is_left()
