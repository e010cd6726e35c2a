# SPDX-License-Identifier: GPL-3.0-or-later
"""An application that hands its request to a copy outside the tunnel is never told as a success."""
import os
import signal
import subprocess

import pytest

import rig

# As browsers do it, by a socket in the file system, which is the same inside and outside.
PROGRAM = """
import os, signal, socket, sys
path, fork = sys.argv[1] + "/.single", "--fork" in sys.argv
single = socket.socket(socket.AF_UNIX)
try:
    single.connect(path)
except OSError:
    if fork and os.fork() > 0:
        sys.exit(0)
    if os.path.exists(path):
        os.unlink(path)
    single = socket.socket(socket.AF_UNIX)
    single.bind(path)
    single.listen(8)
    signal.pause()
"""
ENTRY = """[Desktop Entry]
Type=Application
Name=Single
Exec=/usr/bin/python3 {script} {home} {options} %U
MimeType=x-scheme-handler/single;
"""


@pytest.fixture
def single(host):
    """Install it; what starts a copy outside."""
    script = host.home / "single.py"
    script.write_text(PROGRAM)
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    for name, options in (("single", ""), ("forking", "--fork")):
        (applications / f"{name}.desktop").write_text(
            ENTRY.format(script=script, home=host.home, options=options))
    (host.home / ".config").mkdir(exist_ok=True)
    (host.home / ".config/mimeapps.list").write_text(
        "[Default Applications]\nx-scheme-handler/single=single.desktop\n")
    children = []

    def outside():
        children.append(host.popen("/usr/bin/python3", script, host.home))
        rig.wait_for((host.home / ".single").exists, "the copy outside")
    yield outside
    for child in children:
        child.kill()
        child.wait(rig.TIMEOUT)


def applications(host, profile):
    return [program["pid"] for program in host.status(profile)["programs"]
            if program["desktop-id"] in ("single.desktop", "forking.desktop")]


@pytest.mark.parametrize("words", [["single"], ["forking"], ["single:page"]])
def test_a_copy_outside_is_told(host, work, single, words):
    single()
    assert host.wg_wrap("up", work).returncode == 0
    result = host.wg_wrap("open", work, *words)
    assert result.returncode == 1
    assert "Single" in result.stderr and "handed over" in result.stderr
    # The list follows what is told of the end.
    rig.wait_for(lambda: applications(host, work) == [], "no application inside")


@pytest.mark.parametrize("words", [["failing"], ["failing:page"]])
def test_an_application_that_fails_is_told(host, work, single, words):
    """It has no terminal to say so itself: for want of a display, for example."""
    (host.home / ".local/share/applications/failing.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=Failing\nExec=sh -c \"exit 7\"\nMimeType=x-scheme-handler/failing;\n")
    with open(host.home / ".config/mimeapps.list", "a", encoding="utf-8") as file:
        file.write("x-scheme-handler/failing=failing.desktop\n")
    result = host.wg_wrap("open", work, *words)
    assert result.returncode == 1
    assert result.stderr == "wg-wrap: Failing ended with status 7\n"


@pytest.mark.parametrize("word", ["single", "forking"])
def test_a_copy_inside_is_none(host, work, single, word):
    first = host.wg_wrap("open", work, word)
    assert first.returncode == 0, first.stderr
    assert len(applications(host, work)) == 1
    second = host.wg_wrap("open", work, word)
    assert second.returncode == 0, second.stderr
    assert len(applications(host, work)) == 1


def test_a_copy_that_was_run_inside_is_none(host, work, single):
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "/usr/bin/python3",
                       host.home / "single.py", host.home)
    rig.wait_for(lambda: "python3" in [program["name"] for program in
                                       (host.status(work) or {"programs": []})["programs"]] and
                 (host.home / ".single").exists(), "the copy inside")
    result = host.wg_wrap("open", work, "single")
    assert result.returncode == 0, result.stderr
    child.kill()
    child.wait(rig.TIMEOUT)


OWN = ("import dbus, time; bus = dbus.SessionBus(); bus.request_name('org.example.Owned'); "
       "print('ready', flush=True); time.sleep(3600)")


def bus_of(host, work, desktop_id, shown):
    """The address of the session bus that it was given."""
    shown.unlink(missing_ok=True)
    answer = host.gdbus("Manager", "LaunchApp", work, desktop_id, "[]", "{}")
    assert answer.returncode == 0, answer.stderr
    return rig.wait_for(lambda: shown.exists() and shown.read_text(), "it to say").strip()


def test_whose_name_is_owned_outside_has_a_bus_of_its_own(host, work, single):
    """Whether the bus could start it, too, or not."""
    shown = host.home / "shown"
    script = host.home / "show"
    script.write_text(f'#!/bin/sh\necho "$DBUS_SESSION_BUS_ADDRESS" >{shown}.new\n'
                      f"mv {shown}.new {shown}\n")
    script.chmod(0o700)
    (host.home / ".local/share/applications/org.example.Owned.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Owned\nExec={script}\n")
    shared = host.environment["DBUS_SESSION_BUS_ADDRESS"]
    assert bus_of(host, work, "org.example.Owned.desktop", shown).startswith(shared)
    owner = host.popen("/usr/bin/python3", "-c", OWN, stdout=subprocess.PIPE, text=True)
    assert owner.stdout.readline() == "ready\n"
    own = bus_of(host, work, "org.example.Owned.desktop", shown)
    assert own and not own.startswith(shared)
    owner.kill()
    owner.wait(rig.TIMEOUT)


def test_a_command_may_be_short(host, work, single):
    single()
    monitor = host.popen("gdbus", "monitor", "-e", "-d", "org.wgwrap.WgWrap1",
                         stdout=subprocess.PIPE, text=True)
    monitor.stdout.readline()
    assert host.gdbus("Manager", "Launch", work, "['true']", "{}").returncode == 0
    for line in monitor.stdout:
        if "ProgramExited" in line:
            assert line.rstrip().endswith(", 0, '')")
            break
    os.kill(monitor.pid, signal.SIGTERM)
    monitor.wait(rig.TIMEOUT)
