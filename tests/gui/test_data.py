# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs keep for a tunnel is on its page, and that of removed tunnels in the preferences; there
it is deleted, after a question."""
import subprocess

import pytest

import rig
from driver import Application
from test_preferences import open_preferences

QUESTION = "Remove the Data of "
SIZE = 2000000


def keep(host, name):
    directory = host.home / ".local/share/wg-wrap/private" / name
    directory.mkdir(parents=True)
    (directory / "file").write_bytes(b"x" * SIZE)
    return directory


@pytest.fixture(scope="module")
def app(host, peer, screen):
    host.import_profile("work", peer.profile())
    keep(host, "work/one")
    keep(host, "work/two")
    keep(host, "gone/<b>three")
    made = Application(host, screen)
    yield made
    made.stop()


def shows(app, text):
    return app.look("label", text) is not None


def answer(app, name, button):
    """The question about it."""
    app.find("label", f"{QUESTION}{name}?")
    rig.wait_for(lambda: any(app.act(node, 0) for node in app.nodes("push button")
                             if set(app.name(node).split()) == {button}), button)


def remove(app, name):
    app.do("push button", QUESTION + name)
    answer(app, name, "Remove")


def test_it_is_told_and_deleted_after_a_question(app, host, screen):
    private = host.home / ".local/share/wg-wrap/private"
    app.find("label", "Data Kept for This Tunnel")
    app.find("label", "2.0\xa0MB, changed ")
    assert not shows(app, "three")
    app.do("push button", QUESTION + "one")
    answer(app, "one", "Cancel")
    assert (private / "work/one/file").exists()
    screen.picture("data")
    remove(app, "one")
    rig.wait_for(lambda: not (private / "work/one").exists(), "its end")
    rig.wait_for(lambda: not app.look("push button", QUESTION + "one"), "the end of its row")
    # By the keyboard one goes on where one was.
    screen.press("Tunnels", "space")
    answer(app, "two", "Cancel")
    assert shows(app, "two") and (private / "work/two/file").exists()


def test_what_is_in_use_stays_and_that_is_said(app, host):
    directory = host.home / ".local/share/wg-wrap/private/work/two"
    with subprocess.Popen(["sh", "-c", "read x", directory], stdin=subprocess.PIPE) as user:
        remove(app, "two")
        app.find("label", f"sh (process {user.pid}) uses the data")
        app.do("push button", "OK")
        user.stdin.close()
    assert (directory / "file").exists()


def test_it_is_not_to_be_seen_where_there_is_none(app):
    rig.wait_for(lambda: app.is_sensitive("push button", QUESTION + "two"), "the row again")
    remove(app, "two")
    rig.wait_for(lambda: not shows(app, "Data Kept for This Tunnel"), "the end of the group")


def test_a_program_that_comes_brings_a_row(app, host):
    keep(host, "work/four")
    host.popen(host.programs / "wg-wrap", "run", "work", "sleep", "60")
    app.find("push button", QUESTION + "four")
    host.wg_wrap("down", "--force", "work")


def test_that_of_removed_tunnels_is_in_the_preferences(app, host, screen):
    open_preferences(app, screen)
    app.find("label", "Tunnel “gone”: 2.0\xa0MB, changed ")
    screen.picture("data-removed")
    remove(app, "<b>three")
    rig.wait_for(lambda: not (host.home / ".local/share/wg-wrap/private/gone").exists(), "its end")
    rig.wait_for(lambda: not shows(app, "Data of Removed Tunnels"), "the end of the group")
    assert (host.home / ".local/share/wg-wrap/private/work/four/file").exists()
