# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells of a tunnel: the leak check and the log; each test going on where the one before has
stopped, with the real service, tunnel and peer."""
import os
import signal
import subprocess
import time

import pytest

import rig

LOG_HEIGHT = 560


def open_from_menu(app, item, window):
    app.do("push button", "Tunnel Menu")
    app.do("menu item", item)
    app.find("frame", window)


def button(app, window, name):
    """There may be another of that name behind the window."""
    return next(node for node in app.nodes("push button", app.find("frame", window))
                if app.name(node) == name)


def is_sensitive(app, node):
    return node.get_state_set().contains(app.atspi.StateType.SENSITIVE)


def press(app, window, name):
    rig.wait_for(lambda: is_sensitive(app, button(app, window, name)), name)
    assert app.act(button(app, window, name), 0)


def clipboard(app):
    """What is in it, once something is: a button does what it does a moment later."""
    return rig.wait_for(lambda: subprocess.run(
        ["xclip", "-selection", "clipboard", "-out"], check=False, capture_output=True, text=True,
        timeout=rig.TIMEOUT, env={**os.environ, "DISPLAY": app.environment["DISPLAY"]}).stdout, "a copy")


def copied(app):
    """The whole log, in its order."""
    press(app, "Log", "Copy")
    return clipboard(app).splitlines()


def entries(app):
    """What is in the log's rows, which are made as they are needed."""
    return [app.name(node).partition(": ")[2] for node in app.nodes("list item")
            if " · " in app.name(node)]


def kill_service(host):
    pid = host.service_pid()
    os.kill(pid, signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() != pid, "the bus to notice")


@pytest.fixture(scope="module", autouse=True)
def tunnel(app, host, peer):
    host.import_profile("office", peer.profile(dns=peer.INSIDE4))
    app.find("label", "192.0.2.2:51820")


def test_a_tunnel_that_is_not_open_is_said_to_be_before_it_is_looked_into(app, host, screen):
    open_from_menu(app, "Is This Really in the Tunnel?", "Leak Check")
    app.find("label", "The Tunnel Is Not Open")
    screen.picture("leak-check-off")
    assert not is_sensitive(app, button(app, "Leak Check", "Copy Report"))


def test_a_tunnel_that_opens_is_looked_into(app, host, screen):
    assert host.wg_wrap("up", "--wait", "office").returncode == 0
    app.find("label", "It Is Really in the Tunnel")
    for check in ("Network namespace", "Interfaces", "Name servers", "Way out"):
        app.find("label", check)
    app.find("label", "Neither cable nor Wi-Fi nor mobile network must be seen from inside.")
    assert "Failed" not in app.names("label")
    screen.picture("leak-check")


def test_what_was_found_is_copied_without_the_tunnels_name(app, peer):
    press(app, "Leak Check", "Copy Report")
    report = clipboard(app)
    assert report.startswith("Leak check (wg-wrap ")
    assert "[ok] Interfaces: " in report and "[!!]" not in report
    assert "office" not in report and peer.preshared not in report


def test_a_leak_is_red_and_says_what_to_do(app, host, screen):
    pid = host.check(host.programs / "wg-wrap", "run", "office", "sh", "-c",
                     "sleep 600 >/dev/null 2>&1 & echo $!")
    rig.sh("nsenter", "-t", pid, "-n", "--", "ip", "link", "add", "way-out", "type", "veth")
    press(app, "Leak Check", "Check Again")
    app.find("label", "1 Check Has Failed")
    app.find("label", "way-out")
    app.find("push button", "Copy the Advice: Interfaces")
    screen.picture("leak-check-failed")


def test_an_end_of_the_tunnel_is_the_end_of_what_was_found(app, host):
    assert host.wg_wrap("down", "--force", "office").returncode == 0
    app.find("label", "The Tunnel Is Not Open")
    app.close("frame", "Leak Check")


def test_the_log_tells_what_has_happened_and_what_happens(app, host, screen):
    open_from_menu(app, "Log", "Log")
    rig.wait_for(lambda: any("The tunnel is built" in each for each in entries(app)), "the past")
    assert host.wg_wrap("up", "--wait", "office").returncode == 0
    rig.wait_for(lambda: entries(app).count("Connected.") == 2, "what happens")
    screen.picture("log")


def test_a_filter_shows_what_has_its_words(app, screen):
    app.type("entry", "Filter the log", "HANDSHAKE")
    rig.wait_for(lambda: entries(app) and all("andshake" in each for each in entries(app)),
                 "the handshakes alone")
    screen.picture("log-filter")
    app.type("entry", "Filter the log", "no such words")
    app.find("label", "Nothing Is Found")
    screen.picture("log-nothing")
    app.type("entry", "Filter the log", "")
    rig.wait_for(lambda: "Connected." in entries(app), "all of it")


def test_the_log_is_copied_without_keys(app, peer):
    lines = copied(app)
    assert sum(line.endswith("  info  Connected.") for line in lines) == 2
    for key in (peer.client_private, peer.preshared, peer.public):
        assert key not in "\n".join(lines)


def test_by_keys_an_entry_is_chosen_and_copied(app, screen):
    screen.press("Log", "ctrl+f", "Tab", "Home", "ctrl+c")
    app.find("label", "Selected entries copied")
    assert len(clipboard(app).splitlines()) == 1
    app.type("entry", "Filter the log", "no such words")  # and nothing is selected any more
    app.find("label", "Nothing Is Found")
    app.type("entry", "Filter the log", "")


def launch(host):
    """What the log says of it."""
    result = host.gdbus("Manager", "Launch", "office", "['sleep', '600']", "{}")
    assert result.returncode == 0
    return f"sleep was launched (process {result.stdout.split()[-1]}."


def is_in_sight(app, entry):
    for node in app.nodes("list item"):
        if app.name(node).endswith(entry):  # near the lower end: what is not shown has no place yet
            return LOG_HEIGHT / 2 < node.get_extents(app.atspi.CoordType.WINDOW).y < LOG_HEIGHT
    return False


def test_the_end_is_followed_but_not_by_who_reads(app, host, screen):
    screen.press("Log", "ctrl+f", "Tab", "End")
    for _ in range(10):
        last = launch(host)
    rig.wait_for(lambda: is_in_sight(app, last), "the end")
    screen.picture("log-end")
    screen.press("Log", "Home")
    last = launch(host)
    time.sleep(1)
    assert not is_in_sight(app, last)
    press(app, "Log", "Follow What Happens")
    rig.wait_for(lambda: is_in_sight(app, last), "the end")


def test_the_log_goes_on_with_another_service_and_tells_nothing_twice(app, host):
    app.type("entry", "Filter the log", "no such words")  # so that nothing is selected
    app.find("label", "Nothing Is Found")
    app.type("entry", "Filter the log", "")
    known = copied(app)
    kill_service(host)
    rig.wait_for(lambda: host.status("office"), "the service")
    assert host.wg_wrap("down", "--force", "office").returncode == 0
    rig.wait_for(lambda: any("closes" in each for each in copied(app)[len(known):]), "what happens")
    assert copied(app)[:len(known)] == known
    assert sum("is built" in line for line in copied(app)) == 2


def test_a_log_stays_when_its_tunnel_has_another_name(app, host, screen):
    host.check(host.programs / "wg-wrap", "profile", "rename", "office", "bureau")
    rig.wait_for(lambda: app.names("label").count("bureau") >= 3, "its name above the log")
    assert host.wg_wrap("up", "bureau").returncode == 0
    rig.wait_for(lambda: sum("Connected." in line for line in copied(app)) == 3, "what happens")
    assert host.wg_wrap("down", "--force", "bureau").returncode == 0
    host.check(host.programs / "wg-wrap", "profile", "remove", "bureau")
    app.find("label", "“bureau” was removed.")
    screen.picture("log-removed")
    app.close("frame", "Log")
