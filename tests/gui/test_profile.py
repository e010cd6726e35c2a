# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tunnel's menu does to a profile, in the dark style; no tunnel runs."""
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
