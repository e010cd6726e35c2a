# SPDX-License-Identifier: GPL-3.0-or-later
"""The launch dialog: what it offers, what it says before a launch and after it."""
import os
import pathlib

import pytest

import rig
from keyboard import Keyboard

DIALOG = "Launch in Tunnel"
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nExec={program} %u\n"
STAYS = "#!/bin/sh\nexec sleep 600\n"
FAILS = """#!/bin/sh
echo "This is no error." >&2
printf '\\033[31mThere is no display :7.\\033[0m\\n' >&2
exit 3
"""
DEAF = "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n"
# Its processes bear its own name.
SCRIPT = """#!/usr/bin/python3
import time
time.sleep(600)
"""


@pytest.fixture(scope="module")
def keys(screen):
    return screen.press


def install(host, name, text):
    """Its program."""
    program = host.home / name.lower()
    program.write_text(text)
    program.chmod(0o700)
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True, exist_ok=True)
    (applications / f"{name.lower()}.desktop").write_text(ENTRY.format(name=name, program=program))
    return program


@pytest.fixture(scope="module", autouse=True)
def tunnel(app, host, peer):
    """Open, with applications to be launched in it."""
    for name, text in (("Zebra", STAYS), ("Quagga", SCRIPT), ("Broken", FAILS), ("Gone", "#!/bin/sh\n"), ("Deaf", DEAF),
                       ("Firefox-copy", STAYS)):
        install(host, name, text)
    (host.home / ".config/wg-wrap/recipes").mkdir(parents=True)
    (host.home / ".config/wg-wrap/recipes/own.ini").write_text(
        "[own]\nApplications=firefox-copy.desktop\nPrivateDirectories=.config/firefox-copy\n")
    host.import_profile("work", peer.profile())
    assert host.wg_wrap("up", "work").returncode == 0
    app.find("label", "Connected")


@pytest.fixture
def dialog(app):
    app.do("push button", "Launch…")
    app.find("frame", DIALOG)
    yield
    if app.look("frame", DIALOG):
        app.close("frame", DIALOG)


def search(app, keys, name, *then):
    keys(DIALOG, text=name)
    app.find("push button", f"{name} is a favourite")
    if then:
        keys(DIALOG, *then)


def first(app):
    """Of the list, by the name of its star."""
    return next(node for node in app.nodes("push button") if "is a favourite" in app.name(node))


def test_what_is_launched_is_said_and_shown_and_stopped(app, host, screen, keys, dialog):
    search(app, keys, "Zebra", "Return")
    app.find("label", "Zebra was launched in “work”")
    app.find("push button", "Stop Zebra")
    app.find("label", "Started ")
    screen.picture("program-since")
    app.do("push button", "Stop Zebra")
    rig.wait_for(lambda: not host.status("work")["programs"], "its end")


def test_what_was_launched_of_late_comes_first(app, screen, dialog):
    app.find("label", "Launched lately")
    assert app.name(first(app)) == "Zebra is a favourite"


def test_a_favourite_comes_before_that(app, screen, keys, dialog):
    search(app, keys, "Quagga")
    app.do("push button", "Quagga is a favourite")
    app.close("frame", DIALOG)
    app.do("push button", "Launch…")
    app.find("label", "Launched lately")
    assert app.name(first(app)) == "Quagga is a favourite"
    assert first(app).get_state_set().contains(app.atspi.StateType.PRESSED)
    screen.picture("launch-favourite")


def test_it_is_always_offered_until_that_is_taken_back(app, host, screen, keys, dialog):
    def offered():
        return [path.name for path in (host.home / ".local/share/applications").iterdir()
                if "Zebra (work)" in path.read_text()]
    search(app, keys, "Zebra")
    app.do("push button", "How Zebra is launched")
    app.find("label", "Only the network is its own")
    app.find("label", "“Zebra (work)” among your applications")
    screen.picture("launch-details")
    for wanted in (True, False):
        app.do("check box", "Always offer in this tunnel")
        rig.wait_for(lambda: bool(offered()) == wanted, "the launcher")
    app.do("push button", "Back")
    app.find("push button", "How Zebra is launched")


def test_a_recipe_is_told_in_words(app, screen, keys, dialog):
    search(app, keys, "Firefox-copy")
    app.do("push button", "How Firefox-copy is launched")
    app.find("label", "Data of its own")
    app.find("label", "own")
    screen.picture("launch-recipe")


@pytest.mark.parametrize("answer,launched", [("Cancel", False), ("Launch Anyway", True)])
def test_a_copy_outside_is_asked_about(app, host, screen, keys, dialog, answer, launched):
    outside = host.popen(host.home / "quagga")
    comm = pathlib.Path(f"/proc/{outside.pid}/comm")
    rig.wait_for(lambda: comm.read_text() == "quagga\n", "the copy outside")
    try:
        search(app, keys, "Quagga", "Return")
        app.find("label", "A Copy of Quagga Runs Outside the Tunnel")
        screen.picture("launch-copy")
        app.do("push button", answer)
        if launched:
            app.find("push button", "Stop Quagga")
            app.do("push button", "Stop Quagga")
        else:
            rig.wait_for(lambda: app.is_sensitive("push button", "How Quagga is launched"), "the dialog")
        rig.wait_for(lambda: not host.status("work")["programs"], "the end")
    finally:
        outside.kill()
        outside.wait(rig.TIMEOUT)


def test_what_is_stopped_is_said_to_have_been_asked(app, keys, dialog):
    search(app, keys, "Deaf", "Return")
    app.do("push button", "Stop Deaf")
    app.find("label", "It was asked to end")


def test_what_fails_says_how_and_what_it_wrote(app, host, screen, keys, dialog):
    search(app, keys, "Broken", "Return")
    app.find("label", "A Program Has Ended")
    app.find("label", "Broken ended with status 3")
    app.find("label", "This is no error.\nThere is no display :7.")
    screen.picture("launch-failed")
    app.do("push button", "OK")
    # Its output was for us alone.
    assert "no display" not in host.read_log() + host.wg_wrap("logs", "work").stdout


def test_what_may_have_gone_to_a_copy_outside_is_said_to(app, screen, keys, dialog):
    search(app, keys, "Gone", "Return")
    app.find("label", "Probably Opened Outside the Tunnel")
    screen.picture("launch-gone")
    app.do("push button", "OK")


def test_what_does_not_end_when_it_is_asked_can_be_killed(app, host):
    app.find("label", "It does not end when it is asked to")
    app.do("push button", "Kill Deaf")
    rig.wait_for(lambda: not host.status("work")["programs"], "its end")


@pytest.mark.parametrize("entry,button,words,reason", [
    ("Command", "Run the Command", "sh -c 'unfinished", "quote"),
    ("Command", "Run the Command", "no-such-program 'a b'", "no-such-program"),
    ("Web address", "Open the Address", "nobody-opens-this://a", "nobody-opens-this"),
])
def test_what_cannot_be_launched_is_said_why(app, screen, dialog, entry, button, words, reason):
    app.type("text", entry, words)
    app.do("push button", button)
    app.find("label", "The Program Was Not Launched")
    app.find("label", reason)
    screen.picture(f"launch-{reason}")
    app.do("push button", "OK")


def test_a_command_has_quotes(app, host, dialog):
    app.type("text", "Command", "sh -c 'echo \"$0, $#\" >quoted; exec sleep 600' \"it's me\" 'a  b' c")
    app.do("push button", "Run the Command")
    quoted = host.home / "quoted"
    rig.wait_for(lambda: quoted.exists() and quoted.read_text() == "it's me, 2\n", "the words")
    app.do("push button", "Stop sh")
    rig.wait_for(lambda: not host.status("work")["programs"], "its end")


def test_a_program_outlives_the_application_that_collects_its_output(app, host, keys, dialog):
    """Somebody reads what it goes on to write."""
    writes = host.home / "writes"
    install(host, "Chatty", f"""#!/bin/sh
trap 'echo PIPE >{writes}; exit' PIPE
until [ -e {host.home}/go ]; do sleep 0.1; done
head -c 1000000 /dev/zero >&2
echo done >{writes}
sleep 600
""")
    app.type("text", "Command", str(host.home / "chatty"))
    app.do("push button", "Run the Command")
    app.find("push button", "Stop chatty")
    os.kill(app.process.pid, 9)
    app.process.wait(rig.TIMEOUT)
    (host.home / "go").write_text("")
    assert rig.wait_for(lambda: writes.exists() and writes.read_text(), "its writing") == "done\n"
    app.process = app.start()
    app.find("push button", "Stop chatty")


def test_all_of_it_can_be_done_by_keys(app, host, screen):
    keyboard = Keyboard(screen)
    try:
        screen.press("Tunnels", "alt+l")
        app.find("frame", DIALOG)
        screen.press(DIALOG, text="Zebra")
        focus = []
        for _ in range(10):
            keyboard.press("Tab")
            rig.time.sleep(0.5)
            focus += [app.name(node) for node in app.nodes()
                      if node.get_state_set().contains(app.atspi.StateType.FOCUSED)]
            if "How Zebra is launched" in focus:
                break
        assert "Zebra is a favourite" in focus, focus
        keyboard.press("Return")
        app.find("label", "Only the network is its own")
        keyboard.press("Escape")
        app.find("push button", "How Zebra is launched")
        keyboard.press("Escape")
        rig.wait_for(lambda: app.look("frame", DIALOG) is None, "its end")
    finally:
        keyboard.stop()
