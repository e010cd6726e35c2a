# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile is edited, and one is made from nothing, each test going on where the one before has
stopped: with the real service, tunnel and peer."""
import json
import os
import signal
import stat

import pytest

import rig
from keyboard import Keyboard


@pytest.fixture(scope="module")
def keys(screen):
    made = Keyboard(screen)
    yield made
    made.stop()


def text(app):
    """What assistive technology reads in the editor; None: there is none."""
    node = app.look("text", "Configuration")
    return app.atspi.Text.get_text(node, 0, -1) if node else None


def caret(app):
    return app.atspi.Text.get_caret_offset(app.look("text", "Configuration"))


def wait_for_text(app, words):
    return rig.wait_for(lambda: words in (text(app) or ""), f"{words!r} in {text(app)!r}")


def wait_until_saved(app):
    """Below the name, instead of Unsaved changes."""
    rig.wait_for(lambda: "Profile" in app.names("label"), "an unchanged text")


def wait_for_no_editor(app):
    rig.wait_for(lambda: text(app) is None, "the editor's end")


def answer(app, question, button):
    """And wait until keys go to the editor again."""
    app.find("label", question)
    app.do("push button", button)
    rig.wait_for(lambda: not app.look("label", question), "the end of the question")


def restart(app):
    app.process.send_signal(signal.SIGKILL)
    app.process.wait(rig.TIMEOUT)
    app.process = app.start()
    app.find("label", "192.0.2.2:51820")


def to_text(app, keys):
    app.find("text", "Configuration")
    rig.wait_for(lambda: app.look("label", "Addresses, such as"), "the form")
    keys.press("Alt_L", "t")


def edit(app, keys):
    """Up to where one can type, in the text."""
    keys.press("Control_L", "e")
    to_text(app, keys)
    rig.wait_for(lambda: app.look("text", "Configuration").get_state_set().contains(
        app.atspi.StateType.EDITABLE), "an editable text")


def profile(host, name="work"):
    return host.home / ".config/wg-wrap/profiles" / f"{name}.conf"


def draft(host, name="work"):
    return host.home / ".local/state/wg-wrap/drafts" / f"{name}.conf"


def kill_service(host):
    pid = host.service_pid()
    os.kill(pid, signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() != pid, "the bus to notice")


def test_keys_are_nowhere_until_they_are_asked_for(app, host, keys, peer, screen):
    host.import_profile("work", peer.profile(dns=peer.INSIDE4))
    app.find("label", "192.0.2.2:51820")
    edit(app, keys)
    wait_for_text(app, "PrivateKey = (hidden)")
    wait_for_text(app, "PresharedKey = (hidden 2)")
    app.find("label", "No problems")
    screen.picture("editor")
    app.do("push button", "Show Keys")
    wait_for_text(app, f"PrivateKey = {peer.client_private}")
    wait_for_text(app, f"PresharedKey = {peer.preshared}")
    app.do("push button", "Show Keys")
    wait_for_text(app, "PrivateKey = (hidden)")
    assert peer.preshared not in text(app)
    keys.press("Control_L", "z")  # undoes the hiding, and then the showing
    wait_for_text(app, peer.client_private)
    keys.press("Control_L", "z")
    wait_for_text(app, "PrivateKey = (hidden)")
    wait_until_saved(app)


def test_a_mistake_is_shown_with_its_place_and_is_not_saved(app, host, keys, screen):
    before = profile(host).read_text()
    keys.press("Control_L", "End")
    keys.type("Endpoint = nowhere")
    app.find("label", "Found \"nowhere\", expected a host and a port")
    app.find("label", "Error · Line 11, column 12")
    app.find("label", "1 error, 1 warning")
    screen.picture("editor-mistake")
    keys.press("Control_L", "s")
    app.find("label", "Not saved: it has mistakes.")
    assert "Endpoint = nowhere" in text(app)
    assert profile(host).read_text() == before


def test_a_problem_leads_to_its_place(app, keys):
    keys.press("Control_L", "Home")
    rig.wait_for(lambda: caret(app) == 0, "the beginning")
    app.do("push button", "Go to line 11, column 12")
    rig.wait_for(lambda: caret(app) == text(app).index("nowhere"), f"the place: {caret(app)}")
    # And by keys alone: from the text to the list, there to the row of the error. A toast would be
    # on the way.
    rig.wait_for(lambda: not app.look("label", "Not saved"), "the toast's end")
    keys.press("Control_L", "Home")
    rig.wait_for(lambda: caret(app) == 0, "the beginning")
    keys.press("Tab")
    keys.press("Down")
    keys.press("Return")
    rig.wait_for(lambda: caret(app) == text(app).index("nowhere"), f"the place: {caret(app)}")


def test_closing_asks_and_loses_nothing(app, keys, screen):
    keys.press("Control_L", "w")
    app.find("label", "Save Changes?")
    screen.picture("editor-close")
    keys.press("Escape")
    rig.wait_for(lambda: not app.look("label", "Save Changes?"), "the end of the question")
    assert "Endpoint = nowhere" in text(app)
    keys.press("Control_L", "q")
    app.find("label", "Save Changes?")
    keys.press("Return")  # saving is refused, and the editor stays
    rig.wait_for(lambda: not app.look("label", "Save Changes?"), "the end of the question")
    assert "Endpoint = nowhere" in text(app)


def test_what_was_typed_outlives_the_application(app, host, keys, peer, screen):
    rig.wait_for(lambda: draft(host).exists() and "nowhere" in draft(host).read_text(), "a draft")
    assert stat.S_IMODE(draft(host).stat().st_mode) == 0o600
    assert stat.S_IMODE(draft(host).parent.stat().st_mode) == 0o700
    restart(app)
    keys.press("Control_L", "e")
    app.find("label", "Unsaved changes of “work”")
    screen.picture("editor-restore")
    app.do("push button", "Restore")
    wait_for_text(app, "Endpoint = nowhere")
    assert peer.client_private not in text(app)
    app.find("label", "Unsaved changes")


def test_discarded_changes_are_gone(app, host, keys):
    keys.press("Escape")
    answer(app, "Save Changes?", "Discard")
    wait_for_no_editor(app)
    rig.wait_for(lambda: not draft(host).exists(), "the draft's end")
    edit(app, keys)
    wait_for_text(app, "[Interface]")
    assert "nowhere" not in text(app)


def test_a_change_is_applied_to_the_tunnel_that_runs(app, host, keys, peer, screen):
    app.do("check box", "Tunnel open")
    app.find("label", "Connected")
    supervisor = host.processes("wg-wrap-supervi")
    before = profile(host).read_text()
    keys.press("Control_L", "End")
    keys.type("PersistentKeepalive = 7\n")
    keys.press("Control_L", "s")
    app.find("label", f"peer {peer.public[:8]}… changed")
    screen.picture("editor-changes")
    answer(app, "Change the Tunnel?", "Cancel")
    assert profile(host).read_text() == before
    keys.press("Control_L", "s")
    answer(app, "Change the Tunnel?", "Save and Apply")
    app.find("label", "Saved, and applied to the tunnel that runs.")
    screen.picture("editor-live")
    assert profile(host).read_text() == before + "PersistentKeepalive = 7\n"
    assert host.processes("wg-wrap-supervi") == supervisor
    rig.wait_for(lambda: host.check(host.programs / "wg-wrap", "run", "work", "--", "wg", "show", "wg0",
                                    "persistent-keepalive").split() == [peer.public, "7"], "the change")
    rig.wait_for(lambda: not draft(host).exists(), "the draft's end")


def test_what_another_program_wrote_is_not_overwritten_unasked(app, host, keys, screen):
    others = profile(host).read_text() + "# by another\n"
    profile(host).write_text(others)
    keys.type("# by me\n")
    keys.press("Control_L", "s")
    app.find("label", "Changed by Another Program")
    screen.picture("editor-conflict")
    answer(app, "Changed by Another Program", "Cancel")
    assert profile(host).read_text() == others
    keys.press("Control_L", "s")
    answer(app, "Changed by Another Program", "Replace")
    rig.wait_for(lambda: "# by me" in profile(host).read_text(), "the new text")
    assert "# by another" not in profile(host).read_text()
    wait_until_saved(app)
    keys.press("Control_L", "w")  # with nothing to ask about
    wait_for_no_editor(app)


def test_a_new_tunnel_is_made_from_nothing(app, host, keys, peer, screen):
    keys.press("Control_L", "n")
    app.find("text", "Name")
    keys.type("work")
    app.find("label", "There is a tunnel of this name already.")
    screen.picture("new-name")
    keys.type("2\n")
    wait_for_text(app, "PrivateKey = (hidden)")
    app.find("label", "Expected \"Endpoint = \" and a value.")
    screen.picture("new-template")
    shown = app.names("label")
    template = text(app)
    for key, value in (("Address", "10.6.0.3/32"), ("PublicKey", peer.public),
                       ("Endpoint", "192.0.2.2:51820")):
        template = template.replace(f"\n{key} = \n", f"\n{key} = {value}\n")
    app.type("text", "Configuration", template)
    app.find("label", "1 warning")
    screen.picture("new-filled")
    # It, too, outlives the application.
    rig.wait_for(lambda: peer.public in draft(host, "work2").read_text(), "a draft")
    restart(app)
    keys.press("Control_L", "n")
    app.find("label", "What was typed for it was not saved, and can be restored.")
    screen.picture("new-found")
    keys.press("Return")
    answer(app, "Unsaved changes of “work2”", "Restore")
    wait_for_text(app, "PrivateKey = (hidden 2)")  # the first is the key that was made for nothing
    keys.press("Control_L", "s")
    app.find("label", "“work2” created.")
    wait_for_no_editor(app)
    made, = (entry for entry in json.loads(host.check(host.programs / "wg-wrap", "profile", "list",
                                                      "--json")) if entry["name"] == "work2")
    assert made["valid"] and made["public-key"] in shown
    rig.wait_for(lambda: not draft(host, "work2").exists(), "the draft's end")


def test_what_is_typed_outlives_its_profile(app, host, keys):
    host.check(host.programs / "wg-wrap", "down", "work")
    edit(app, keys)
    keys.type("# again\n")
    profile(host).unlink()
    rig.wait_for(lambda: "work" not in app.names("list item"), "its end in the list")
    keys.press("Control_L", "s")
    rig.wait_for(profile(host).exists, "the profile")
    wait_until_saved(app)
    assert profile(host).read_text().startswith("# again\n[Interface]\n")
    keys.press("Control_L", "w")
    wait_for_no_editor(app)


def test_an_editor_follows_its_profile_to_another_name(app, host, keys, screen):
    host.check(host.programs / "wg-wrap", "profile", "remove", "work2")  # “work” is then the chosen one
    rig.wait_for(lambda: "work2" not in app.names("list item"), "its end in the list")
    edit(app, keys)
    keys.type("# mine\n")
    rig.wait_for(draft(host).exists, "a draft")
    host.check(host.programs / "wg-wrap", "profile", "rename", "work", "office")
    app.find("label", "The profile is now called “office”.")
    rig.wait_for(lambda: draft(host, "office").exists() and not draft(host).exists(), "the draft")
    screen.picture("editor-renamed")
    keys.press("Control_L", "s")
    rig.wait_for(lambda: profile(host, "office").read_text().startswith("# mine\n"), "the text")
    assert not profile(host).exists()
    wait_until_saved(app)


def test_an_editor_says_that_its_profile_was_removed_and_that_it_is_back(app, host, keys, screen):
    text_before = profile(host, "office").read_text()
    host.check(host.programs / "wg-wrap", "profile", "remove", "office")
    app.find("label", "The profile was removed. Saving makes it anew.")
    screen.picture("editor-removed")
    keys.press("Control_L", "w")
    answer(app, "Save Changes?", "Cancel")
    host.import_profile("office", text_before)
    wait_until_saved(app)
    kill_service(host)
    keys.type("# again\n")
    keys.press("Control_L", "s")
    rig.wait_for(lambda: "# again" in profile(host, "office").read_text(), "the text")
    wait_until_saved(app)
    keys.press("Control_L", "w")
    wait_for_no_editor(app)


def test_a_draft_that_nobody_edits_goes_where_its_profile_goes(app, host):
    draft(host, "office").write_text("# left by a crash\n")
    host.check(host.programs / "wg-wrap", "profile", "rename", "office", "work")
    rig.wait_for(lambda: draft(host).exists() and not draft(host, "office").exists(), "the draft")
    host.import_profile("brief", profile(host).read_text())
    draft(host, "brief").write_text("# left by a crash\n")
    app.find("list item", "brief")
    host.check(host.programs / "wg-wrap", "profile", "remove", "brief")
    rig.wait_for(lambda: not draft(host, "brief").exists(), "the draft's end")
    draft(host).unlink()


def test_the_keys_are_told(app, keys, screen):
    keys.press("Control_L", "Shift_L", "question")
    app.find("label", "Edit the profile")
    screen.picture("shortcuts")
    keys.press("Escape")
    rig.wait_for(lambda: not app.look("label", "Edit the profile"), "its end")


def test_the_application_ends_when_there_is_nothing_to_ask(app, keys):
    edit(app, keys)
    keys.press("Control_L", "q")
    assert app.process.wait(rig.TIMEOUT) == 0


def test_the_log_has_no_key_and_no_complaint(app, host, peer):
    log = host.read_log()
    for words in (peer.client_private, peer.preshared, "CRITICAL", "wg-wrap-gtk:"):
        assert words not in log
