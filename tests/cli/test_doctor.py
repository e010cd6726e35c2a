# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the machine, and what leaks out of a tunnel."""
import json

from gi.repository import GLib

from test_verbs import check, works


def test_doctor_asks_the_service(home, service):
    service.answers["Manager.Examine"] = works(GLib.Variant("(a(ssbss))", ([
        ("kernel", "Kernel", True, "Linux", ""), ("tun-device", "TUN device", False, "missing", "sudo modprobe tun")],)))
    check(home.run("doctor"), 1, stdout=(
        "ok    Kernel      Linux\n"
        "FAIL  TUN device  missing\n"
        "      → sudo modprobe tun\n"))
    assert json.loads(home.run("doctor", "--json").stdout)[1] == {
        "id": "tun-device", "check": "TUN device", "passed": False, "found": "missing", "advice": "sudo modprobe tun"}


def test_doctor_of_a_sound_machine_succeeds(home, service):
    service.answers["Manager.Examine"] = works(
        GLib.Variant("(a(ssbss))", ([("kernel", "Kernel", True, "Linux", "")],)))
    check(home.run("doctor"), stdout="ok    Kernel  Linux\n")


def test_check_of_a_tunnel_that_is_not_up_says_how_to_open_it(home, service):
    service.add_profile("work")
    check(home.run("check", "work"), 1,
          stderr="wg-wrap: The tunnel “work” is not up. Open it first: wg-wrap up work\n")


def test_check_asks_the_session(home, service):
    service.add_profile("work")
    service.add_session("work")
    service.answers["Session.Examine"] = works(GLib.Variant("(a(ssbss))", ([
        ("ipv4", "IPv4", True, "goes nowhere", ""), ("way-out", "Way out", False, "there is one", "Close it.")],)))
    check(home.run("check", "work"), 1, stdout=(
        "ok    IPv4     goes nowhere\n"
        "FAIL  Way out  there is one\n"
        "      → Close it.\n"))
    service.answers["Session.Examine"] = works(
        GLib.Variant("(a(ssbss))", ([("ipv4", "IPv4", True, "goes nowhere", "")],)))
    check(home.run("check", "work"), stdout="ok    IPv4  goes nowhere\n")


def test_doctor_looks_for_itself_without_a_service(home):
    done = home.run("doctor", "--json")
    rows = {row["check"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1 and "session bus" in done.stderr
    assert not rows["Session bus"]["passed"] and not rows["Service"]["passed"]
    assert rows["Namespaces"]["passed"] and rows["Runtime directory"]["passed"]
    assert rows["TUN device"]["passed"]


def test_doctor_sees_what_is_wrong_with_directories(home):
    home.runtime.chmod(0o755)
    config = home.directory / "home/.config/wg-wrap/profiles"
    config.mkdir(parents=True, mode=0o755)
    config.chmod(0o755)
    rows = {row["check"]: row for row in json.loads(home.run("doctor", "--json").stdout)}
    assert "0755" in rows["Runtime directory"]["found"] and rows["Runtime directory"]["advice"]
    assert rows["Profiles directory"]["found"].startswith("~/.config/")
    assert "0755" in rows["Profiles directory"]["found"]
    del home.environment["XDG_RUNTIME_DIR"]
    rows = {row["check"]: row for row in json.loads(home.run("doctor", "--json").stdout)}
    assert "XDG_RUNTIME_DIR is not set" in rows["Runtime directory"]["found"]
