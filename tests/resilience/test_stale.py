# SPDX-License-Identifier: GPL-3.0-or-later
"""What a crash, another boot or another user left where sessions are kept: swept, or refused by name."""
import os
import pathlib
import shutil
import signal
import socket

import pytest

import rig

ID = "00e13ed7af55b276"  # of "work"
ENTRIES = ("lock", "bus", "door", "engine", "profile", "life", "mark")


@pytest.fixture
def sessions(host):
    """The directory of sessions, before a service has run; the profile's peer is nowhere."""
    profiles = host.home / ".config/wg-wrap/profiles"
    profiles.mkdir(mode=0o700, parents=True)
    (profiles / "work.conf").write_text(
        f"[Interface]\nPrivateKey = {rig.genkey()[0]}\nAddress = 10.6.0.2/32\n[Peer]\n"
        f"PublicKey = {rig.genkey()[1]}\nAllowedIPs = 0.0.0.0/0\nEndpoint = 192.0.2.2:9\n")
    (profiles / "work.conf").chmod(0o600)
    directory = host.runtime / "wg-wrap" / "sessions"
    directory.mkdir(mode=0o700, parents=True)
    directory.parent.chmod(0o700)
    return directory


def dead_socket(path, kind):
    with socket.socket(socket.AF_UNIX, kind) as listener:
        listener.bind(os.fspath(path))
        listener.listen()


def dead_session(sessions):
    """As a machine leaves it that lost its power: all names, nobody behind them."""
    directory = sessions / ID
    directory.mkdir(mode=0o700)
    (directory / "lock").touch()
    (directory / "profile").write_text("work")
    (directory / "life").write_text("  10 held\n")
    (directory / "mark").symlink_to("net:[1] mnt:[2] 00000000-0000-0000-0000-000000000000")
    dead_socket(directory / "bus", socket.SOCK_STREAM)
    dead_socket(directory / "door", socket.SOCK_SEQPACKET)
    dead_socket(directory / "engine", socket.SOCK_STREAM)
    return directory


def without(*names):
    def make(sessions):
        directory = dead_session(sessions)
        for name in names:
            (directory / name).unlink()
    return make


def with_content(name, content):
    def make(sessions):
        path = dead_session(sessions) / name
        path.unlink()
        path.write_bytes(content)
    return make


def with_link(name, target):
    def make(sessions):
        path = dead_session(sessions) / name
        path.unlink()
        path.symlink_to(target)
    return make


def with_fifo(name):
    def make(sessions):
        path = dead_session(sessions) / name
        path.unlink()
        os.mkfifo(path, 0o600)
    return make


LEFT = {
    "a whole session": dead_session,
    "an empty directory": without(*ENTRIES),
    "only the lock": without(*ENTRIES[1:]),
    "no lock": without("lock"),
    "no door": without("door"),
    "no bus": without("bus"),
    "an empty name": with_content("profile", b""),
    "another's name": with_content("profile", b"home"),
    "a name that is none": with_content("profile", b"../../\xff\0" * 100),
    "a file for a socket": with_content("bus", b"x"),
    "a link for a door": with_link("door", "/dev/null"),
    "a link for a name": with_link("profile", "/dev/zero"),
    "a link for a bus": with_link("bus", "/nonexistent"),
    "a mark of a network that is another's now": with_link("mark", "{net} {mnt} {mnt}".format(
        net=os.readlink("/proc/self/ns/net"), mnt=os.readlink("/proc/self/ns/mnt"))),
    "a mark that is none": with_link("mark", "  \n" * 500),
    "a file for a mark": with_content("mark", b"net:[1] mnt:[2] x"),
    "a pipe for a name": with_fifo("profile"),
    "a pipe for a door": with_fifo("door"),
}


@pytest.mark.parametrize("left", LEFT)
def test_what_is_dead_is_swept(host, sessions, left):
    LEFT[left](sessions)
    (sessions / "0123456789abcdef").mkdir(mode=0o700)
    result = host.wg_wrap("run", "work", "--", "true")
    assert result.returncode == 0, result.stderr
    assert host.sessions() == [ID]
    assert host.wg_wrap("down", "work").returncode == 0
    host.assert_nothing_is_left()


@pytest.mark.parametrize("left", LEFT)
def test_a_running_service_is_not_misled(host, sessions, left):
    assert host.wg_wrap("status").returncode == 0
    LEFT[left](sessions)
    result = host.wg_wrap("run", "work", "--", "true")
    assert result.returncode == 0, result.stderr
    assert host.wg_wrap("down", "work").returncode == 0
    host.assert_nothing_is_left()


def open_to_others(sessions):
    (sessions / ID).mkdir(mode=0o700)
    (sessions / ID / "theirs").touch()
    (sessions / ID).chmod(0o777)


def all_open_to_others(sessions):
    sessions.chmod(0o755)


def a_link_to_a_session(sessions):
    elsewhere = sessions.parent / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (sessions / ID).symlink_to(elsewhere)


def a_link_to_all(sessions):
    sessions.rename(sessions.parent / "elsewhere")
    sessions.symlink_to(sessions.parent / "elsewhere")


def a_file(sessions):
    (sessions / ID).write_bytes(b"")


def a_link_for_the_lock(sessions):
    (sessions / ID).mkdir(mode=0o700)
    (sessions / ID / "lock").symlink_to(sessions.parent / "victim")


REFUSED = {made.__name__: made for made in (open_to_others, all_open_to_others, a_link_to_a_session,
                                            a_link_to_all, a_file, a_link_for_the_lock)}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_ours_alone_is_refused(host, sessions, case):
    REFUSED[case](sessions)
    before = sorted(map(str, sessions.parent.rglob("*")))
    answer = host.gdbus("Manager", "Launch", "work", "['true']", "{}")
    assert "org.wgwrap.WgWrap1.Error.NotPermitted: " in answer.stderr, answer.stderr
    assert str(sessions.parent) in answer.stderr
    assert sorted(map(str, sessions.parent.rglob("*"))) == before
    for path in sessions, sessions / ID:
        if path.is_symlink() or path.is_file():
            path.unlink()
    shutil.rmtree(sessions, ignore_errors=True)
    assert host.wg_wrap("run", "work", "--", "true").returncode == 0


def test_a_read_only_runtime_directory_is_refused(host, sessions):
    directory = sessions.parent
    shutil.rmtree(directory)
    directory.mkdir(mode=0o700)
    rig.sh("mount", "-t", "tmpfs", "-o", "ro,mode=0700", "tmpfs", str(directory))
    try:
        answer = host.gdbus("Manager", "Launch", "work", "['true']", "{}")
        assert "org.wgwrap.WgWrap1.Error.NotPermitted: " in answer.stderr, answer.stderr
        assert str(directory) in answer.stderr
        assert "Read-only file system. Make that file system writable first." in answer.stderr
        # The service works as to the rest.
        assert "work" in host.wg_wrap("profile", "list").stdout
    finally:
        rig.sh("umount", "-l", str(directory))
    assert host.wg_wrap("run", "work", "--", "true").returncode == 0


def test_anothers_directory_is_called_that(host, sessions):
    """And nobody is told to change its mode, which he could not."""
    directory = sessions.parent
    rig.sh("mount", "--bind", "/usr/lib", str(directory))
    try:
        answer = host.gdbus("Manager", "Launch", "work", "['true']", "{}")
    finally:
        rig.sh("umount", "-l", str(directory))
    assert "It must be a directory of yours." in answer.stderr, answer.stderr


def test_another_boots_process_is_not_taken_for_ours(host, sessions):
    """A lock that a stranger holds is waited for, not broken; the stranger is left alone."""
    directory = dead_session(sessions)
    stranger = host.popen("flock", "--exclusive", directory / "lock", "sleep", "600")
    try:
        rig.wait_for(lambda: pathlib.Path(f"/proc/{stranger.pid}").exists(), "the stranger")
        answer = host.gdbus("Manager", "Launch", "work", "['true']", "{}")
        assert "org.wgwrap.WgWrap1.Error." in answer.stderr, answer.stderr
        assert stranger.poll() is None
    finally:
        for pid in rig.sh("pgrep", "-P", str(stranger.pid)).split():
            os.kill(int(pid), signal.SIGKILL)
        stranger.wait(rig.TIMEOUT)
    assert host.wg_wrap("run", "work", "--", "true").returncode == 0
