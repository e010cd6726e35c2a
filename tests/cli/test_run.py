# SPDX-License-Identifier: GPL-3.0-or-later
"""wg-wrap run: the command is as if wg-wrap had not been there, but for the network it sees."""
import json
import os
import signal
import subprocess


import pytest
from gi.repository import GLib

from fake_service import ROOT, Refusal

SHOW = (
    "import json, os, sys, signal; print(json.dumps({"
    "'argv': [os.fsencode(a).hex() for a in sys.argv[1:]],"
    "'net': os.readlink('/proc/self/ns/net'), 'pid': os.getpid(), 'cwd': os.getcwd(),"
    "'env': dict(os.environ), 'fds': sorted(map(int, os.listdir('/proc/self/fd')))[:-1],"
    "'ignored': [s for s in range(1, 32) if signal.getsignal(s) == signal.SIG_IGN],"
    "'blocked': [int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])]}))"
)
# Python itself ignores SIGPIPE, so what a command inherits is read from /proc by a shell.
SIGNALS = "grep -E 'Sig(Blk|Ign)' /proc/self/status"


def show(home, *arguments, options=("work", "--"), **popen):
    process = subprocess.Popen(
        [home.wg_wrap, "run", *options, "/usr/bin/python3", "-c", SHOW, *arguments],
        **{"env": home.environment, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen})
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert err == b""
    return process.pid, json.loads(out)


def test_the_command_is_inside_and_counted(home, session):
    pid, seen = show(home)
    assert seen["net"] == session.network()
    assert seen["net"] != os.readlink("/proc/self/ns/net")
    assert seen["pid"] == pid, "the command is another process than wg-wrap was"
    assert session.knocks == [pid]


def test_no_bus_is_needed_where_the_door_answers(home, session):
    # The fixture's bus address leads nowhere.
    assert home.run("run", "work", "true").returncode == 0


@pytest.mark.parametrize("argument", [
    b"", b"--", b"-x", b"--help", b"--profile", b"a b\tc\nd\n", b"\xff\xfe\x80 bytes",
    "Zürich ☃".encode(), b"'\"$(echo)`\\", b"%s%n", b"x" * (128 * 1024 - 1),
], ids=["empty", "dashes", "option", "help", "profile", "newlines", "bytes", "utf-8", "quotes",
        "percent", "128KiB"])
def test_every_byte_of_an_argument_arrives(home, session, argument):
    _, seen = show(home, argument, b"last")
    assert seen["argv"] == [argument.hex(), b"last".hex()]


def test_ten_thousand_arguments_arrive(home, session):
    arguments = [f"{i}" for i in range(10000)]
    _, seen = show(home, *arguments)
    assert [bytes.fromhex(a).decode() for a in seen["argv"]] == arguments


def test_exit_status_is_the_commands(home, session):
    for status in (0, 1, 7, 125, 255):
        assert home.run("run", "work", "--", "sh", "-c", f"exit {status}").returncode == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGPIPE])
def test_a_signal_that_ends_the_command_is_seen(home, session, number):
    done = home.run("run", "work", "sh", "-c", f"kill -{int(number)} $$")
    assert done.returncode == -number


def test_signals_to_the_process_reach_the_command(home, session):
    process = subprocess.Popen(
        [home.wg_wrap, "run", "work", "sh", "-c",
         "trap 'echo caught; exit 3' USR1; echo ready; while :; do sleep 0.1; done"],
        env=home.environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGUSR1)
    assert process.stdout.read() == "caught\n"
    assert process.wait(30) == 3


def test_pipes_go_through(home, session):
    done = home.run("run", "work", "--", "cat", input=b"x\0\xffy", text=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"x\0\xffy", b"")


def test_working_directory_stays(home, session, tmp_path):
    strange = tmp_path / "a b\nc"
    strange.mkdir()
    _, seen = show(home, cwd=strange)
    assert seen["cwd"] == str(strange)


def test_environment_stays_and_names_the_profile(home, session):
    home.environment["EMPTY"] = ""
    home.environment["LINES_"] = "a\nb=c"
    expected = dict(home.environment, WG_WRAP_PROFILE="work", GIO_USE_NETWORK_MONITOR="base")
    _, seen = show(home)
    seen["env"].pop("LC_CTYPE", None)  # Python's own
    assert seen["env"] == expected


@pytest.mark.parametrize("by", ["door", "bus"])
def test_signals_and_descriptors_are_inherited_unchanged(home, session, service, by):
    """In particular SIGPIPE, which GIO ignores, and no descriptor of wg-wrap's."""
    answer_join(service, session)
    read, write = os.pipe()
    command = ["sh", "-c", SIGNALS + "; ls -l /proc/self/fd | wc -l"]
    options = {"env": home.environment, "pass_fds": [read], "capture_output": True,
               "stdin": subprocess.DEVNULL, "timeout": 30}
    bare = subprocess.run(command, **options)
    wait = ["--wait"] if by == "bus" else []
    inside = subprocess.run([home.wg_wrap, "run", *wait, "work", *command], **options)
    os.close(read)
    os.close(write)
    assert inside.stderr == b""
    assert inside.stdout == bare.stdout
    assert len(session.knocks) == (1 if by == "door" else 0)


def test_ignored_signals_stay_ignored(home, session):
    done = subprocess.run(
        ["sh", "-c", f"trap '' INT PIPE; exec {home.wg_wrap} run work sh -c \"{SIGNALS}\""],
        env=home.environment, capture_output=True, text=True, timeout=30)
    ignored = int(done.stdout.split("SigIgn:")[1].split()[0], 16)
    assert ignored & 1 << signal.SIGINT - 1 and ignored & 1 << signal.SIGPIPE - 1


@pytest.mark.parametrize("command,status", [
    (["/nonexistent"], 127), (["no-such-command-anywhere"], 127), (["/etc/passwd"], 126),
    (["/"], 126), ([""], 127),
])
def test_commands_that_cannot_run_end_as_in_a_shell(home, session, command, status):
    done = home.run("run", "work", "--", *command)
    assert done.returncode == status
    assert done.stderr.startswith("wg-wrap") and done.stderr.count("\n") == 1


# The other way in


def answer_join(service, session):
    service.answers["Manager.Join"] = lambda path, arguments: (
        GLib.Variant("(oh)", (f"{ROOT}/sessions/my_2dwork", 0)), session.pidfd)


def test_without_a_door_the_service_is_asked(home, service, session):
    answer_join(service, session)
    pid, seen = show(home, options=("other", "--"))
    assert service.calls == [("Manager.Join", ("other", {}))]
    assert seen["net"] == session.network() and seen["pid"] == pid
    assert seen["env"]["WG_WRAP_PROFILE"] == "my-work"


@pytest.mark.parametrize("deaths", [2, 3])
def test_a_service_that_dies_over_the_call_is_asked_again(home, service, session, deaths):
    answer_join(service, session)
    living = service.answers["Manager.Join"]

    def dying(path, arguments):
        if len(service.calls) > deaths:
            return living(path, arguments)
        failure = Refusal("", "Message recipient disconnected from message bus without replying")
        failure.name = "org.freedesktop.DBus.Error.NoReply"
        raise failure

    service.answers["Manager.Join"] = dying
    done = home.run("run", "other", "echo", "inside")
    assert len(service.calls) == 3
    assert (done.returncode, done.stdout) == ((0, "inside\n") if deaths == 2 else (125, ""))


@pytest.mark.parametrize("options,asked", [
    (["--"], ("", {})),
    (["--profile", "other", "--"], ("other", {})),
    (["--profile=other"], ("other", {})),
    (["-p", "other"], ("other", {})),
    (["--wait", "work"], ("work", {"wait": True})),
    (["--timeout", "3", "work"], ("work", {"wait": True, "timeout": 3})),
    (["../../etc/passwd"], ("../../etc/passwd", {})),
    (["a\nb"], ("a\nb", {})),
])
def test_spellings(home, service, session, options, asked):
    answer_join(service, session)
    show(home, options=options)
    assert service.calls == [("Manager.Join", asked)]


def test_profile_before_the_command_is_run(home, service, session):
    answer_join(service, session)
    done = home.run("--profile", "other", "sh", "-c", "echo $0 $1", "run", "--profile")
    assert (done.returncode, done.stdout) == (0, "run --profile\n")
    assert service.calls == [("Manager.Join", ("other", {}))]


def break_door(session, how):
    door = session.directory / "door"
    if how == "nobody listens":
        session.door.shutdown(2)
        session.door.close()
    elif how == "nothing there":
        door.unlink()
    elif how == "a file":
        door.unlink()
        door.write_text("")
    elif how == "open to others":
        session.directory.chmod(0o777)
    elif how == "a link":
        moved = session.directory.with_name("moved")
        session.directory.rename(moved)
        session.directory.symlink_to(moved)


@pytest.mark.parametrize("how", ["nobody listens", "nothing there", "a file", "open to others",
                                 "a link"])
def test_a_door_that_cannot_be_trusted_or_is_dead_is_passed_by(home, service, session, how):
    answer_join(service, session)
    break_door(session, how)
    _, seen = show(home)
    assert seen["net"] == session.network()
    assert [call[0] for call in service.calls] == ["Manager.Join"]
    assert session.knocks == []


def test_refusal_is_one_line_and_125(home, service):
    def refuse(path, arguments):
        raise Refusal("NoSuchProfile", "There is no profile “x\x1b[31m”.\nImport it.")

    service.answers["Manager.Join"] = refuse
    done = home.run("run", "x", "true")
    assert done.returncode == 125
    assert done.stderr == "wg-wrap: There is no profile “x\ufffd[31m”.\ufffdImport it.\n"


def test_without_bus_or_service_it_says_so(home):
    done = home.run("run", "work", "true")
    assert done.returncode == 125
    assert done.stderr.startswith("wg-wrap: The session bus cannot be reached")
    assert done.stderr.count("\n") == 1


def test_without_service_it_names_doctor(home, bus):
    done = home.run("run", "work", "true")
    assert done.returncode == 125
    assert "doctor" in done.stderr and done.stderr.count("\n") == 1


def test_an_answer_that_makes_no_sense_is_refused(home, service, session):
    service.answers["Manager.Join"] = lambda path, arguments: (
        GLib.Variant("(oh)", ("/org/example/Evil", 0)), session.pidfd)
    done = home.run("run", "x", "true")
    assert done.returncode == 125 and "/org/example/Evil" in done.stderr


def test_inside_a_session_it_says_what_to_do(home, session):
    done = home.run("run", "work", "--", home.wg_wrap, "run", "work", "true")
    assert done.returncode == 125
    assert "work" in done.stderr and "already" in done.stderr


@pytest.mark.parametrize("program, arguments", [
    ("wg-wrap-join", ("run", "-p", "work", "true")), ("wg-wrap-cli", ("run", "gone", "true"))])
def test_a_missing_program_is_125(home, session, program, arguments):
    (home.programs / program).unlink()
    done = home.run(*arguments)
    assert done.returncode == 125 and program in done.stderr


@pytest.mark.parametrize("missing", ["wg-wrap-cli", "wg-wrap-join"])
@pytest.mark.parametrize("spelling", [("work",), ("work", "--")])
def test_a_join_by_the_door_needs_no_other_program(home, session, missing, spelling):
    (home.programs / missing).unlink()
    done = home.run("run", *spelling, "sh", "-c", "echo $WG_WRAP_PROFILE; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "work\n", "")


def test_shell_is_the_users_and_inside(home, session, tmp_path):
    home.environment["SHELL"] = "/bin/sh"
    done = home.run("shell", "work", input="readlink /proc/self/ns/net; echo $WG_WRAP_PROFILE\n")
    assert done.stdout.split() == [session.network(), "work"]
