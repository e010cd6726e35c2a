# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs in scopes of their own, where there is a systemd --user: here one that writes down what it is
asked. Without it, all other tests are."""
import re

import pytest

import rig

MANAGER = "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"
ENTRY = "[Desktop Entry]\nType=Application\nName=Odd “App”\nExec=sleep 60\n"


class Systemd:
    def __init__(self, host, answer):
        self.host = host
        self.path = host.directory / "systemd"
        with open(self.path, "w", encoding="utf-8") as file:
            self.process = host.popen("/usr/bin/python3", "-m", "dbusmock", "--session", *MANAGER,
                                      stdout=file, stderr=host.log)
        rig.wait_for(lambda: "true" in host.check(
            "gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus", "-m",
            "org.freedesktop.DBus.NameHasOwner", MANAGER[0]), "systemd's stand-in")
        host.check("gdbus", "call", "-e", "-d", MANAGER[0], "-o", MANAGER[1], "-m",
                   "org.freedesktop.DBus.Mock.AddMethod", "", "StartTransientUnit",
                   "ssa(sv)a(sa(sv))", "o", answer)

    def asked(self, pid):
        def look():
            return next((line for line in self.path.read_text().splitlines()
                         if "StartTransientUnit" in line and f"-{pid}.scope" in line), None)
        return rig.wait_for(look, f"{pid}: {self.path.read_text()}")

    def stop(self):
        self.process.kill()
        self.process.wait(rig.TIMEOUT)


def launch(host, method, *arguments):
    answer = host.gdbus("Manager", method, "work", *arguments)
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    return int(re.search(r"uint32 (\d+)", answer.stdout)[1])


@pytest.mark.parametrize("answer", ["ret = '/org/freedesktop/systemd1/job/1'", "raise RuntimeError('no')"])
def test_a_program_gets_a_scope_and_starts_without_one(host, work, answer):
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "org.example.odd-App_1.desktop").write_text(ENTRY)
    systemd = Systemd(host, answer)
    try:
        pid = launch(host, "LaunchApp", "org.example.odd-App_1.desktop", "[]", "{}")
        asked = systemd.asked(pid)
        for word in (f'"app-wgwrap-org.example.odd\\x2dApp_1-{pid}.scope" "fail"', "app.slice", "CollectMode",
                     "Odd “App” (work)", f"'PIDs'), dbus.Array([dbus.UInt32({pid})]"):
            assert word in asked
        pid = launch(host, "Launch", "['/bin/sleep', '60']", "{}")
        assert f"app-wgwrap-sleep-{pid}.scope" in systemd.asked(pid)
        assert {p["name"] for p in host.status("work")["programs"]} == {"Odd “App”", "sleep"}
    finally:
        systemd.stop()
