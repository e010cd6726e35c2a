# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tunnel's menu does to a profile, in the dark style; no tunnel runs."""
import os
import signal
import stat
import subprocess

import pytest

import rig
from driver import Application

QR_CODE_MAX = 2953


def config(comment=""):
    private, _ = rig.genkey()
    _, public = rig.genkey()
    return (f"# naïve “comment” {comment}\n[Interface]\nPrivateKey = {private}\n"
            f"Address = 10.6.0.2/32\nDNS = 10.6.0.1\n\n[Peer]\nPublicKey = {public}\n"
            "AllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = 192.0.2.2:51820\n")


@pytest.fixture(scope="module")
def app(host, screen):
    made = Application(host, screen, ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    yield made
    made.stop()


def choose(app, tunnel, item):
    """From the tunnel's menu."""
    app.type("entry", "Search tunnels", "")
    app.find("label", tunnel)
    app.type("entry", "Search tunnels", tunnel)
    app.do("push button", "Tunnel Menu")
    app.do("menu item", item)


def ask_for_name(app, name, button, works=True):
    """In the dialog that asks for one."""
    app.type("text", "Name", name)
    assert app.is_sensitive("push button", button) == works
    if works:
        app.do("push button", button)


def names(host):
    return sorted(path.stem for path in (host.home / ".config/wg-wrap/profiles").iterdir())


def text_of(host, name):
    return host.check(host.programs / "wg-wrap", "profile", "show", "--secrets", name)


def read_code(picture):
    """What a phone would see."""
    return subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
                          check=True, capture_output=True, text=True,
                          timeout=rig.TIMEOUT).stdout.removesuffix("\n")


@pytest.mark.parametrize("name,size", [("short", None), ("full", QR_CODE_MAX)])
def test_the_code_is_the_profile_and_says_that_it_is_secret(app, host, screen, name, size):
    text = config()
    if size:
        text = config("x" * (size - len(text.encode())))
    host.import_profile(name, text)
    choose(app, name, "Show QR Code")
    app.find("image", f"QR code of the tunnel “{name}”")
    app.find("label", "The code holds the private key")
    assert read_code(screen.picture(f"qr-code-{name}")) == text
    app.close("frame", "QR Code")


def test_a_profile_that_is_too_long_for_a_code_is_said_to_be(app, host, screen):
    host.import_profile("excess", config("x" * QR_CODE_MAX))
    choose(app, "excess", "Show QR Code")
    app.find("label", "Too Long for a QR Code")
    screen.picture("qr-code-excess")
    app.close("frame", "QR Code")


def test_a_name_that_cannot_be_is_refused_while_it_is_typed(app, host, screen):
    choose(app, "short", "Rename…")
    for name in ("", "short", "full", ".short", "a/b"):
        ask_for_name(app, name, "Rename", works=False)
    app.find("label", "A name cannot have a slash")
    screen.picture("rename-refused")
    app.type("text", "Name", "full")
    app.find("label", "Another tunnel has this name.")
    app.do("push button", "Cancel")
    assert names(host) == ["excess", "full", "short"]


def test_that_an_open_tunnel_keeps_its_name_is_said_in_the_dialog(app, host, screen):
    assert host.wg_wrap("up", "short").returncode == 0
    choose(app, "short", "Rename…")
    ask_for_name(app, "mobile", "Rename")
    app.find("label", "The tunnel is open. Disconnect it, then it can be renamed.")
    screen.picture("rename-failed")
    assert host.wg_wrap("down", "short").returncode == 0
    rig.wait_for(lambda: host.status("short") is None, "its end")
    app.do("push button", "Rename")
    rig.wait_for(lambda: names(host) == ["excess", "full", "mobile"], "the new name")
    app.find("label", "mobile")


def test_a_copy_has_the_text_the_choices_and_a_name_of_its_own(app, host):
    chosen = ["--forward", "5432, 8080", "--publish", "3000", "--dns", "10.0.0.53",
              "--bus", "private", "--address-page", "http://10.6.0.1/"]
    assert host.wg_wrap("profile", "set", "mobile", *chosen).returncode == 0
    choose(app, "mobile", "Duplicate…")
    app.find("push button", "Duplicate")
    app.do("push button", "Duplicate")
    rig.wait_for(lambda: "mobile 2" in names(host), "the copy")
    assert text_of(host, "mobile 2") == text_of(host, "mobile")
    rig.wait_for(lambda: host.wg_wrap("profile", "set", "mobile 2").stdout ==
                 host.wg_wrap("profile", "set", "mobile").stdout, "the choices")
    assert host.wg_wrap("profile", "set", "mobile 2").stdout.count("10.0.0.53") == 1


def test_an_export_is_the_text_and_for_the_user_alone(app, host, screen):
    target = host.home / "taken.conf"
    target.write_text("of old")
    target.chmod(0o644)
    choose(app, "full", "Export…")
    app.find("push button", "Export")
    screen.picture("export")
    app.type("text", "Name:", str(target))
    app.do("push button", "Export")
    app.do("push button", "Replace")
    app.find("label", "Exported with its private key to “taken.conf”")
    assert target.read_text().strip() == text_of(host, "full")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_export_that_cannot_be_written_is_said_not_to_be(app, host):
    closed = host.home / "closed"
    closed.mkdir(mode=0o500)
    choose(app, "full", "Export…")
    app.type("text", "Name:", str(closed / "full.conf"))
    app.do("push button", "Export")
    app.find("label", "The Profile Was Not Exported")
    app.find("label", "Permission denied")
    app.do("push button", "OK")
    assert not list(closed.iterdir())


def test_an_open_tunnel_is_copied_but_not_removed(app, host):
    assert host.wg_wrap("up", "full").returncode == 0
    choose(app, "full", "Remove")
    app.find("label", "Disconnect it, then it can be removed.")
    app.do("push button", "OK")
    choose(app, "full", "Duplicate…")
    app.find("push button", "Duplicate")
    app.do("push button", "Duplicate")
    rig.wait_for(lambda: "full 2" in names(host), "the copy")
    assert "full" in names(host) and host.status("full")
    assert host.wg_wrap("down", "--force", "full").returncode == 0


def test_what_is_removed_comes_back_by_undo(app, host, screen):
    text = text_of(host, "mobile 2")
    choose(app, "mobile 2", "Remove")
    app.find("label", "“mobile 2” removed")
    assert "mobile 2" not in names(host)
    screen.picture("removed")
    app.do("push button", "Undo")
    rig.wait_for(lambda: "mobile 2" in names(host), "the profile")
    assert text_of(host, "mobile 2") == text


def test_an_undo_needs_not_the_service_that_removed_it(app, host):
    text = text_of(host, "mobile 2")
    choose(app, "mobile 2", "Remove")
    app.find("label", "“mobile 2” removed")
    pid = host.service_pid()
    os.kill(pid, signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() != pid, "the bus to notice")
    app.do("push button", "Undo")
    rig.wait_for(lambda: "mobile 2" in names(host), "the profile")
    assert text_of(host, "mobile 2") == text


def test_an_undo_that_fails_can_be_tried_again(app, host):
    text = text_of(host, "mobile 2")
    choose(app, "mobile 2", "Remove")
    app.find("label", "“mobile 2” removed")
    host.import_profile("mobile 2", config())
    app.do("push button", "Undo")
    app.find("label", "The Tunnel Is Not Back Yet")
    app.do("push button", "OK")
    host.check(host.programs / "wg-wrap", "profile", "remove", "mobile 2")
    app.do("push button", "Undo")
    rig.wait_for(lambda: "mobile 2" in names(host), "the profile")
    assert text_of(host, "mobile 2") == text


def test_what_cannot_be_brought_back_is_asked_for(app, host):
    (host.home / ".config/wg-wrap/profiles/broken.conf").write_text("[Interface]\nPrivateKey = none\n")
    choose(app, "broken", "Remove")
    app.find("label", "Remove the Tunnel for Good?")
    app.do("push button", "Cancel")
    assert "broken" in names(host)
    choose(app, "broken", "Remove")
    app.find("label", "Remove the Tunnel for Good?")
    app.do("push button", "Remove")
    rig.wait_for(lambda: "broken" not in names(host), "its end")


def test_an_undo_is_done_before_the_application_ends(app, host, screen):
    """With a service that takes its time."""
    choose(app, "mobile 2", "Remove")
    app.find("label", "“mobile 2” removed")
    pid = host.service_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        app.do("push button", "Undo")
        screen.press("Tunnels", "ctrl+q")
        assert app.process.poll() is None
    finally:
        os.kill(pid, signal.SIGCONT)
    assert app.process.wait(rig.TIMEOUT) == 0
    assert "mobile 2" in names(host)
