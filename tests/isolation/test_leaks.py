# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that a program in a session tries is noticed outside its tunnel, and all of it would be if
it were outside: else this would prove nothing."""
import os
import pathlib
import subprocess
import time

import pytest

import canary
import probes
import rig

PROBES = pathlib.Path(__file__).parent / "probes.py"
HOLDER = ("import socket, time; held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
          "print(held.fileno(), flush=True); time.sleep(3600)")


@pytest.fixture
def waiting(host, peer, tmp_path):
    """The host as a leak finds it: a way to everywhere, and somebody to answer."""
    rig.sh("ip", "route", "add", "default", "via", "192.0.2.2")
    rig.sh("ip", "-6", "route", "add", "default", "via", "2001:db8::2")
    made = canary.Canary(tmp_path)
    holder = host.popen("/usr/bin/python3", "-c", HOLDER, stdout=subprocess.PIPE, text=True)
    made.environment = {"OUTSIDE": str(holder.pid), "DESCRIPTOR": holder.stdout.readline().strip()}
    yield made
    holder.kill()
    holder.wait(rig.TIMEOUT)
    made.stop()


def try_one(host, waiting, name, *prefix, **options):
    environment = {**host.environment, **waiting.environment, "SERVICE": str(host.service_pid())}
    return host.run(*prefix, "/usr/bin/python3", PROBES, name, env=environment, **options)


def leaks(waiting, capture):
    return waiting.hits + capture.other_than_udp("192.0.2.2", 51820)


def test_nothing_is_noticed_of_what_is_tried_inside(host, waiting, work):
    assert host.wg_wrap("up", work).returncode == 0
    noticed = {}
    start = len(waiting.hits)
    with rig.Capture() as capture:
        for name in probes.PROBES:
            before = len(leaks(waiting, capture))
            result = try_one(host, waiting, name, host.programs / "wg-wrap", "run", work, "--")
            assert result.returncode == 0, (name, result.stderr)
            time.sleep(0.05)  # so that it is most likely this one that is blamed
            found = leaks(waiting, capture)[before:]
            if found:
                noticed[name] = found
        time.sleep(2)  # membership reports, retransmissions
    assert noticed == {}
    assert leaks(waiting, capture)[start:] == []


def test_each_of_them_would_be_noticed_outside(host, waiting, work):
    assert host.wg_wrap("up", work).returncode == 0
    assert len(probes.PROBES) > 40
    unnoticed = []
    with rig.Capture() as capture:
        for name in probes.PROBES:
            before = len(leaks(waiting, capture))
            if name in probes.PRIVILEGED:
                subprocess.run(["/usr/bin/python3", PROBES, name], check=True, timeout=rig.TIMEOUT,
                               env={**os.environ, **waiting.environment,
                                    "SERVICE": str(host.service_pid())})
            else:
                result = try_one(host, waiting, name)
                assert result.returncode == 0, (name, result.stderr)
            try:
                rig.wait_for(lambda: len(leaks(waiting, capture)) > before, name, 5)
            except AssertionError:
                unnoticed.append(name)
    assert unnoticed == []
