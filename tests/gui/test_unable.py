# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine on which no tunnel can run, and which is mended: the first page says why."""
import os
import subprocess

import pytest

import rig

TUN = "/dev/net/tun"
LIMIT = "/proc/sys/user/max_user_namespaces"


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


@pytest.fixture(scope="module", autouse=True)
def no_namespaces(screen):
    """In this test's own part of the machine."""
    write(LIMIT, "0")
    yield
    write(LIMIT, "10000")


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    path = tmp_path_factory.mktemp("tun") / "closed"
    path.touch(mode=0o000)
    return path


def clipboard(app):
    """What is in it, once something is: a button does what it does a moment later."""
    return rig.wait_for(lambda: subprocess.run(
        ["xclip", "-selection", "clipboard", "-out"], check=False, capture_output=True, text=True,
        timeout=rig.TIMEOUT, env={**os.environ, "DISPLAY": app.environment["DISPLAY"]}).stdout, "a copy")


def test_without_namespaces_the_first_page_says_how_to_get_them(app, screen):
    app.find("label", "No Tunnel Can Run Here Yet")
    app.find("label", "Switch them on with: sudo sysctl user.")
    rig.wait_for(lambda: app.is_drawn(app.find("push button", "Check Again")), "the page")
    screen.picture("unable")


def test_the_advice_and_the_report_can_be_copied(app, host):
    app.do("push button", "Copy the Advice: Namespaces")
    assert "sudo sysctl user.max_user_namespaces=" in clipboard(app)
    app.do("push button", "Copy Report")
    app.find("label", "Report copied")
    report = clipboard(app)
    assert "[!!] Namespaces: " in report and "[ok] TUN device: " in report
    assert str(host.home) not in report


def test_the_diagnostics_say_the_same_among_what_is_well(app, screen):
    app.do("push button", "Main Menu")
    app.do("menu item", "Diagnostics")
    window = app.find("frame", "Diagnostics")
    rig.wait_for(lambda: "1 Check Has Failed" in map(app.name, app.nodes("label", window)), "it")
    assert list(map(app.name, app.nodes("label", window))).count("Passed") > 5
    screen.picture("diagnostics-failed")
    app.close("frame", "Diagnostics")


def test_what_was_not_mended_is_said_to_be_as_it_was(app):
    app.do("push button", "Check Again")
    app.find("label", "It is as it was.")


def test_another_fault_is_another_advice(app, screen, closed):
    write(LIMIT, "10000")
    rig.sh("mount", "--bind", closed, TUN)
    app.do("push button", "Check Again")
    app.find("label", "sudo chmod 0666 /dev/net/tun")
    screen.picture("unable-tun")


def test_a_machine_that_was_mended_has_the_ordinary_first_page(app, screen):
    rig.sh("umount", TUN)
    app.do("push button", "Check Again")
    rig.wait_for(lambda: app.is_drawn(app.find("label", "One Program in a Tunnel")), "the page")
    app.find("label", "Tunnels can run here now.")
