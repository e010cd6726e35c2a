# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile is edited as a form and as text, which are two views of one draft, each test going on where
the one before has stopped: with the real service, tunnel and peer."""
import time

import pytest

import rig
from driver import SETTLE
from keyboard import Keyboard

ADDRESSES, DNS, MTU = "Addresses, such as", "Name servers, such as", "MTU"
ENDPOINT, ALLOWED, KEEPALIVE = "Endpoint, such as", "Allowed IPs, such as", "Keepalive"


@pytest.fixture(scope="module")
def keys(screen):
    made = Keyboard(screen)
    yield made
    made.stop()


def contents(app, node):
    """GTK's entries have no text behind a negative place, and some of their parts have none at all."""
    try:
        return app.atspi.Text.get_text(node, 0, app.atspi.Text.get_character_count(node))
    except app.errors:
        return ""


def read(app, name, number=0):
    """What assistive technology reads in a field, of several of that name in the one of that number."""
    nodes = [node for node in app.nodes("text") if name in app.name(node)]
    return contents(app, nodes[number]) if number < len(nodes) else None


def text(app):
    return read(app, "Configuration")


def wait_for_text(app, words):
    rig.wait_for(lambda: words in (text(app) or ""), f"{words!r} in {text(app)!r}")


def wait_for_field(app, name, words, number=0):
    rig.wait_for(lambda: read(app, name, number) == words, f"{words!r} in {name}: {read(app, name, number)!r}")


def press(keys, number, *names):
    """One after the other, as fast as a window follows."""
    for _ in range(number):
        keys.press(*names)
        time.sleep(0.05)


def undo_until(app, keys, words):
    """Step by step, for nobody knows how many letters are one."""
    for _ in range(60):
        if text(app) == words:
            return
        keys.press("Control_L", "z")
        time.sleep(SETTLE)
    raise AssertionError(text(app))


def to_text(app, keys):
    keys.press("Alt_L", "t")
    rig.wait_for(lambda: app.is_drawn(app.find("text", "Configuration")), "the text")


def profile(host, name="work"):
    return host.home / ".config/wg-wrap/profiles" / f"{name}.conf"


def test_a_profile_opens_as_a_form_without_its_keys(app, host, keys, peer, screen):
    written = (peer.profile(dns=peer.INSIDE4) + "# the last line\n").replace(
        "[Peer]", "Table = auto\nPostUp = true # never\n\n# the office\n[Peer]").replace("Endpoint =", "endpoint =")
    host.import_profile("work", written)
    app.find("label", "192.0.2.2:51820")
    keys.press("Control_L", "e")
    app.find("text", ENDPOINT)
    screen.picture("form")
    wait_for_field(app, ENDPOINT, "192.0.2.2:51820")
    wait_for_field(app, DNS, peer.INSIDE4)
    wait_for_field(app, "Public key", peer.public)
    screen.picture("form")
    app.find("label", "2 more lines in the text")
    app.find("label", "Table, PostUp")
    for node in app.nodes():
        assert peer.client_private not in app.name(node) and peer.preshared not in app.name(node)
    for node in app.nodes("text", app.find("frame", "Edit Profile")):
        assert peer.client_private not in contents(app, node)
        assert peer.preshared not in contents(app, node)


def test_what_is_filled_in_is_in_the_text_and_nothing_else_changes(app, keys, screen):
    before = text(app)
    press(keys, 8, "Tab")  # from the addresses, where one begins
    keys.press("End")
    keys.press("BackSpace")
    keys.type("1")
    wait_for_text(app, "endpoint = 192.0.2.2:51821\n")
    press(keys, 2, "Tab")
    keys.type("25")
    wait_for_text(app, "PersistentKeepalive = 25\n")
    assert text(app).replace(":51821", ":51820").replace("PersistentKeepalive = 25\n", "") == before
    app.find("label", "Unsaved changes")


def test_each_is_undone_and_done_again_from_either_view(app, keys):
    keys.press("Control_L", "z")
    keys.press("Control_L", "z")
    wait_for_field(app, KEEPALIVE, "")
    wait_for_field(app, ENDPOINT, "192.0.2.2:51821")
    to_text(app, keys)
    press(keys, 2, "Control_L", "z")
    wait_for_text(app, "endpoint = 192.0.2.2:51820\n")
    keys.press("Control_L", "t")
    wait_for_field(app, ENDPOINT, "192.0.2.2:51820")
    app.find("label", "Profile")
    press(keys, 4, "Control_L", "Shift_L", "z")
    wait_for_text(app, "PersistentKeepalive = 25\n")
    wait_for_field(app, KEEPALIVE, "25")


def test_what_is_typed_in_the_text_is_in_the_form(app, keys):
    to_text(app, keys)
    keys.press("Control_L", "Home")
    keys.press("Down")
    keys.type("mtu=1400 # small\n")
    keys.press("Up")
    keys.press("Alt_L", "f")  # to the field of the line that one has been in
    wait_for_field(app, MTU, "1400")
    keys.press("Control_L", "a")
    keys.type("1380")
    wait_for_text(app, "mtu=1380 # small\n")


def test_a_mistake_is_told_at_its_field(app, host, keys, screen):
    saved = profile(host).read_text()
    press(keys, 2, "Shift_L", "Tab")
    keys.press("End")
    keys.type(", 10.0.0.300")
    message = "Found \"10.0.0.300\", expected an address"
    # In the list of all problems, and at the field, also for those who hear it.
    rig.wait_for(lambda: len([name for name in app.names("label") if message in name]) == 2, "both")
    node = app.look("text", ADDRESSES)
    assert message in node.get_description()
    assert node.get_state_set().contains(app.atspi.StateType.INVALID)
    screen.picture("form-mistake")
    keys.press("Tab")
    keys.press("Control_L", "s")
    app.find("label", "Not saved: it has mistakes.")
    assert profile(host).read_text() == saved
    keys.press("End")  # in the field of the mistake
    press(keys, len(", 10.0.0.300"), "BackSpace")
    rig.wait_for(lambda: not app.look("label", message), "the end of the mistake")
    rig.wait_for(lambda: not app.find("text", ADDRESSES).get_description(), "its end at the field")


def test_keys_are_shown_one_by_one(app, keys, peer, screen):
    app.do("push button", "Show the Key")
    wait_for_field(app, "Private key", peer.client_private)
    wait_for_text(app, f"PrivateKey = {peer.client_private}")
    wait_for_text(app, "PresharedKey = (hidden 2)")
    app.do("push button", "Hide the Key")
    wait_for_text(app, "PrivateKey = (hidden)")
    assert peer.client_private not in read(app, "Private key")


def test_a_new_key_is_made_and_its_public_one_shown(app, keys):
    before = [name for name in app.names("label") if name.endswith("=")]
    app.do("push button", "Generate a New Key")
    wait_for_text(app, "PrivateKey = (hidden 3)")
    rig.wait_for(lambda: [name for name in app.names("label") if name.endswith("=")] != before,
                 "another public key")
    keys.press("Control_L", "z")
    wait_for_text(app, "PrivateKey = (hidden)")
    rig.wait_for(lambda: [name for name in app.names("label") if name.endswith("=")] == before,
                 "the public key from before")


def test_peers_come_and_go(app, keys, screen):
    before = text(app)
    app.do("push button", "Add a Peer")
    rig.wait_for(lambda: app.names("push button").count("Remove the Peer") == 2, "both peers")
    rig.wait_for(lambda: any(node.get_state_set().contains(app.atspi.StateType.FOCUSED)
                             and contents(app, node) == "" for node in app.nodes("text")
                             if "Public key" in app.name(node)), "the focus on the first field")
    keys.type("key")
    wait_for_text(app, "\n\n[Peer]\nPublicKey = key\n")
    app.find("label", "The value of PublicKey is no key")
    screen.picture("form-peers")
    app.do("push button", "Remove the Peer")  # the first
    wait_for_field(app, "Public key", "key")
    wait_for_field(app, ENDPOINT, "")
    assert "# the office" not in text(app)
    keys.press("Control_L", "z")
    wait_for_field(app, ENDPOINT, "192.0.2.2:51821")
    rig.wait_for(lambda: app.names("push button").count("Remove the Peer") == 2, "both peers")
    undo_until(app, keys, before)


def test_what_a_form_cannot_have_is_edited_as_text(app, keys, screen):
    before = text(app)
    to_text(app, keys)
    keys.press("Control_L", "Home")
    keys.type("[Other]\n")
    keys.press("Alt_L", "f")
    app.find("label", "Only as Text")
    screen.picture("form-none")
    app.do("push button", "Edit the Text")
    undo_until(app, keys, before)


def test_the_form_saves_and_applies(app, host, keys, peer):
    keys.press("Alt_L", "f")
    wait_for_field(app, ENDPOINT, "192.0.2.2:51821")
    app.type("text", ENDPOINT, "192.0.2.2:51820")
    host.check(host.programs / "wg-wrap", "up", "work")
    app.type("text", KEEPALIVE, "7")
    keys.press("Control_L", "s")
    app.find("label", f"peer {peer.public[:8]}… changed")
    app.do("push button", "Save and Apply")
    app.find("label", "Saved, and applied to the tunnel that runs.")
    shown = host.check(host.programs / "wg-wrap", "run", "work", "--", "wg", "show", "wg0",
                       "persistent-keepalive")
    assert shown.split() == [peer.public, "7"]
    written = profile(host).read_text()
    assert "mtu=1380 # small\n" in written and "PostUp = true # never\n" in written
    assert "PersistentKeepalive = 7\n# the last line\n" in written


def test_the_guard_and_the_draft_know_of_the_form(app, host, keys):
    draft = host.home / ".local/state/wg-wrap/drafts/work.conf"
    app.type("text", MTU, "1300")
    rig.wait_for(lambda: draft.exists() and "mtu=1300" in draft.read_text(), "a draft")
    keys.press("Control_L", "w")
    app.find("label", "Save Changes?")
    app.do("push button", "Discard")
    rig.wait_for(lambda: text(app) is None, "the editor's end")
    rig.wait_for(lambda: not draft.exists(), "the draft's end")
    assert "mtu=1380" in profile(host).read_text()


def test_the_log_has_no_key_and_no_complaint(app, host, peer):
    log = host.read_log()
    for words in (peer.client_private, peer.preshared, "CRITICAL", "wg-wrap-gtk:"):
        assert words not in log
