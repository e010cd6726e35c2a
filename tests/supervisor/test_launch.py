# SPDX-License-Identifier: GPL-3.0-or-later
"""Launch(): a program is started as it was asked for, to the byte, or not at all."""
import json
import os
import signal

import pytest

from supervisor_rig import Failed, GLib, is_alive, wait_for

PYTHON = "/usr/bin/python3"
SHOW = """
import json, os, signal, sys
status = dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())
print(json.dumps({
    'argv': [os.fsencode(word).hex() for word in sys.argv[1:]],
    'environment': sorted(word.hex() for word in open('/proc/self/environ', 'rb').read().split(b'\\0')[:-1]),
    'cwd': os.getcwdb().hex(),
    'fds': sorted(int(fd) for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')),
    'uid': os.getuid(), 'sid': os.getsid(0), 'pid': os.getpid(),
    'capabilities': [status[key].strip() for key in ('CapInh', 'CapPrm', 'CapEff', 'CapAmb')],
    'signals': [status[key].strip() for key in ('SigBlk', 'SigIgn')],
    'no_new_privs': status['NoNewPrivs'].strip(),
    'interfaces': sorted(os.listdir('/sys/class/net')) if False else None,
}))
"""


def show(session, *arguments, **options):
    status, output = session.run(PYTHON, "-ESc", SHOW, *arguments, **options)
    assert status == 0, output
    return json.loads(output)


def test_exit_statuses_arrive_as_wait_gives_them(session):
    assert session.run("true") == (0, b"")
    assert session.run("sh", "-c", "exit 7")[0] == 7 << 8
    assert session.run("sh", "-c", "kill -9 $$")[0] == signal.SIGKILL


def test_an_end_that_went_wrong_is_told_in_words(session):
    pid = session.launch("sh", "-c", "kill -9 $$", name="Editor")
    status, message = session.wait_exited(pid)
    assert status == signal.SIGKILL and "Editor" in message and "9" in message
    assert session.wait_exited(session.launch("true"))[1] == ""


@pytest.mark.parametrize("arguments", [
    [b""], [b"", b"a", b""], [b"\xff\xfe\x80", b"caf\xe9"], [b"new\nline", b"tab\t", b"'\"\\$`*"],
    [b"x" * (128 * 1024 - 1)], [b"%d" % number for number in range(5000)],
], ids=["empty", "several-empty", "not-utf8", "special", "128KiB", "5000"])
def test_arguments_arrive_byte_for_byte(session, arguments):
    assert show(session, *arguments)["argv"] == [word.hex() for word in arguments]


def test_the_environment_is_the_given_one_and_no_more(session):
    environment = [b"PATH=/usr/bin:/bin", b"EMPTY=", b"BYTES=\xff\xfe", b"LINES=a\nb", b"=odd",
                   b"BIG=" + b"x" * 100000]
    assert show(session, environment=environment)["environment"] == \
        sorted(word.hex() for word in environment)


def test_the_program_is_looked_for_in_the_given_path(session, home):
    directory = home.directory / "bin"
    directory.mkdir()
    (directory / "unheard-of").write_text("#!/bin/sh\necho found\n")
    (directory / "unheard-of").chmod(0o755)
    assert session.run("unheard-of", environment=[f"PATH={directory}:/usr/bin:/bin"]) == (0, b"found\n")
    with pytest.raises(Failed, match="SpawnFailed"):
        session.launch("unheard-of")


def test_a_program_has_three_descriptors_no_capability_and_a_session_of_its_own(session):
    seen = show(session)
    assert seen["fds"] == [0, 1, 2]
    assert seen["capabilities"] == ["0" * 16] * 4
    assert seen["no_new_privs"] == "1"
    assert seen["sid"] == seen["pid"]
    # Python ignores SIGPIPE and SIGXFSZ for itself.
    assert int(seen["signals"][0], 16) == 0
    assert int(seen["signals"][1], 16) & ~(1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1) == 0
    assert session.run("sh", "-c", "grep -q '^SigIgn:.0*$' /proc/self/status")[0] == 0


def test_the_working_directory_is_the_given_one(session, home):
    directory = home.directory / "wörk \udcff dir"
    directory.mkdir()
    assert show(session, cwd=directory)["cwd"] == os.fsencode(directory).hex()


def test_a_program_sees_the_tunnel_and_nothing_of_the_session_s_directory(session, home):
    assert session.run("sh", "-c", "cd /sys && ls -1 /proc/self/net/dev_snmp6 | sort | tr '\\n' ' '")[1] \
        == b"lo wg0 "
    assert session.run("ls", "-A", home.runtime / "wg-wrap") == (0, b"")


@pytest.mark.parametrize("argv, cwd, words", [
    (["no-such-command"], "/", "not found|No such file"),
    (["/no/such/file"], "/", "No such file|no such file"),
    (["/etc/passwd"], "/", "Permission denied"),
    (["/"], "/", "Permission denied"),
    (["true"], "/no/such/directory", "directory"),
    (["true"], "/root", "directory"),
    (["true", "x" * (128 * 1024)], "/", "too long"),
], ids=["not-found", "no-file", "not-executable", "directory", "no-cwd", "closed-cwd", "too-long"])
def test_what_cannot_be_executed_is_said_and_leaves_nothing(session, argv, cwd, words):
    before = session.children()
    with pytest.raises(Failed, match=words) as caught:
        session.launch(*argv, cwd=cwd)
    assert caught.value.name == "SpawnFailed"
    assert session.children() == before and session.programs() == []


def test_a_script_without_an_interpreter_is_told(session, home):
    script = home.directory / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(Failed, match="interpreter|No such file"):
        session.launch(script)


def parameters(session, **changes):
    values = {"argv": GLib.Variant("aay", [b"true\0"]), "environment": GLib.Variant("aay", []),
              "cwd": GLib.Variant("ay", b"/\0"), "covers": GLib.Variant("aay", []), "name": GLib.Variant("s", ""),
              "desktop_id": GLib.Variant("s", ""), "stdio": GLib.Variant("ah", [0, 1, 2])}
    values.update(changes)
    return GLib.Variant.new_tuple(*values.values())


@pytest.mark.parametrize("changes", [
    {"argv": GLib.Variant("aay", [])},
    {"argv": GLib.Variant("aay", [b"true"])},
    {"argv": GLib.Variant("aay", [b"true\0", b"a\0b\0"])},
    {"argv": GLib.Variant("aay", [b"true\0", b""])},
    {"environment": GLib.Variant("aay", [b"A=1\0B=2\0"])},
    {"cwd": GLib.Variant("ay", b"")},
    {"cwd": GLib.Variant("ay", b"relative\0")},
    {"covers": GLib.Variant("aay", [b"/tmp\0"])},
    {"covers": GLib.Variant("aay", [b"/tmp\0", b"/tmp"])},
    {"stdio": GLib.Variant("ah", [])},
    {"stdio": GLib.Variant("ah", [0, 1])},
    {"stdio": GLib.Variant("ah", [0, 1, 2, 0, 0])},
    {"stdio": GLib.Variant("ah", [0, 1, 9])},
    {"stdio": GLib.Variant("ah", [0, 1, -1])},
], ids=str)
def test_arguments_that_make_no_sense_are_refused(session, changes):
    with open("/dev/null", "r+b") as null, pytest.raises(Failed) as caught:
        session.call("Launch", parameters(session, **changes), [null.fileno()] * 3)
    assert caught.value.name == "InvalidArgument"
    assert session.programs() == [] and session.run("true")[0] == 0


def test_a_launch_is_made_once_and_not_after_it_was_taken_back(session, home):
    path, ticket = home.directory / "ran", os.eventfd(1, os.EFD_NONBLOCK)
    for _ in range(2):
        with open("/dev/null", "r+b") as null:
            try:
                session.launch("sh", "-c", f"echo ran >>{path}", handles=(0, 1, 2, 3),
                               stdio=[null.fileno()] * 3 + [ticket])
            except Failed as error:
                assert error.name == "Closed" and path.exists()
        wait_for(lambda: path.exists() and not session.programs(), "its end")
    os.close(ticket)
    assert path.read_text() == "ran\n"


def test_a_directory_covers_another_for_one_program_alone(session, home):
    (mine, other), (theirs, covered) = [[home.directory / name / part for part in "ab"]
                                        for name in ("private", "public")]
    for path in (mine, other, theirs, covered):
        path.mkdir(parents=True)
        (path / path.parent.name).write_text("")
    look = ["sh", "-c", f"ls {theirs} {covered}; sh -c 'echo kept >{theirs}/file'"]
    assert session.run(*look, covers=[mine, theirs, other, covered])[1].split(b"\n\n") == [
        f"{theirs}:\nprivate".encode(), f"{covered}:\nprivate\n".encode()]
    assert (mine / "file").read_text() == "kept\n" and not (theirs / "file").exists()
    assert session.run("ls", theirs)[1] == b"public\n"


def test_a_directory_that_is_not_there_covers_nothing(session, home):
    with pytest.raises(Failed, match="no directory") as caught:
        session.launch("true", covers=[home.directory, home.directory / "none"])
    assert caught.value.name == "SpawnFailed" and session.programs() == []


def test_descriptors_of_a_refused_launch_are_closed(session):
    def count():
        return len(os.listdir(f"/proc/{session.process.pid}/task"))

    reader, writer = os.pipe()
    for _ in range(20):
        with pytest.raises(Failed):
            session.launch("no-such-command", stdio=[writer] * 3)
    os.close(writer)
    # The end of the pipe is seen only if nobody has it open.
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert count() < 10


def test_names_are_shown(session):
    pid = session.launch("sleep", "60", name="Web", desktop_id="org.example.Web")
    other = session.launch("sleep", "60")
    assert sorted(session.get("Programs")) == sorted([(pid, "Web", "org.example.Web"),
                                                      (other, "sleep", "")])


def test_a_hundred_at_once_all_end_with_their_own_status(session):
    pids = [session.launch("sh", "-c", f"exit {number}") for number in range(100)]
    assert [session.wait_exited(pid)[0] >> 8 for pid in pids] == list(range(100))
    wait_for(lambda: session.programs() == [], "all ends")
    assert set(session.children()) == {"wg-wrap-engine", "wg-wrap-anchor"}
    assert not any(is_alive(pid) for pid in pids)
