# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider hands out comes in: archives, pictures of codes, what is in the clipboard; and of all that is wrong
with it, each is said. No tunnel runs."""
import io
import os
import pathlib
import signal
import struct
import subprocess
import zipfile
import zlib

import pytest

import rig

MANY = 200
DRAG = pathlib.Path(__file__).with_name("drag.py")


@pytest.fixture(scope="module")
def config():
    private, _ = rig.genkey()
    _, public = rig.genkey()
    return (f"[Interface]\nPrivateKey = {private}\nAddress = 10.6.0.2/32\nDNS = 10.6.0.1\n\n"
            f"[Peer]\nPublicKey = {public}\nAllowedIPs = 0.0.0.0/0\n"
            "Endpoint = vpn.example.com:51820\n")


def archive(members):
    """Its bytes; members: {name: text}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(name, text)
    return file.getvalue()


def encrypt(data, name):
    """Say so of one member, in both of its headers."""
    data = bytearray(data)
    for signature, flags, length in ((b"PK\3\4", 6, 30), (b"PK\1\2", 8, 46)):
        at = data.index(name.encode()) if signature == b"PK\3\4" else data.rindex(name.encode())
        assert data[at - length:at - length + 4] == signature
        data[at - length + flags] |= 1
    return bytes(data)


def png(width, height, rows=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + \
            struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + \
        chunk(b"IEND", b"")


def open_file(app, name, data):
    """As a file manager does: the file is handed to the application that runs."""
    path = app.host.home / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    assert app.start(path).wait(rig.TIMEOUT) == 0, app.host.read_log()


def names(host):
    return {path.stem for path in (host.home / ".config/wg-wrap/profiles").glob("*.conf")}


def forget(host):
    for path in (host.home / ".config/wg-wrap/profiles").glob("*.conf"):
        path.unlink()


def text_of(host, name):
    return host.check(host.programs / "wg-wrap", "profile", "show", "--secrets", name)


def put(app, screen, data, kind="UTF8_STRING"):
    """Into the clipboard; for a test's time."""
    path = app.host.directory / "clipboard"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    subprocess.run(["xclip", "-selection", "clipboard", "-t", kind, "-i", path], check=True,
                   env={"DISPLAY": screen.display, "PATH": "/usr/bin"}, timeout=rig.TIMEOUT,
                   stdout=subprocess.DEVNULL)


def say(shown, label, reason):
    """Whether a row of the summary does."""
    return any(name.startswith(f"{label}: ") and reason in name for name in shown)


def test_an_archive_is_taken_and_what_is_wrong_in_it_is_said(app, host, screen, config):
    members = {
        "vpn/us-nyc-1.conf": config, "vpn/de-ber-2.CONF": config, "vpn/README.txt": "Read me.",
        "__MACOSX/._us-nyc-1.conf": "\0", "../../../escape.conf": config, "a\\b\x07c.conf": config,
        "n" * 90 + ".conf": config, "other/us-nyc-1.conf": config,
        "secret.conf": config, "bomb.conf": " " * (100 << 20), "binary.conf": "\0\1\2",
        "mistake.conf": config.replace("10.6.0.2/32", "10.6.0.2/33"),
    }
    open_file(app, "vpn.zip", encrypt(archive(members), "secret.conf"))
    app.find("label", "6 profiles imported. 4 could not be.")
    shown = app.names("list item")
    assert say(shown, "vpn.zip: mistake.conf", "Line 3, column 11: "), shown
    assert say(shown, "vpn.zip: secret.conf", "This is encrypted."), shown
    assert say(shown, "vpn.zip: bomb.conf", "This is larger than 1 MiB"), shown
    assert say(shown, "vpn.zip: binary.conf", "This is not a text file."), shown
    screen.picture("import-summary")
    assert names(host) == {"us-nyc-1", "us-nyc-1 2", "de-ber-2", "escape", "b-c", "n" * 64}
    assert not list(host.home.rglob("escape.conf"))[1:]
    assert text_of(host, "us-nyc-1 2") == config.strip()
    app.close("frame", "Import Finished")


NOTHING_IN_THEM = [
    ("nothing.zip", archive({"README.txt": "Read me."}), "There is no profile"),
    ("torn.zip", archive({"a.conf": "[Interface]\n" * 1000})[:90], "This is damaged: "),
    ("blank.png", png(64, 64, b"\0" * 65 * 64), "No QR code was found"),
    ("torn.png", png(64, 64)[:40], ""),
    ("vast.png", png(60000, 60000), "This picture is too large."),
    ("empty.conf", b"", "There is nothing in it."),
    ("words.conf", b"dear customer,\nyour key is here\n", "Line 1"),
]


def test_of_files_with_nothing_in_them_each_is_said_why(app, host, screen):
    before = names(host)
    for name, data, _ in NOTHING_IN_THEM:
        (host.home / name).write_bytes(data)
    (host.home / "folder").mkdir()
    host.check("mkfifo", host.home / "pipe")
    paths = [host.home / name for name, _, _ in NOTHING_IN_THEM]
    assert app.start(*paths, host.home / "folder", host.home / "pipe").wait(rig.TIMEOUT) == 0
    app.find("label", "Nothing was imported.")
    shown = app.names("list item")
    assert not [name for name, _, reason in NOTHING_IN_THEM if not say(shown, name, reason)], shown
    assert say(shown, "folder", "This is a folder."), shown
    assert say(shown, "pipe", "This is not a file that can be read."), shown
    screen.picture("import-nothing")
    assert names(host) == before
    app.close("frame", "Import Finished")


def test_text_is_pasted_and_named_after_where_it_leads(app, host, screen, config):
    forget(host)
    app.find("label", "One Program in a Tunnel")
    put(app, screen, config)
    screen.press("Tunnels", "ctrl+v")
    app.find("label", "“vpn.example.com” imported.")
    app.find("list item", "vpn.example.com")
    assert text_of(host, "vpn.example.com") == config.strip()


def test_a_file_that_was_copied_is_pasted(app, host, screen, config):
    path = host.home / "copied.conf"
    path.write_text(config)
    put(app, screen, f"{path.as_uri()}\r\n", "text/uri-list")
    screen.press("Tunnels", "ctrl+v")
    app.find("label", "“copied” imported.")


def test_a_code_comes_in_from_a_picture_and_from_the_clipboard(app, host, screen, config):
    app.type("entry", "Search tunnels", "copied")
    app.do("push button", "Tunnel Menu")
    app.do("menu item", "Show QR Code")
    app.find("image", "QR code of the tunnel “copied”")
    picture = screen.picture("import-code").read_bytes()
    app.close("frame", "QR Code")
    app.type("entry", "Search tunnels", "")
    dark = subprocess.run(["convert", "-", "-negate", "-quality", "80", "jpg:-"], input=picture, check=True,
                          capture_output=True, timeout=rig.TIMEOUT).stdout
    open_file(app, "phone.jpg", dark)
    app.find("label", "“phone” imported.")
    assert text_of(host, "phone") == config.strip()
    put(app, screen, picture, "image/png")
    screen.press("Tunnels", "ctrl+v")
    app.find("label", "“Clipboard” imported.")
    assert text_of(host, "Clipboard") == config.strip()


@pytest.mark.parametrize("garbage,reason", [
    ("dear customer,\nyour key is here", "Line 1"),
    ("[Interface]\nPrivateKey = \u202ekey\x07", "Line 2"),
])
def test_what_is_no_profile_is_pasted_and_said_not_to_be(app, host, screen, garbage, reason):
    before = names(host)
    put(app, screen, garbage)
    screen.press("Tunnels", "ctrl+v")
    app.find("label", "Nothing was imported.")
    assert say(app.names("list item"), "Text", reason), app.names("list item")
    screen.press("Import Finished", "Return")
    rig.wait_for(lambda: app.look("frame", "Import Finished") is None, "its end")
    assert names(host) == before


def test_an_empty_clipboard_is_said_to_be(app, screen):
    put(app, screen, "<p>", "text/html")
    screen.press("Tunnels", "ctrl+v")
    app.find("label", "There is no profile, file or picture of a QR code in the clipboard.")


def drag(screen, *points):
    """With the mouse button down from the first to the last."""
    screen.xdotool("mousemove", *points[0], "mousedown", 1)
    for point in points[1:]:
        screen.xdotool("mousemove", *point)
    screen.xdotool("mouseup", 1)


def test_text_is_dropped_on_the_window(app, host, screen, config):
    """From where it can be dragged, which is the search."""
    app.type("entry", "Search tunnels", config)
    screen.press("Tunnels", "ctrl+f")
    app.find("label", "No Tunnel Found")
    screen.picture("not-found")
    screen.press("Tunnels", "ctrl+a")
    place = app.find("entry", "Search tunnels").get_extents(app.atspi.CoordType.WINDOW)
    x, y = place.x + 60, place.y + place.height // 2
    drag(screen, *((x + step * 60, y + step * 50) for step in range(6)))
    app.find("list item", "vpn.example.com 2")
    assert text_of(host, "vpn.example.com 2") == config.strip()


def test_files_are_dropped_on_the_window(app, host, screen, config):
    """Of which two have the same name, and one is no profile."""
    forget(host)
    (host.home / "other").mkdir()
    paths = [host.home / "dropped.conf", host.home / "other/dropped.conf", host.home / "words.conf"]
    for path, text in zip(paths, (config, config, "dear customer")):
        path.write_text(text)
    source = host.popen("/usr/bin/python3", DRAG, *paths, env=app.environment)
    try:
        screen.press("Files to Drag", "shift")
        screen.xdotool("search", "--onlyvisible", "--name", "Files to Drag", "windowmove", 950, 50)
        drag(screen, (1050, 150), (1000, 200), (800, 300), (500, 400), (490, 400))
        app.find("label", "2 profiles imported. 1 could not be.")
        assert say(app.names("list item"), "words.conf", "Line 1")
        assert names(host) == {"dropped", "dropped 2"}
        app.close("frame", "Import Finished")
    finally:
        source.terminate()
        source.wait(rig.TIMEOUT)


def test_hundreds_are_shown_to_come_and_can_be_stopped(app, host, screen, config):
    forget(host)
    data = archive({f"city-{i}.conf": config for i in range(MANY)})
    # A service that takes its time.
    pid = host.service_pid()
    os.kill(pid, signal.SIGSTOP)
    open_file(app, "all.zip", data)
    app.find("frame", "Importing Profiles")
    app.find("label", f"0 of {MANY}")
    screen.picture("import-progress")
    app.do("push button", "Cancel")
    os.kill(pid, signal.SIGCONT)
    app.find("frame", "Import Cancelled")
    app.find("label", "8 profiles imported.")
    assert len(names(host)) == 8
    screen.picture("import-cancelled")
    app.close("frame", "Import Cancelled")
    open_file(app, "all.zip", data)
    rig.wait_for(lambda: len(names(host)) == MANY + 8, "all of them")
    rig.wait_for(lambda: app.look("frame", "Importing Profiles") is None, "the window's end")


def test_an_import_goes_on_with_another_service(app, host, config):
    """And tells what the one that died may not have taken."""
    forget(host)
    rig.wait_for(lambda: not app.look("list item", "city-0"), "nothing")
    pid = host.service_pid()
    os.kill(pid, signal.SIGSTOP)
    open_file(app, "some.zip", archive({f"town-{i}.conf": config for i in range(20)}))
    app.find("label", "0 of 20")
    os.kill(pid, signal.SIGKILL)
    app.find("frame", "Import Finished")
    app.find("label", "12 profiles imported. 8 could not be.")
    assert say(app.names("list item"), "some.zip: town-0.conf", "The wg-wrap service ended before it answered.")
    app.close("frame", "Import Finished")
    assert len(names(host)) == 12


def test_no_key_is_in_what_was_logged(host, config):
    key = config.partition("PrivateKey = ")[2].partition("\n")[0]
    assert key not in host.read_log()
