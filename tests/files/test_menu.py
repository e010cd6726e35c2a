# SPDX-License-Identifier: GPL-3.0-or-later
"""“Open in Tunnel” in a file manager, from a first look to a service that has gone, each test going on
where the one before has stopped."""
import os
import signal

import pytest

import rig
from manager import MANAGERS
from programs import ENTRY, inside, install, script, told

ASKER = """
import time
from gi.repository import Gio
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.call_sync("org.wgwrap.WgWrap1", "/org/wgwrap/WgWrap1", "org.freedesktop.DBus.ObjectManager",
              "GetManagedObjects", None, None, 0, -1)
time.sleep(60)
"""
ODD = b"a 'b' \"c\" $(d)\n\xff.txt"
UNTRUSTED = "[Desktop Entry]\nType=Application\nName=Invoice\nExec=touch {out}\n"


@pytest.fixture(scope="module")
def notes(host):
    """What the desktop was asked to notify of: a file that grows."""
    path = host.directory / "notes"
    with open(path, "w", encoding="utf-8") as file:
        daemon = host.popen("/usr/bin/python3", "-m", "dbusmock", "--session", "--template",
                            "notification_daemon", stdout=file, stderr=host.log)
    rig.wait_for(lambda: "true" in host.check(
        "gdbus", "call", "-e", "-d", "org.freedesktop.DBus", "-o", "/org/freedesktop/DBus", "-m",
        "org.freedesktop.DBus.NameHasOwner", "org.freedesktop.Notifications"), "notifications")
    yield path
    daemon.kill()
    daemon.wait(rig.TIMEOUT)


@pytest.fixture(scope="module")
def files(host):
    """The folder that is shown."""
    directory = host.home / "files"
    directory.mkdir()
    for name in (b"note.txt", b"second.txt", ODD):
        (directory / os.fsdecode(name)).write_text("text\n")
    (directory / "folder").mkdir()
    script(host, directory / "program", "program.out")
    entry = directory / "entry.desktop"
    entry.write_text(ENTRY.format(name="Entry", command=script(host, host.home / "entry", "entry.out")))
    entry.chmod(0o700)
    (directory / "stranger.desktop").write_text(UNTRUSTED.format(out=host.home / "stranger.out"))
    return directory


@pytest.fixture(scope="module")
def app(host, screen, viewer, notes, files):
    made = MANAGERS[os.environ["WG_WRAP_TEST_MANAGER"]](host, screen, files)
    yield made
    made.stop()


def test_without_a_tunnel_the_menu_sets_one_up(app, host, screen):
    setup = install(host, "org.wgwrap.WgWrap", "")
    install(host, "viewer", "%F")
    app.open_menu("note.txt")
    app.find("menu item", "Set Up a Tunnel…")
    screen.picture(f"{app.COMMAND[0]}-none")
    app.choose("Set Up a Tunnel…")
    told(setup)


def test_a_file_opens_with_its_application_inside(app, host, peer, viewer, screen):
    host.import_profile("work", peer.profile(dns=peer.INSIDE4))
    app.open_menu("note.txt")
    app.find("menu item", "Open in Tunnel “work”")
    screen.picture(f"{app.COMMAND[0]}-one")
    app.choose("Open in Tunnel “work”")
    assert told(viewer) == [os.fsencode(app.directory / "note.txt")]
    inside(host, "work", "Viewer")


def test_a_folder_too(app, files, viewer):
    app.open_menu("folder")
    app.choose("Open in Tunnel “work”")
    assert told(viewer) == [os.fsencode(files / "folder")]


def test_a_tunnel_in_use_says_so(app, host):
    rig.wait_for(lambda: host.status("work")["state"] == "connected", "the tunnel")
    app.open_menu("note.txt")
    app.find("menu item", "Open in Tunnel “work” (connected)")
    app.close_menu()


def test_several_files_with_odd_names_open_at_once(app, files, viewer):
    odd = next(name for name in app.names(app.FILE_ROLE) if "(d)" in name)
    app.open_menu(odd, "second.txt")
    app.choose("Open in Tunnel “work”")
    directory = os.fsencode(files)
    assert set(told(viewer, 2)) == {directory + b"/" + ODD, directory + b"/second.txt"}


@pytest.mark.parametrize("file, name", [("program", "program"), ("entry.desktop", "Entry")])
def test_what_can_be_executed_runs_inside(app, host, file, name):
    app.open_menu(file)
    app.choose("Open in Tunnel “work”")
    inside(host, "work", name)


def test_an_entry_that_nobody_made_executable_is_not_run(app, host, notes):
    app.open_menu("stranger.desktop")
    app.choose("Open in Tunnel “work”")
    rig.wait_for(lambda: "stranger.desktop: It would run a program" in notes.read_text(), "a note")
    assert not (host.home / "stranger.out").exists()


def test_of_several_tunnels_one_is_chosen(app, host, peer, viewer, screen):
    host.import_profile("my_home", peer.profile(dns=peer.INSIDE4))
    app.open_menu("note.txt")
    app.do(app.SUBMENU_ROLE, "Open in Tunnel")
    app.find("menu item", "work (connected)")
    screen.picture(f"{app.COMMAND[0]}-several")
    app.choose("my_home")
    told(viewer)
    inside(host, "my_home", "Viewer")


def counters(host, peer):
    """How often a session's counters are told of while it is in use, without our asking."""
    with open(host.directory / "signals", "w+", encoding="utf-8") as file:
        monitor = host.popen("dbus-monitor", "interface='org.freedesktop.DBus.Properties',"
                             "path='/org/wgwrap/WgWrap1/sessions/work'", stdout=file)
        host.wg_wrap("run", "work", "--", "ping", "-c", "6", "-i", "0.5", "-q", peer.INSIDE4)
        monitor.terminate()
        monitor.wait(rig.TIMEOUT)
        file.seek(0)
        return file.read().count("RxBytes")


def test_nobody_counts_for_a_file_manager(app, host, peer):
    """It stays on the bus for days; who asks and stays is one for whom the engine is asked each second."""
    assert counters(host, peer) == 0
    asker = host.popen("/usr/bin/python3", "-c", ASKER)
    try:
        rig.wait_for(lambda: counters(host, peer) > 0, "somebody who asks to be heard")
    finally:
        asker.kill()
        asker.wait(rig.TIMEOUT)


def test_what_goes_wrong_is_notified(app, host, peer, notes):
    """The file is edited between the look and the click, so that the menu cannot know."""
    app.open_menu("note.txt")
    app.do(app.SUBMENU_ROLE, "Open in Tunnel")
    host.wg_wrap("down", "--force", "my_home")
    assert host.wg_wrap("profile", "remove", "my_home").returncode == 0
    if app.FOLLOWS:
        rig.wait_for(lambda: app.look("menu item", "my_home") is None, "the item's end")
        app.close_menu()
        return
    app.choose("my_home")
    rig.wait_for(lambda: "There is no profile “my_home”" in notes.read_text(), "a note")


def test_a_service_that_hangs_keeps_nobody_waiting(app, host):
    """The menu shows what was said last, and the program starts once the service goes on."""
    pid = host.service_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        app.open_menu("note.txt")
        app.choose("Open in Tunnel “work”")
        app.open_menu("note.txt")
        app.close_menu()
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_service_that_has_gone_is_started_by_the_choice(app, host, viewer):
    told(viewer)
    pid = host.service_pid()
    os.kill(pid, signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() != pid, "its end")
    app.open_menu("note.txt")
    app.choose("Open in Tunnel “work”")
    told(viewer)
