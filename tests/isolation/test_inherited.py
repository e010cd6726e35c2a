# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program in a tunnel has from those who start it: nothing that is theirs."""
import os
import pathlib
import signal

import pytest

import rig

# What a service manager, a bus and a compositor tell one process of itself.
PERSONAL = {"NOTIFY_SOCKET": "/run/notify", "LISTEN_FDS": "1", "LISTEN_PID": "1", "INVOCATION_ID": "a",
            "JOURNAL_STREAM": "8:1", "MANAGERPID": "1", "CREDENTIALS_DIRECTORY": "/run/credentials",
            "WAYLAND_SOCKET": "9", "XDG_ACTIVATION_TOKEN": "a", "DESKTOP_STARTUP_ID": "a"}
# What a user has set is the user's.
KEPT = {"http_proxy": "http://192.0.2.9:3128", "SSH_CONNECTION": "192.0.2.9 1 192.0.2.1 22",
        "LD_PRELOAD": "", "DBUS_SYSTEM_BUS_ADDRESS": "unix:abstract=/system", "WAYLAND_DISPLAY": "wayland-7"}
SHOW = """#!/bin/sh
{{ env; echo; ls -l /proc/self/fd; }} >{shown}.new
mv {shown}.new {shown}
"""


@pytest.fixture(name="show")
def fixture_show(host, work):
    """A service that another manager has started, with descriptors and variables of its own; and a
    program that shows what it has, by itself, by a desktop entry and by the private bus."""
    former = host.service_pid() if host.wg_wrap("status").returncode == 0 else None
    os.kill(former, signal.SIGTERM)
    rig.wait_for(lambda: not os.path.exists(f"/proc/{former}"), "the former service's end")
    with open(host.home / "secret", "w", encoding="utf-8") as secret:
        made = host.popen(host.programs / "wg-wrapd", env={**host.environment, **PERSONAL, **KEPT},
                          stdout=host.log, stderr=host.log, pass_fds=[secret.fileno()])
    rig.wait_for(lambda: host.service_pid() == made.pid, "the service")
    assert any("secret" in os.readlink(link) for link in pathlib.Path(f"/proc/{made.pid}/fd").iterdir())
    program = host.home / "show"
    program.write_text(SHOW.format(shown=host.home / "shown"))
    program.chmod(0o700)
    shares = host.home / ".local/share"
    for directory in ("applications", "dbus-1/services"):
        (shares / directory).mkdir(parents=True)
    (shares / "applications/show.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Show\nExec={program}\n")
    for name in ("org.example.Show", "org.example.Other"):  # a bus waits for one that has just ended
        (shares / f"dbus-1/services/{name}.service").write_text(
            f"[D-BUS Service]\nName={name}\nExec={program}\n")
    yield program
    host.wg_wrap("down", "--force", work)
    made.terminate()
    made.wait(rig.TIMEOUT)


CALL = "'--timeout', '1', '-o', '/', '-m', 'org.example.Show.Do', '-d'"
WAYS = {
    "launch": ("Launch", "['{program}']", "{{}}"),
    "desktop entry": ("LaunchApp", "show.desktop", "@as []", "{{}}"),
    # There the supervisor starts the bus, with what it has from the service.
    "who knocks": ("Launch",
                   "['gdbus', 'call', '--address', 'unix:path=/run/wg-wrap/bus', %s, 'org.example.Other']" % CALL, "{{}}"),
    "private bus": ("Launch", "['{program}']", "{{'bus': <'private'>}}"),
    "activation": ("Launch", "['gdbus', 'call', '-e', %s, 'org.example.Show']" % CALL, "{{'bus': <'private'>}}"),
}


def test_nothing_of_the_services_is_a_programs(host, work, show):
    for way, (method, *arguments) in WAYS.items():
        answer = host.gdbus("Manager", method, work, *(word.format(program=show) for word in arguments))
        assert answer.returncode == 0, answer.stderr
        shown = host.home / "shown"
        variables, _, descriptors = rig.wait_for(lambda: shown.exists() and shown.read_text(),
                                                 way).partition("\n\n")
        shown.unlink()
        variables = dict(line.partition("=")[::2] for line in variables.splitlines())
        links = {line.partition(" -> ")[2] for line in descriptors.splitlines() if " -> " in line}
        assert PERSONAL.keys() & variables.keys() == set(), way
        assert KEPT.items() <= variables.items(), way
        assert {link for link in links if not link.startswith("/proc/")} == {  # that is of `ls`
            "/dev/null", f"{host.directory}/log", f"{shown}.new"}, way
