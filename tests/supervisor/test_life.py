# SPDX-License-Identifier: GPL-3.0-or-later
"""A session lives as long as somebody is in it or holds it, and then Linger; and ends without a trace."""
import contextlib
import os
import random
import select
import signal
import subprocess
import time

import pytest

from supervisor_rig import (CONFIG, TIMEOUT, Failed, GLib, NotStarted, is_alive, iterate_until,
                            wait_for)

DOUBLE_FORK = "(setsid sleep 300 >/dev/null 2>&1 &)"
IGNORE_SIGTERM = "trap '' TERM; while :; do sleep 300 & wait; done"


def open_fds(session):
    """How many descriptors the supervisor's own child would inherit by mistake: those of the anchor."""
    return len(os.listdir(f"/proc/{session.anchor()}/fd"))


# Begin

def test_a_new_session_waits_for_whoever_asked_for_it(session):
    assert session.get("Version") == 3
    assert session.get("Profile") == "work"
    assert session.get("State") == "connecting"
    assert session.get("Held") is False and session.get("Programs") == []
    assert (session.directory / "profile").read_text() == "work"
    assert sorted(os.listdir(session.directory)) == [
        "bus", "door", "engine", "life", "lock", "mark", "profile"]


def test_linger_of_nothing_still_gives_time_to_come_in(home):
    session = home.start(linger=0)
    time.sleep(1)
    assert session.run("true")[0] == 0
    session.wait_ended()


@pytest.mark.parametrize("config, name", [
    ("nonsense", "InvalidProfile"),
    (CONFIG.replace("Address", "# Address"), "InvalidProfile"),
    (CONFIG.replace("PrivateKey", "# PrivateKey"), "InvalidProfile"),
], ids=["nonsense", "no-address", "no-key"])
def test_a_configuration_that_cannot_be_used_is_refused(home, config, name):
    with pytest.raises(NotStarted, match=f"^org.wgwrap.WgWrap1.Error.{name}\n[^\n]+\n$"):
        home.start(config=config)
    assert sorted(os.listdir(home.sessions / os.listdir(home.sessions)[0])) == ["lock"]


def test_an_engine_that_does_not_run_is_told_and_leaves_nothing(home):
    engine = home.programs / "wg-wrap-engine"
    for text in ("#!/bin/sh\nexit 3\n", "#!/bin/sh\nkill -SEGV $$\n", None):
        engine.unlink()
        if text:
            engine.write_text(text)
            engine.chmod(0o755)
        with pytest.raises(NotStarted, match="^org.wgwrap.WgWrap1.Error.[A-Za-z]+\n.*wg-wrap-?engine|engine"):
            home.start()
        if not text:
            break
    assert not os.listdir(home.sessions)


def test_an_engine_that_refuses_the_configuration_is_told(home):
    home.say("errno", "22")
    with pytest.raises(NotStarted, match="refuse"):
        home.start()


def test_a_directory_that_is_not_there_is_told(home):
    with pytest.raises(NotStarted, match="^org.wgwrap.WgWrap1.Error.Failed\n"):
        home.start(directory="/no/such/directory")


def test_what_a_crash_left_in_the_directory_is_no_obstacle(home):
    session = home.start()
    engine, anchor = session.engine(), session.anchor()
    session.stop()
    wait_for(lambda: not is_alive(engine) and not is_alive(anchor), "their ends")
    assert "bus" in os.listdir(session.directory)
    assert home.start().run("true")[0] == 0


# Who is in

def test_a_program_that_left_the_one_who_started_it_counts(home):
    session = home.start(linger=0)
    pid = session.launch("sh", "-c", DOUBLE_FORK)
    session.wait_exited(pid)
    (left,) = session.programs()
    assert left != pid
    wait_for(lambda: session.get("Programs") == [(left, "sleep", "")], "its own name")
    assert session.get("State") == "connecting"
    session.call("Signal", GLib.Variant("(ui)", (left, signal.SIGTERM)))
    # An orphan is the supervisor's own child: its status is known.
    assert session.wait_exited(left)[0] == signal.SIGTERM
    session.wait_ended()


def test_a_program_in_a_network_namespace_of_its_own_counts_though_its_parent_is_gone(home):
    session = home.start(linger=0)
    # Who started it goes once it is there.
    pid = session.launch("sh", "-c", "trap exit USR1; unshare --user --net setsid sh -c "
                                     "'kill -USR1 $PPID; exec sleep 300' & wait")
    session.wait_exited(pid)
    (left,) = session.programs()
    assert os.readlink(f"/proc/{left}/ns/net") != session.network()
    os.kill(left, signal.SIGKILL)
    session.wait_ended()


def test_who_joins_by_the_door_is_in_the_session_and_counts(home):
    session = home.start(linger=0)
    program = session.join("sh", "-c", "readlink /proc/self/ns/net; exec sleep 300",
                           stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline().strip() == session.network()
    wait_for(lambda: [(program.pid, "sleep", "")] == session.get("Programs"), "its own name")
    program.kill()
    program.wait()
    # It is nobody's child here: only its end is seen.
    assert session.wait_exited(program.pid)[0] == -1
    session.wait_ended()


def test_what_a_joined_program_left_behind_counts(home):
    session = home.start(linger=0)
    program = session.join("sh", "-c", DOUBLE_FORK)
    assert program.wait(TIMEOUT) == 0
    session.wait_exited(program.pid)
    (left,) = session.programs()
    time.sleep(0.3)
    os.kill(left, signal.SIGKILL)
    session.wait_ended()


def test_join_by_the_bus_is_as_by_the_door(home):
    session = home.start(linger=0)
    outside = subprocess.Popen(["sleep", "300"])
    _, (anchor,) = session.call("Join", GLib.Variant("(u)", (outside.pid,)))
    assert session.programs() == [outside.pid]
    with open(f"/proc/self/fdinfo/{anchor}", encoding="ascii") as info:
        assert f"Pid:\t{session.anchor()}\n" in info.read()
    os.close(anchor)
    outside.kill()
    outside.wait()
    session.wait_ended()


def test_who_knocks_twice_counts_once_and_until_he_ends(session):
    for _ in range(2):
        os.close(session.knock())
    assert session.programs() == [os.getpid()]


@pytest.mark.parametrize("pid", [0, 1, 2**22 + 1, 2**31 + 5, 2**32 - 1])
def test_who_is_not_the_user_s_cannot_be_counted(session, pid):
    with pytest.raises(Failed) as caught:
        session.call("Join", GLib.Variant("(u)", (pid,)))
    assert caught.value.name == "InvalidArgument"
    assert session.programs() == []


# The end

def test_without_linger_the_last_one_out_ends_it(home):
    session = home.start(linger=0)
    first, last = session.launch("sleep", "300"), session.launch("sleep", "300")
    os.kill(first, signal.SIGKILL)
    session.wait_exited(first)
    time.sleep(0.2)
    assert session.programs() == [last]
    os.kill(last, signal.SIGKILL)
    # Who was connected is told of it before the end.
    assert session.wait_exited(last)[0] == signal.SIGKILL
    session.wait_ended()


def test_it_lingers_as_long_as_asked(home):
    session = home.start(linger=2)
    assert session.run("true")[0] == 0
    time.sleep(0.5)
    assert session.run("true")[0] == 0  # which begins it anew
    began = time.monotonic()
    session.wait_ended()
    assert 1.9 < time.monotonic() - began < 10


def test_linger_can_be_changed_while_it_lingers(home):
    session = home.start(linger=3600)
    assert session.run("true")[0] == 0
    time.sleep(0.2)
    assert session.process.poll() is None
    began = time.monotonic()
    session.set_linger(100000)
    assert session.get("Linger") == 3600
    # The first one's time to come in (10 s) has not passed yet.
    session.set_linger(0)
    session.wait_ended()
    assert time.monotonic() - began < 20


def test_a_hold_keeps_it_until_it_is_closed(home):
    session = home.start(linger=0)
    session.call("Hold")
    assert session.get("Held") is True
    assert session.run("true")[0] == 0
    time.sleep(0.5)
    assert session.get("Held") is True and session.programs() == []
    session.call("Close", GLib.Variant("(b)", (False,)))
    session.wait_ended()


def test_keep_lets_somebody_wait(home):
    session = home.start(linger=0)
    session.call("Keep", GLib.Variant("(u)", (30,)))
    time.sleep(11)
    assert session.run("true")[0] == 0
    session.wait_ended()


def test_close_does_not_wait_for_linger(home):
    session = home.start(linger=3600)
    assert session.run("true")[0] == 0
    session.call("Close", GLib.Variant("(b)", (False,)))
    session.wait_ended()


def test_close_returns_when_nothing_is_left(home):
    session = home.start()
    anchor, engine = session.anchor(), session.engine()
    session.call("Close", GLib.Variant("(b)", (False,)))
    assert not session.directory.exists()
    assert not is_alive(anchor) and not is_alive(engine)
    session.wait_ended()


def test_close_with_a_program_inside_releases_the_hold_and_ends_with_the_program(home):
    session = home.start(linger=3600)
    session.call("Hold")
    pid = session.launch("sleep", "300")
    session.call("Close", GLib.Variant("(b)", (False,)))
    assert session.get("Held") is False and session.programs() == [pid]
    time.sleep(0.3)
    assert session.run("true")[0] == 0  # somebody came: it is not being left any more
    os.kill(pid, signal.SIGKILL)
    session.wait_exited(pid)
    time.sleep(0.3)
    assert session.programs() == []
    session.launch("sleep", "300")
    session.call("Close", GLib.Variant("(b)", (False,)))
    os.kill(session.programs()[0], signal.SIGKILL)
    session.wait_ended()


def test_a_forced_end_asks_the_programs_first(home):
    session = home.start()
    out, out_in = os.pipe()
    with open("/dev/null", "rb") as null:
        session.launch("sh", "-c", "trap 'echo asked; exit 3' TERM; echo ready;"
                                   "while :; do sleep 0.05; done 2>/dev/null",
                       stdio=[null.fileno(), out_in, null.fileno()])
    os.close(out_in)
    with os.fdopen(out, encoding="ascii") as file:
        assert file.readline() == "ready\n"
        session.call("Close", GLib.Variant("(b)", (True,)))
        assert file.read() == "asked\n"
    iterate_until(lambda: session.exited, "its end")
    assert [status for _, status, _ in session.exited] == [3 << 8]
    session.wait_ended()


def test_a_forced_end_kills_what_does_not_listen_wherever_it_is(home):
    session = home.start()
    pids = [session.launch("sh", "-c", IGNORE_SIGTERM), session.launch("sleep", "300")]
    session.launch("sh", "-c", f"(setsid sh -c \"{IGNORE_SIGTERM}\" &)")
    session.launch("unshare", "--user", "--net", "sh", "-c", IGNORE_SIGTERM)
    joined = session.join("sh", "-c", IGNORE_SIGTERM)
    iterate_until(lambda: len(session.exited) == 1, "the one that only left another")
    wait_for(lambda: len(session.programs()) == 5, "all to be counted")
    # Who does not listen has said so once it waits for its own `sleep`; of one only the other network is seen.
    wait_for(lambda: len(session.inside() - {session.anchor(), session.engine()}) == 7, "all to be deaf")
    inside = session.inside() - {session.anchor(), session.engine()}
    began = time.monotonic()
    done = session.begin("Close", GLib.Variant("(b)", (True,)))
    wait_for(lambda: not is_alive(pids[1]), "who listens")
    # Nobody is let in any more, and everybody is told so.
    with pytest.raises(Failed) as caught:
        session.launch("true")
    assert caught.value.name == "Closed"
    with pytest.raises(OSError):
        session.knock()
    assert session.get("State") == "closing"
    done()
    assert 4.5 < time.monotonic() - began < 15
    joined.wait(TIMEOUT)
    assert not any(is_alive(pid) for pid in inside | set(pids))
    session.wait_ended()


def test_a_forced_end_leaves_those_alone_who_only_stood_at_the_door(home):
    session = home.start()
    bystander = subprocess.Popen(["sleep", "300"])
    _, (anchor,) = session.call("Join", GLib.Variant("(u)", (bystander.pid,)))
    session.call("Close", GLib.Variant("(b)", (True,)))
    os.close(anchor)
    session.wait_ended()
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_sigterm_ends_a_session_with_its_programs(home):
    session = home.start()
    pid = session.launch("sleep", "300")
    session.process.terminate()
    session.wait_ended()
    assert not is_alive(pid)


def test_the_end_leaves_no_process_no_descriptor_and_no_entry(home):
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(10):
        session = home.start(linger=0)
        everybody = session.inside() | {session.process.pid, session.engine()}
        everybody.add(session.launch("sh", "-c", "sleep 0.3 & exec sleep 0"))
        session.disconnect()
        session.wait_ended()
        wait_for(lambda: not any(is_alive(pid) for pid in everybody), "all to be gone")
    assert len(os.listdir("/proc/self/fd")) <= len(before) + 3


def test_the_engine_goes_before_the_anchor(home):
    """By which others find a session whose supervisor was killed: nobody would find an engine alone."""
    for force in (False, True) * 5:
        session = home.start()
        anchor, engine = os.pidfd_open(session.anchor()), os.pidfd_open(session.engine())
        done = session.begin("Close", GLib.Variant("(b)", (force,)))
        assert select.select([anchor], [], [], TIMEOUT)[0]
        assert select.select([engine], [], [], 0)[0], "the engine is there still"
        done()
        os.close(anchor)
        os.close(engine)
        session.wait_ended()


# The end and a beginning at once

@pytest.mark.parametrize("by", ["bus", "door"])
def test_who_comes_as_the_last_one_goes_gets_in_or_is_told(home, by):
    """Never a dying session: what was let in runs to its end, however late it came."""
    random.seed(20241124)
    ran = refused = 0
    for number in range(100):
        session = home.start(linger=0)
        late = None
        if by == "door":
            late = session.join("sh", "-c", "sleep 0.05; readlink /proc/self/ns/net; exit 7", wait=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
            assert late.stdout.readline() == b"ready\n"
        # What sleep(1) and its exit take besides: the offset is around the very end.
        session.launch("sleep", f"{random.uniform(0, 0.02):.4f}")
        time.sleep(random.uniform(0, 0.03))
        try:
            if late:
                output, _ = late.communicate(b"\n", timeout=TIMEOUT)
                if late.returncode != 7:
                    # 75: not answered, 1: nobody at the door. Nothing was run.
                    assert late.returncode in (75, 1) and output == b"", number
                    raise ConnectionResetError
                assert output, number
            else:
                assert session.run("sh", "-c", "sleep 0.05; exit 7")[0] == 7 << 8, number
            ran += 1
        except Failed as error:
            assert error.name == "Closed", (number, error)
            refused += 1
        except ConnectionResetError:
            refused += 1
        session.disconnect()
        session.wait_ended()
    print(f"{by}: {ran} ran, {refused} were refused")
    assert ran > 0 and refused > 0, (ran, refused)


def test_who_comes_while_it_lingers_gets_in(home):
    session = home.start(linger=3600)
    for _ in range(50):
        assert session.run("true")[0] == 0
    assert session.get("State") == "connecting"


# Damage

def test_an_anchor_that_is_killed_is_replaced(session):
    for _ in range(5):
        anchor = session.anchor()
        os.kill(anchor, signal.SIGKILL)
        wait_for(lambda: session.children().get("wg-wrap-anchor", anchor) != anchor, "another")
        program = session.join("true")
        assert program.wait(TIMEOUT) == 0


def test_the_service_may_go_and_another_come(session):
    pid = session.launch("sleep", "300")
    session.call("Hold")
    session.disconnect()
    time.sleep(0.2)
    session.connect()
    assert session.programs() == [pid] and session.get("Held") is True


def test_a_caller_that_does_not_read_does_not_stop_the_end(home):
    session = home.start(linger=0)
    import socket
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(str(session.directory / "bus"))
        assert session.run("true")[0] == 0
        session.wait_ended(10)


def test_nothing_wakes_an_idle_session_up(session):
    def switches(pid):
        total = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
                total += int(next(line for line in file if line.startswith("voluntary")).split()[1])
        return total

    session.launch("sleep", "300")
    time.sleep(1)
    before = switches(session.process.pid)
    for _ in range(3):  # a beginning may take longer than a second
        time.sleep(1)
        begun, before = before, switches(session.process.pid)
        if before == begun:
            break
    time.sleep(3)
    assert switches(session.process.pid) == before


def test_nobody_can_look_into_the_supervisor_and_anybody_of_the_user_s_can_enter_the_anchor(session):
    with pytest.raises(PermissionError):
        os.listdir(f"/proc/{session.process.pid}/fd")
    with pytest.raises(PermissionError):
        open(f"/proc/{session.process.pid}/mem", "rb")
    assert open_fds(session) == 1
    status = open(f"/proc/{session.anchor()}/status", encoding="ascii").read()
    assert "CapEff:\t0000000000000000\n" in status
    status = open(f"/proc/{session.process.pid}/status", encoding="ascii").read()
    assert f"CapEff:\t{1 << 12 | 1 << 19 | 1 << 21:016x}\n" in status and "NoNewPrivs:\t1\n" in status


def test_the_lock_is_the_anchor_s_too(session):
    anchor, engine = session.anchor(), session.engine()
    session.process.kill()
    session.process.wait()
    assert session.is_locked() and is_alive(engine)
    os.kill(anchor, signal.SIGKILL)
    wait_for(lambda: not session.is_locked(), "the lock to be free")
    os.kill(engine, signal.SIGKILL)


def test_two_sessions_know_nothing_of_each_other(home):
    one, two = home.start(name="one"), home.start(name="two")
    pid = one.launch("sleep", "300")
    assert two.programs() == []
    with pytest.raises(Failed) as caught:
        two.call("Signal", GLib.Variant("(ui)", (pid, signal.SIGKILL)))
    assert caught.value.name == "InvalidArgument"
    with contextlib.suppress(Failed):
        two.call("Close", GLib.Variant("(b)", (True,)))
    two.wait_ended()
    assert is_alive(pid) and one.programs() == [pid]


# wg0

ATTACH = """
import errno, fcntl, os, struct
print('ready', flush=True)
os.read(0, 1)
device = os.open('/dev/net/tun', os.O_RDWR)
try:
    fcntl.ioctl(device, 0x400454CA, struct.pack('16sH22x', b'wg0', 0x5001))  # TUNSETIFF
    print('attached')
except OSError as error:
    print(errno.errorcode[error.errno])
"""


def test_a_program_cannot_attach_to_an_interface_that_nobody_holds(session):
    """It would see the others' packets, and be taken for the engine by a successor."""
    program = session.join("/usr/bin/python3", "-c", ATTACH, stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "ready\n"
    victims = [session.process.pid, *session.children().values()]  # it first: it starts others
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    session.process.wait(TIMEOUT)
    wait_for(lambda: not any(map(is_alive, victims)), "the end of all who had it")
    assert program.communicate("x", timeout=TIMEOUT)[0] == "EPERM\n"
