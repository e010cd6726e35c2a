# SPDX-License-Identifier: GPL-3.0-or-later
"""One person's first ten minutes, each test going on where the one before has stopped: with the real
service, tunnel and peer."""
import os
import signal

import rig


def open_file(app, name, text):
    """As a file manager does: the file is handed to the application that runs."""
    path = app.host.home / name
    path.write_text(text)
    assert app.start(path).wait(rig.TIMEOUT) == 0, app.host.read_log()


def type_command(app, words):
    """Into the launch dialog, up to where it can be run."""
    app.do("push button", "Launch…")
    app.type("text", "Command", words)
    rig.wait_for(lambda: app.is_sensitive("push button", "Run the Command"), "the button")


def test_a_first_run_says_what_it_is_for(app, screen):
    app.find("label", "One Program in a Tunnel")
    app.find("push button", "Import a Profile…")
    screen.picture("first-run")


def make_browser(host):
    """Whatever opens web addresses here: it fetches them, and writes what it got."""
    got = host.home / "got"
    browser = host.home / "browser"
    browser.write_text(f'#!/bin/sh\ncurl -s --max-time 10 "$1" >{got}\n')
    browser.chmod(0o700)
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "browser.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Browser\nExec={browser} %u\n"
        "MimeType=x-scheme-handler/http;\n")
    (host.home / ".config").mkdir(exist_ok=True)
    (host.home / ".config/mimeapps.list").write_text(
        "[Default Applications]\nx-scheme-handler/http=browser.desktop\n")
    return got


def test_the_demo_is_a_tunnel_with_a_page_that_opens_in_it(app, host, screen):
    got = make_browser(host)
    app.do("push button", "Try the Demo Tunnel")
    app.find("label", "Demo tunnel ready")
    app.find("label", "127.0.0.1:")
    screen.picture("demo")
    app.do("push button", "Open Page")
    rig.wait_for(lambda: got.exists() and got.read_text() == "You came from 10.99.0.2\n", "the page")
    host.check(host.programs / "wg-wrap", "down", "--force", "demo")
    host.check(host.programs / "wg-wrap", "profile", "remove", "demo")
    app.find("label", "One Program in a Tunnel")


def test_a_file_with_a_mistake_says_which(app, host, screen):
    open_file(app, "broken.conf", "[Interface]\nPrivateKey = none\n")
    app.find("label", "Nothing was imported.")
    app.find("list item", "broken.conf: Line 2, column 14: The value of PrivateKey is no key")
    screen.picture("mistake")
    app.close("frame", "Import Finished")
    assert host.check(host.programs / "wg-wrap", "profile", "list", "--json") == "[]"


def test_a_profile_that_is_opened_is_imported(app, peer, screen):
    open_file(app, "work.conf", peer.profile(dns=peer.INSIDE4))
    app.find("label", "“work” imported.")
    app.find("label", "192.0.2.2:51820")
    screen.picture("off")


def test_the_switch_opens_the_tunnel_and_the_peer_answers(app, host, screen):
    app.do("check box", "Tunnel open")
    app.find("label", "Connected")
    app.find("label", "Last handshake")
    assert host.status("work")["held"]
    screen.picture("connected")


def test_a_program_is_launched_shown_and_stopped(app, host, screen):
    type_command(app, "sleep 600")
    screen.picture("launch")
    app.do("push button", "Run the Command")
    app.find("push button", "Stop sleep")
    program = rig.wait_for(lambda: host.status("work")["programs"], "the program")[0]
    assert program["name"] == "sleep"
    assert os.readlink(f"/proc/{program['pid']}/ns/net") != os.readlink("/proc/self/ns/net")
    screen.picture("program")
    app.do("push button", "Stop sleep")
    rig.wait_for(lambda: not host.status("work")["programs"], "its end")
    app.find("label", "No program runs in this tunnel.")


def test_a_program_that_joins_is_shown_by_its_own_name(app, host):
    child = host.popen(host.programs / "wg-wrap", "run", "work", "sleep", "601")
    app.find("push button", "Stop sleep")
    child.terminate()
    child.wait(rig.TIMEOUT)
    app.find("label", "No program runs in this tunnel.")


def test_a_command_that_is_not_there_is_said_to_be(app, screen):
    type_command(app, "no-such-program")
    app.do("push button", "Run the Command")
    app.find("label", "The Program Was Not Launched")
    app.find("label", "no-such-program")
    screen.picture("no-such-program")


def test_a_window_that_has_gone_may_be_asked_for(app, host):
    """Between a count and a question it closes; GTK 4.8 would crash over one that was never shown, as is
    one that waits for the service."""
    desktop = app.atspi.get_desktop(0)
    ours = next(desktop.get_child_at_index(i) for i in range(desktop.get_child_count())
                if desktop.get_child_at_index(i).get_name() == "wg-wrap-gtk")
    service = host.service_pid()
    os.kill(service, signal.SIGSTOP)
    try:
        app.do("push button", "Tunnel Menu")
        app.do("menu item", "Show QR Code")
        for index in range(4):
            ours.get_child_at_index(index)
        assert app.process.poll() is None
        assert not app.look("frame", "QR Code")
    finally:
        os.kill(service, signal.SIGCONT)
    app.close("frame", "QR Code")


def test_a_service_that_dies_is_back_with_the_tunnel(app, host):
    pid = host.service_pid()
    os.kill(pid, signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() != pid, "the bus to notice")
    rig.wait_for(lambda: (host.status("work") or {}).get("state") == "connected", "the service")
    app.find("label", "Connected")
    app.find("label", "Last handshake")


def test_the_switch_closes_the_tunnel(app, host):
    app.do("check box", "Tunnel open")
    rig.wait_for(lambda: host.status("work") is None, "the end of the session")
    app.find("label", "Opens by itself when a program is launched in it.")
