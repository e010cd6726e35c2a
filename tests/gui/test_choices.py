# SPDX-License-Identifier: GPL-3.0-or-later
"""What is chosen for a tunnel on its page is what the service has, and the other way round."""
import re
import time

import pytest

import rig
from driver import Application

WORK = "/org/wgwrap/WgWrap1/profiles/work"
FORWARDED, PUBLISHED, DNS = "Ports of this computer", "Ports of the tunnel", "Name servers to use"
PAGE = "Web page that tells your address"


@pytest.fixture(scope="module")
def app(host, peer, screen):
    host.import_profile("work", peer.profile())
    made = Application(host, screen)
    yield made
    made.stop()


def entry(app, title):
    return app.find("text", title)


def chosen(host):
    return host.wg_wrap("profile", "set", "work").stdout


def click(app, screen, role, title):
    """In its middle, once the wheel has brought it into the window."""
    def middle():
        place = app.find(role, title).get_extents(app.atspi.CoordType.WINDOW)
        return place.x + place.width // 2, place.y + place.height // 2

    for _ in range(30):
        x, y = middle()
        if 100 < y < 580:
            break
        screen.xdotool("mousemove", 600, 400, "click", "5" if y > 340 else "4")
        time.sleep(0.3)  # as smoothly as it likes
    screen.click(*middle())


def apply(app, screen, title, words):
    """As somebody who clicks there, types it and presses the row's button."""
    click(app, screen, "text", title)
    app.type("text", title, words)
    app.do("push button", "Apply")


def test_what_is_written_is_applied(app, host, screen):
    apply(app, screen, FORWARDED, "5432, 8080")
    rig.wait_for(lambda: "5432, 8080" in chosen(host), "the forwarded ports")
    apply(app, screen, PUBLISHED, "3000")
    rig.wait_for(lambda: "3000" in chosen(host), "the published port")
    apply(app, screen, DNS, "10.6.0.1")
    rig.wait_for(lambda: "10.6.0.1" in chosen(host), "the resolver")
    rig.wait_for(lambda: app.look("label", "names do not resolve") is None, "no word of there being none")
    apply(app, screen, PAGE, "http://10.6.0.1/")
    rig.wait_for(lambda: "http://10.6.0.1/" in chosen(host), "the page")
    screen.picture("choices")


def test_a_tunnel_is_opened_at_login(app, host):
    app.do("check box", "Open this tunnel at login")
    rig.wait_for(lambda: host.wg_wrap("autostart", "work").stdout == "on\n", "the setting")
    assert host.wg_wrap("autostart", "work", "off").returncode == 0
    rig.wait_for(lambda: not app.find("check box", "Open this tunnel at login").get_state_set()
                 .contains(app.atspi.StateType.CHECKED), "what others set, shown")


def test_a_bus_is_chosen(app, host, screen):
    click(app, screen, "combo box", "D-Bus of launched programs")
    screen.picture("choices-bus")
    screen.press("Tunnels", "Down", "Down", "Return")
    rig.wait_for(lambda: re.search("--bus +private ", chosen(host)), "the policy")
    assert host.wg_wrap("profile", "set", "work", "--bus", "shared").returncode == 0
    app.find("label", "Always the session's")
    screen.picture("choices-bus")


def test_what_is_no_port_is_said_to_be_none(app, host, screen):
    apply(app, screen, FORWARDED, "http")
    app.find("label", "Ports are numbers from 1 to 65535")
    app.do("push button", "OK")
    assert "5432, 8080" in chosen(host)


def test_what_is_no_web_page_is_said_to_be_none(app, host, screen):
    apply(app, screen, PAGE, "ftp://10.6.0.1/")
    app.find("label", "is no address of a web page")
    app.do("push button", "OK")
    assert "http://10.6.0.1/" in chosen(host)


def test_what_others_choose_is_shown(app, host):
    answer = host.gdbus("Profile", "SetLocalPorts", "[80]", "[]", path=WORK)
    assert answer.returncode == 0, answer.stderr
    rig.wait_for(lambda: entry(app, PUBLISHED).get_character_count() == 0, "no published port")
    assert host.wg_wrap("up", "work").returncode == 0
    app.find("label", "Port 80 is a privileged one")
    host.wg_wrap("down", "--force", "work")
