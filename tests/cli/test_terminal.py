# SPDX-License-Identifier: GPL-3.0-or-later
"""In a terminal, with bash's job control: the command is the terminal's own child."""
import os
import pty
import re
import select
import signal
import time

import pytest

PROMPT = b"prompt> "


class Terminal:
    """bash, interactive, on a pty."""

    def __init__(self, home):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"],
                      dict(home.environment, PS1=PROMPT.decode(), TERM="dumb", HISTFILE="",
                           WW=home.wg_wrap))
        self.seen = b""
        self.expect(PROMPT)
        self.type("stty -echo\n")
        self.expect(PROMPT)

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        """Everything up to and with the first match; what is awaited comes, or the test fails."""
        if isinstance(pattern, str):
            pattern = pattern.encode()
        deadline = time.monotonic() + 20
        while not (match := re.search(pattern, self.seen)):
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                pytest.fail(f"no {pattern!r} in {self.seen!r}")
            self.seen += os.read(self.fd, 4096)
        before, self.seen = self.seen[:match.end()], self.seen[match.end():]
        return before.decode(errors="replace")

    def await_foreground_job(self):
        """Until the terminal is a job's, not the shell's: before that a key would be the shell's."""
        deadline = time.monotonic() + 20
        while os.tcgetpgrp(self.fd) == os.getpgid(self.pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def command(self, line):
        """What it printed."""
        self.type(line + "\n")
        return self.expect(PROMPT)[:-len(PROMPT)].replace("\r\n", "\n")

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.fixture
def terminal(home, session):
    opened = Terminal(home)
    yield opened
    opened.close()


def test_status_reaches_the_shell(terminal):
    assert terminal.command("$WW run work -- sh -c 'exit 7'; echo status $?") == "status 7\n"


def test_the_streams_are_the_terminal(terminal):
    assert terminal.command("$WW run work sh -c 'tty; test -t 0 -a -t 1 -a -t 2; echo $?'") == \
        terminal.command("sh -c 'tty; test -t 0 -a -t 1 -a -t 2; echo $?'")


def test_ctrl_c_ends_the_command_and_not_the_shell(terminal):
    terminal.type("$WW run work sh -c 'echo ready; exec sleep 100'\n")
    terminal.expect("ready")
    terminal.type("\x03")
    terminal.expect(PROMPT)
    assert terminal.command("echo status $?") == "status 130\n"


def test_ctrl_c_can_be_caught(terminal):
    terminal.type("$WW run work bash -c 'trap \"echo caught; exit 9\" INT; echo ready; "
                  "while :; do sleep 0.1; done'\n")
    terminal.expect("ready")
    terminal.type("\x03")
    terminal.expect("caught")
    terminal.expect(PROMPT)
    assert terminal.command("echo status $?") == "status 9\n"


def test_ctrl_backslash_quits(terminal):
    terminal.command("ulimit -c 0")
    terminal.type("$WW run work sh -c 'echo ready; exec sleep 100'\n")
    terminal.expect("ready")
    terminal.type("\x1c")
    terminal.expect(PROMPT)
    assert terminal.command("echo status $?") == "status 131\n"


def test_ctrl_z_fg_and_bg(terminal):
    terminal.type("$WW run work bash -c 'echo ready; while read line; do echo \"got $line\"; done'\n")
    terminal.expect("ready")
    terminal.type("one\n")
    terminal.expect("got one")
    terminal.type("\x1a")
    assert "Stopped" in terminal.expect(PROMPT)
    assert "Stopped" in terminal.command("jobs")
    terminal.type("fg\ntwo\n")
    terminal.expect("got two")
    terminal.type("\x04")
    terminal.expect(PROMPT)
    assert terminal.command("echo status $?") == "status 0\n"


def test_in_the_background_it_reads_no_terminal(terminal):
    terminal.command("$WW run work cat &")
    deadline = time.monotonic() + 20
    while "Stopped" not in terminal.command("jobs"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    terminal.command("kill -9 %1; wait")


def test_pipelines_are_one_job(terminal):
    terminal.type("$WW run work sh -c 'echo ready >/dev/tty; exec sleep 100' | $WW run work cat\n")
    terminal.expect("ready")
    terminal.type("\x1a")
    assert terminal.expect(PROMPT).count("Stopped") >= 1
    terminal.type("fg\n")
    terminal.await_foreground_job()
    terminal.type("\x03")
    terminal.expect(PROMPT)
    assert terminal.command("echo status $?") == "status 130\n"


def test_the_window_size_arrives(terminal):
    terminal.command("stty rows 33 cols 77")
    assert terminal.command("$WW run work stty size") == "33 77\n"


def test_a_hangup_reaches_the_command(home, session):
    opened = Terminal(home)
    opened.type("$WW run work sh -c 'echo $$; exec sleep 100'\n")
    pid = int(re.search(r"(\d+)", opened.expect(r"\d+\r\n")).group(1))
    pidfd = os.pidfd_open(pid)
    os.close(opened.fd)
    os.waitpid(opened.pid, 0)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    assert poll.poll(20000), "the command outlived its terminal"
    os.close(pidfd)
