# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's peer: what it builds, tells, serves and leaves behind. And wg-wrap demo, which puts the
two views side by side and cleans up. The whole of it, with the engine, is in tests/end-to-end."""
import base64
import configparser
import json
import os
import pathlib
import select
import signal
import subprocess
import threading

import pytest
from gi.repository import GLib
from nacl.public import PrivateKey

from fake_service import ROOT, Refusal, escape

STAND_IN = pathlib.Path(__file__).with_name("engine_stand_in.py")


@pytest.fixture
def stand_in(home):
    engine = home.programs / "wg-wrap-engine"
    engine.unlink(missing_ok=True)
    engine.write_text(f"#!/bin/sh\nexec /usr/bin/python3 {STAND_IN} \"$@\"\n")
    engine.chmod(0o755)
    return engine


class Peer:
    def __init__(self, home, *options):
        self.program = str(home.programs / "wg-wrap-demo-peer")
        self.environment = home.environment
        self.process = subprocess.Popen(
            [self.program, *options], env=dict(home.environment, ENGINE_REPORT="1"), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.config = self.process.stdout.read().decode()
        self.engine = json.loads(self.process.stderr.readline())

    def inside(self, *command):
        """Run it in the peer's box."""
        pidfd = os.pidfd_open(self.process.pid)
        joiner = os.path.join(os.path.dirname(self.program), "wg-wrap-join")
        try:
            return subprocess.run([joiner, str(pidfd), *command], pass_fds=[pidfd],
                                  env=self.environment, capture_output=True, text=True, timeout=30)
        finally:
            os.close(pidfd)

    def wait(self):
        """Its exit status; its standard input stays open until then."""
        return self.process.wait(30)


@pytest.fixture
def peer(home, stand_in):
    started = Peer(home)
    yield started
    started.process.kill()
    started.wait()


def gone(pid):
    """Whether the process ends soon, if it has not yet."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    ended = bool(poll.poll(20000))
    os.close(pidfd)
    return ended


def parse(config):
    parser = configparser.ConfigParser()
    parser.read_string(config)
    return parser


def test_the_configuration_is_the_engines_other_half(peer):
    config = parse(peer.config)
    told = dict(line.split("=", 1) for line in peer.engine["told"].split())
    client = PrivateKey(base64.b64decode(config["Interface"]["PrivateKey"]))
    server = PrivateKey(bytes.fromhex(told["private_key"]))
    assert told["set"] == "1" and told["allowed_ip"] == "10.99.0.2/32"
    assert bytes.fromhex(told["public_key"]) == bytes(client.public_key)
    assert base64.b64decode(config["Peer"]["PublicKey"]) == bytes(server.public_key)
    assert config["Interface"]["Address"] == "10.99.0.2/32"
    assert config["Peer"]["AllowedIPs"] == "10.99.0.1/32"
    assert config["Peer"]["Endpoint"] == "127.0.0.1:%d" % peer.engine["udp4"][1]


def test_the_engine_gets_what_the_contract_says(peer):
    assert peer.engine["fds"] == sorted(
        f"{name}-fd" for name in ("tun", "udp4", "udp6", "uapi", "public-uapi", "event"))
    assert peer.engine["tun"] == "wg0"
    assert peer.engine["udp4"][0] == "127.0.0.1"
    assert peer.engine["net"] != os.readlink("/proc/self/ns/net")
    # 0 to 2, and five of those six: there is no IPv6 socket.
    assert len(peer.engine["open"]) == 3 + 5


def test_every_peer_has_keys_of_its_own(home, stand_in, peer):
    other = Peer(home)
    keys = [parse(config)["Interface"]["PrivateKey"] for config in (peer.config, other.config)]
    other.process.kill()
    other.wait()
    assert keys[0] != keys[1]


def test_the_page_says_where_one_came_from(peer):
    done = peer.inside(peer.program, "--fetch=http://10.99.0.1/")
    assert (done.returncode, done.stdout) == (0, "You came from 10.99.0.1\n")


def test_curl_gets_text_and_a_browser_html(peer):
    text = peer.inside("curl", "-si", "--max-time", "10", "http://10.99.0.1/anything?x")
    assert text.stdout.endswith("\n\nYou came from 10.99.0.1\n")
    assert "Content-Type: text/plain" in text.stdout
    html = peer.inside("curl", "-si", "--max-time", "10", "-H", "Accept: text/html,*/*",
                       "http://10.99.0.1/")
    assert "Content-Type: text/html" in html.stdout and "<!doctype html>" in html.stdout
    assert "You came from 10.99.0.1" in html.stdout


def test_a_client_that_sends_nonsense_harms_nobody(peer):
    script = ("import socket; s = socket.create_connection(('10.99.0.1', 80), 10);"
              "s.sendall(%s); s.shutdown(1); print(len(s.recv(4096)))")
    for nonsense, answered in (("b''", "0"), ("b'\\0' * 20000 + b'\\r\\n\\r\\n'", "0")):
        assert peer.inside("/usr/bin/python3", "-c", script % nonsense).stdout.strip() in (
            answered, "")
    test_the_page_says_where_one_came_from(peer)


def test_the_page_is_not_outside(home, peer):
    done = subprocess.run([peer.program, "--fetch=http://10.99.0.1/"], env=home.environment,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("wg-wrap-demo-peer: ")


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "SIGINT", "SIGKILL"])
def test_nothing_outlives_it(peer, how):
    if how == "stdin":
        peer.process.stdin.close()
    else:
        peer.process.send_signal(getattr(signal, how))
    status = peer.wait()
    assert status == (-9 if how == "SIGKILL" else 0)
    assert gone(peer.engine["pid"])


def test_a_lifetime_ends_it(home, stand_in):
    peer = Peer(home, "--lifetime=1")
    assert peer.wait() == 0
    assert gone(peer.engine["pid"])


def test_blocked_signals_of_the_parent_do_not_matter(home, stand_in):
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
    old = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        peer = Peer(home)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
    peer.process.send_signal(signal.SIGTERM)
    assert peer.wait() == 0 and gone(peer.engine["pid"])


def test_it_does_not_outlive_its_engine(peer):
    os.kill(peer.engine["pid"], signal.SIGKILL)
    assert peer.wait() == 1


@pytest.mark.parametrize("how", ["missing", "refuses", "dies"])
def test_an_engine_that_fails_is_told(home, stand_in, how):
    if how == "missing":
        stand_in.unlink()
    elif how == "dies":
        stand_in.write_text("#!/bin/sh\nexit 1\n")
    home.environment["ENGINE_ERRNO"] = "22" if how == "refuses" else "0"
    done = subprocess.run([str(home.programs / "wg-wrap-demo-peer")], env=home.environment,
                          capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The engine could not be configured" in done.stderr


@pytest.mark.parametrize("url", ["https://10.99.0.1/", "http://example.com/", "10.99.0.1", "",
                                 "http://", "file:///etc/passwd"])
def test_fetch_takes_addresses_only(home, url):
    done = subprocess.run([str(home.programs / "wg-wrap-demo-peer"), f"--fetch={url}"],
                          env=home.environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1


# wg-wrap demo


@pytest.fixture
def demo(home, service, stand_in):
    """The service's part of a demo that works; the page's words are put into the pipe."""
    service.page = "You came from 10.99.0.2\n"

    def import_file(path, arguments):
        if f"{ROOT}/profiles/{escape(arguments[0])}" in service.objects:
            raise Refusal("ProfileExists", "There is one.")
        service.add_profile(arguments[0])
        service.add_session(arguments[0])
        return GLib.Variant("(o)", (f"{ROOT}/profiles/{escape(arguments[0])}",))

    def launch(path, arguments):
        os.write(service.descriptors[0], service.page.encode())
        for fd in service.descriptors:
            os.close(fd)
        return GLib.Variant("(ou)", (f"{ROOT}/sessions/demo", 4711))

    service.raw.add("Manager.Launch")
    service.answers.update({"Manager.ImportFile": import_file, "Manager.Launch": launch,
                            "Session.Close": lambda *_: None, "Profile.Remove": lambda *_: None})
    return service


def names(service):
    return [name for name, _ in service.calls]


def test_demo_shows_both_views_and_cleans_up(home, demo):
    done = home.run("demo")
    assert done.returncode == 0, done.stderr
    assert "In the tunnel:  You came from 10.99.0.2\n" in done.stdout
    assert "Outside:        wg-wrap-demo-peer: " in done.stdout
    assert "It works" in done.stdout
    assert names(demo) == ["Manager.ImportFile", "Manager.Launch", "Session.Close",
                           "Profile.Remove"]
    launch = dict(demo.calls)["Manager.Launch"]
    assert launch[0] == "demo" and launch[1][1:] == ["--fetch=http://10.99.0.1/"]
    assert launch[2]["wait"] is True
    assert b"PrivateKey" in demo.files[0]
    assert dict(demo.calls)["Session.Close"] == (True,)


def test_demo_takes_a_free_name(home, demo):
    demo.add_profile("demo")
    demo.add_profile("demo-2")
    assert home.run("demo").returncode == 0
    imports = [arguments[0] for name, arguments in demo.calls if name == "Manager.ImportFile"]
    assert imports == ["demo", "demo-2", "demo-3"]


@pytest.mark.parametrize("page", ["You came from 127.0.0.1\n", "", "\x1b[31mYou came from 10.99.0.2\n",
                                  "wg-wrap-demo-peer: Network is unreachable\n"])
def test_demo_that_does_not_work_says_so(home, demo, page):
    demo.page = page
    done = home.run("demo")
    assert done.returncode == 1
    assert "It does not work here" in done.stdout and "\x1b" not in done.stdout
    assert names(demo)[-2:] == ["Session.Close", "Profile.Remove"]


@pytest.mark.parametrize("method,left", [
    ("Manager.ImportFile", []), ("Manager.Launch", ["Session.Close", "Profile.Remove"]),
    ("Profile.Remove", ["Profile.Remove"]),
])
def test_demo_that_is_refused_cleans_up_and_fails(home, demo, method, left):
    def refuse(path, arguments):
        raise Refusal("LimitReached", "Too many.")

    demo.answers[method] = refuse
    done = home.run("demo")
    assert done.returncode == 1 and done.stderr == "wg-wrap: Too many.\n"
    assert names(demo)[len(demo.calls) - len(left):] == left


def test_ctrl_c_cleans_up(home, demo):
    asked = threading.Event()

    def hang(path, arguments):
        demo.held = list(demo.descriptors)
        asked.set()
        return GLib.Variant("(ou)", (f"{ROOT}/sessions/demo", 4711))

    demo.answers["Manager.Launch"] = hang
    process = subprocess.Popen([home.wg_wrap, "demo"], env=home.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    assert asked.wait(20)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 1
    assert names(demo)[-2:] == ["Session.Close", "Profile.Remove"]
    for fd in demo.held:
        os.close(fd)


def test_demo_without_a_service_says_so(home, bus, stand_in):
    done = home.run("demo")
    assert done.returncode == 1 and "doctor" in done.stderr
