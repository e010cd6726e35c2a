# SPDX-License-Identifier: GPL-3.0-or-later
"""What `wg-wrap logs` makes of the profiles' logs."""
import contextlib
import json
import signal
import subprocess

import pytest

from fake_service import FakeService

NOON = 1790000000 * 1000000  # 2026-09-21 14:13:20 UTC
SECOND = 1000000
HOSTILE = "x\x1b]0;owned\x07\u009b31m\nwork: Connected."


@pytest.fixture
def logs(home, service):
    home.environment["TZ"] = "UTC"
    service.add_profile("work")
    service.add_profile("home")
    service.add_log("work", (NOON, "info", "Connecting."), (NOON + 2 * SECOND, "warning", "Stalled."))
    service.add_log("home", (NOON + SECOND, "error", "Did not start."))
    return service


class Follower:
    def __init__(self, home, *arguments):
        self.process = subprocess.Popen([home.wg_wrap, "logs", *arguments], env=home.environment,
                                        stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return lambda: self.process.stdout.readline().rstrip("\n")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_one_log_is_lines_with_a_time(home, logs):
    done = home.run("logs", "work")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ("2026-09-21 14:13:20  Connecting.\n"
                           "2026-09-21 14:13:22  Stalled.\n")


def test_all_logs_are_one_by_time_with_names(home, logs):
    assert home.run("logs").stdout == ("2026-09-21 14:13:20  work: Connecting.\n"
                                       "2026-09-21 14:13:21  home: Did not start.\n"
                                       "2026-09-21 14:13:22  work: Stalled.\n")


def test_a_log_for_programs(home, logs):
    assert json.loads(home.run("logs", "--json", "home").stdout) == [
        {"profile": "home", "time": NOON + SECOND, "severity": "error", "message": "Did not start."}]
    assert [row["profile"] for row in json.loads(home.run("logs", "--json").stdout)] == \
        ["work", "home", "work"]


def test_of_nothing(home, service):
    service.add_profile("work")
    service.add_log("work")
    assert home.run("logs", "work").stdout == "Nothing has happened yet.\n"
    assert home.run("logs", "--json").stdout == "[]\n"


def test_a_stranger_fails(home, logs):
    done = home.run("logs", "none")
    assert done.returncode == 1 and done.stdout == "" and "There is no profile “none”" in done.stderr


def test_messages_cannot_reach_the_terminal_nor_forge_a_line(home, logs):
    logs.add_log("work", (NOON + 3 * SECOND, "info", HOSTILE))
    out = home.run("logs", "work").stdout
    assert "\x1b" not in out and "\x07" not in out and "\u009b" not in out
    assert len(out.splitlines()) == 3
    assert json.loads(home.run("logs", "work", "--json").stdout)[-1]["message"] == HOSTILE


@pytest.mark.parametrize("no_colour,coloured", [(None, True), ("1", False)])
def test_colour_only_for_a_terminal_that_wants_it(home, logs, no_colour, coloured):
    if no_colour is not None:
        home.environment["NO_COLOR"] = no_colour
    done = subprocess.run(["script", "-qec", f"{home.wg_wrap} logs home", "/dev/null"],
                          env=dict(home.environment, TERM="xterm"), capture_output=True, text=True,
                          timeout=30, stdin=subprocess.DEVNULL)
    assert "Did not start." in done.stdout
    assert ("\x1b[1;31m" in done.stdout) == coloured
    assert "\x1b" not in home.run("logs").stdout


def test_follow_goes_on_with_one_and_tells_nothing_twice(home, logs):
    with Follower(home, "work", "-f") as line:
        assert line() == "2026-09-21 14:13:20  Connecting."
        assert line() == "2026-09-21 14:13:22  Stalled."
        logs.tell("home", NOON + 3 * SECOND, "info", "Another one's.")
        logs.tell("work", NOON + 4 * SECOND, "info", "Connected.")
        logs.tell("work", NOON + 4 * SECOND, "info", "Connected.")
        logs.tell("work", NOON + 5 * SECOND, "info", "The end.")
        assert line() == "2026-09-21 14:13:24  Connected."
        assert line() == "2026-09-21 14:13:25  The end."


def test_follow_ends_when_nobody_reads_it_any_more(home, logs):
    process = subprocess.Popen([home.wg_wrap, "logs", "-f"], env=home.environment, stdout=subprocess.PIPE)
    for _ in range(3):
        process.stdout.readline()
    process.stdout.close()
    for later in range(3, 300):
        logs.tell("work", NOON + later * SECOND, "info", "Connected.")
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert process.wait(0.1) == -signal.SIGPIPE
            return
    process.kill()
    pytest.fail("it goes on")


def test_follow_for_programs_is_a_line_for_each(home, logs):
    with Follower(home, "--follow", "--json") as line:
        assert [json.loads(line())["time"] - NOON for _ in range(3)] == [0, SECOND, 2 * SECOND]
        logs.tell("home", NOON + 3 * SECOND, "info", "Connected.")
        assert json.loads(line()) == {"profile": "home", "time": NOON + 3 * SECOND,
                                      "severity": "info", "message": "Connected."}


def test_follow_hears_of_new_profiles(home, logs):
    with Follower(home, "-f") as line:
        for _ in range(3):
            line()
        logs.add_log("new", (NOON + 3 * SECOND, "info", "Connecting."))
        logs.add_profile("new")
        assert line() == "2026-09-21 14:13:23  new: Connecting."


def test_follow_asks_a_new_service_for_what_it_has_missed(home, bus, logs):
    with Follower(home, "work", "-f") as line:
        line(), line()
        logs.stop()
        another = FakeService(bus)
        another.add_log("work", (NOON + 2 * SECOND, "warning", "Stalled."),
                        (NOON + 3 * SECOND, "info", "Connected."))
        another.add_profile("work")
        assert line() == "2026-09-21 14:13:23  Connected."
        another.stop()
