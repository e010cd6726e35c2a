# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of the loopback that the user has chosen, in both directions, and no other."""
import json
import os
import signal
import socket

import pytest

import rig

# Upper case comes back, once all was said; and then the connection is closed.
SHOUT = """
import socket, sys, threading
def serve(connection):
    said = b"".join(iter(lambda: connection.recv(65536), b""))
    connection.sendall(said.upper())
    connection.close()
def listen(family, address, port):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(1000)
    return listener
def loop(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],)).start()
port = int(sys.argv[1])
listeners = [listen(socket.AF_INET, "127.0.0.1", port)] if "4" in sys.argv[2] else []
listeners += [listen(socket.AF_INET6, "::1", port)] if "6" in sys.argv[2] else []
print("ready", flush=True)
for listener in listeners:
    threading.Thread(target=loop, args=(listener,)).start()
"""
# Says so many bytes to address:port at so many connections at once; prints what came back of each.
TALK = """
import socket, sys, threading
address, port, size, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
text = (b"abcdefghijklmno\\n" * (size // 16 + 1))[:size]
def talk(results):
    try:
        with socket.create_connection((address, port), 60) as connection:
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        results.append("good" if answer == text.upper() else f"{len(answer)} bytes")
    except OSError as error:
        results.append(type(error).__name__)
results = []
threads = [threading.Thread(target=talk, args=(results,)) for _ in range(n)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*sorted(set(results)))
"""
FORWARDED, PUBLISHED, OTHER = 5432, 3000, 5433


class Side:
    """Where servers and clients are: this machine, or the session."""

    def __init__(self, host, prefix=()):
        self.host, self.prefix, self.servers = host, prefix, []

    def serve(self, port, families="46"):
        server = self.host.popen(*self.prefix, "/usr/bin/python3", "-c", SHOUT, str(port), families,
                                 stdout=-1)
        assert server.stdout.readline() == b"ready\n"
        self.servers.append(server)
        return server

    def talk(self, port, address="127.0.0.1", size=1000, n=1):
        return self.host.check(*self.prefix, "/usr/bin/python3", "-c", TALK, address, str(port),
                               str(size), str(n), timeout=120)

    def stop(self):
        for server in self.servers:
            server.kill()
            server.wait(rig.TIMEOUT)


@pytest.fixture
def outside(host):
    made = Side(host)
    yield made
    made.stop()


@pytest.fixture
def inside(host, work):
    made = Side(host, (host.programs / "wg-wrap", "run", work, "--"))
    yield made
    made.stop()
    host.wg_wrap("down", "--force", work)
    host.assert_nothing_is_left()


def choose(host, forwarded="[]", published="[]"):
    answer = host.gdbus("Profile", "SetLocalPorts", forwarded, published,
                        path="/org/wgwrap/WgWrap1/profiles/work")
    assert answer.returncode == 0, answer.stderr


def relays(host):
    return host.processes("wg-wrap-relay")["wg-wrap-relay"]


def problems(host):
    status = host.status("work")
    return {(row[0], row[1]): row[2] for row in status["local-ports"]} if status else None


def settled(host, *wanted):
    """These ports are there, and all is well with them."""
    rig.wait_for(lambda: problems(host) == dict.fromkeys(wanted, ""), (wanted, problems(host)))


def up(host):
    assert host.wg_wrap("up", "work").returncode == 0


def test_by_default_no_port_is_reached(host, inside, outside):
    up(host)
    outside.serve(FORWARDED)
    inside.serve(PUBLISHED)
    assert inside.talk(FORWARDED) == inside.talk(FORWARDED, "::1") == "ConnectionRefusedError"
    assert outside.talk(PUBLISHED) == outside.talk(PUBLISHED, "::1") == "ConnectionRefusedError"
    assert problems(host) == {} and relays(host) == []


def test_chosen_ports_are_reached_both_ways_and_no_other(host, inside, outside):
    choose(host, f"[{FORWARDED}]", f"[{PUBLISHED}]")
    with rig.Capture() as capture:
        up(host)
        outside.serve(FORWARDED)
        outside.serve(OTHER)
        inside.serve(PUBLISHED)
        settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
        for address in "127.0.0.1", "::1":
            assert inside.talk(FORWARDED, address) == "good"
            assert outside.talk(PUBLISHED, address) == "good"
        assert inside.talk(OTHER) == "ConnectionRefusedError"
        assert outside.talk(OTHER + 1) == "ConnectionRefusedError"
    assert not [packet for packet in capture.other_than_udp("192.0.2.2", 51820)
                if packet[1] != 6 or "127.0.0.1" not in packet and "::1" not in packet]


@pytest.mark.parametrize("families,address", [("4", "::1"), ("6", "127.0.0.1")])
def test_a_server_of_one_family_is_reached_by_the_other(host, inside, outside, families, address):
    choose(host, f"[{FORWARDED}]", f"[{PUBLISHED}]")
    up(host)
    outside.serve(FORWARDED, families)
    inside.serve(PUBLISHED, families)
    settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
    assert inside.talk(FORWARDED, address) == outside.talk(PUBLISHED, address) == "good"


def test_much_goes_through_many_connections_at_once(host, inside, outside):
    choose(host, f"[{FORWARDED}]", f"[{PUBLISHED}]")
    up(host)
    outside.serve(FORWARDED)
    inside.serve(PUBLISHED)
    settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
    assert inside.talk(FORWARDED, size=20_000_000) == "good"
    assert outside.talk(PUBLISHED, size=20_000_000) == "good"
    # More than there may be at a time: they come one after the other.
    assert inside.talk(FORWARDED, size=1000, n=400) == "good"
    assert outside.talk(PUBLISHED, size=1000, n=400) == "good"


def test_nobody_behind_a_port_is_told_at_once(host, inside, outside):
    choose(host, f"[{FORWARDED}]", f"[{PUBLISHED}]")
    up(host)
    settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
    assert inside.talk(FORWARDED) == outside.talk(PUBLISHED) == "ConnectionResetError"


def test_a_choice_applies_to_a_running_session_and_spares_what_stays(host, inside, outside):
    choose(host, f"[{FORWARDED}]")
    up(host)
    outside.serve(FORWARDED)
    inside.serve(PUBLISHED)
    settled(host, ("forward", FORWARDED))
    talker = host.popen(*inside.prefix, "/usr/bin/python3", "-c",
                        "import socket, sys\n"
                        f"connection = socket.create_connection(('127.0.0.1', {FORWARDED}))\n"
                        "print('ready', flush=True); sys.stdin.read()\n"
                        "connection.sendall(b'still here'); connection.shutdown(socket.SHUT_WR)\n"
                        "print(connection.recv(100))", stdin=-1, stdout=-1)
    assert talker.stdout.readline() == b"ready\n"
    choose(host, f"[{FORWARDED}]", f"[{PUBLISHED}]")
    settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
    assert outside.talk(PUBLISHED) == "good"
    choose(host, "[]", f"[{PUBLISHED}]")
    rig.wait_for(lambda: inside.talk(FORWARDED) == "ConnectionRefusedError", "the relay to shut it")
    assert talker.communicate(timeout=rig.TIMEOUT)[0] == b"b'STILL HERE'\n"
    choose(host)
    rig.wait_for(lambda: outside.talk(PUBLISHED) == "ConnectionRefusedError", "the relay to shut it")
    rig.wait_for(lambda: relays(host) == [], "the relay's end")


def test_a_port_in_use_and_a_privileged_one_are_named(host, inside, outside):
    taken = outside.serve(PUBLISHED)
    choose(host, "[80]", f"[{PUBLISHED}]")
    up(host)
    rig.wait_for(lambda: all((problems(host) or {}).get(port) for port in
                             (("publish", PUBLISHED), ("forward", 80))), "both problems")
    assert f"uses port {PUBLISHED}" in problems(host)["publish", PUBLISHED]
    assert "privileged" in problems(host)["forward", 80]
    assert f"uses port {PUBLISHED}" in host.wg_wrap("logs", "work").stdout
    taken.kill()
    rig.wait_for(lambda: problems(host)["publish", PUBLISHED] == "", "the port's turn")
    inside.serve(PUBLISHED)
    assert outside.talk(PUBLISHED) == "good"


@pytest.mark.parametrize("victims", [("wg-wrapd",), ("wg-wrapd", "wg-wrap-relay"),
                                     ("wg-wrap-supervi",)], ids="-".join)
def test_it_comes_back_whoever_is_killed(host, inside, outside, victims):
    choose(host, f"[{FORWARDED}]", f"[{PUBLISHED}]")
    up(host)
    outside.serve(FORWARDED)
    inside.serve(PUBLISHED)
    settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
    before = relays(host)
    killed = [pid for victim in victims for pid in host.processes(victim)[victim]]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    if victims == ("wg-wrapd",):
        assert inside.talk(FORWARDED) == outside.talk(PUBLISHED) == "good"
        assert relays(host) == before
    # To ask calls for the next wg-wrapd, unless the bus has yet to see that the last one is dead.
    rig.wait_for(lambda: host.wg_wrap("status").returncode == 0 and host.service_pid() not in killed,
                 "the next wg-wrapd")
    if victims != ("wg-wrapd",):
        rig.wait_for(lambda: relays(host) and relays(host) != before, "another relay")
    settled(host, ("forward", FORWARDED), ("publish", PUBLISHED))
    assert inside.talk(FORWARDED) == outside.talk(PUBLISHED) == "good"


def test_with_the_session_everything_is_gone(host, inside, outside):
    choose(host, published=f"[{PUBLISHED}]")
    up(host)
    inside.serve(PUBLISHED)
    settled(host, ("publish", PUBLISHED))
    open_one = socket.create_connection(("127.0.0.1", PUBLISHED))
    assert host.wg_wrap("down", "--force", "work").returncode == 0
    assert outside.talk(PUBLISHED) == "ConnectionRefusedError"
    open_one.settimeout(rig.TIMEOUT)
    with pytest.raises(ConnectionResetError):
        if open_one.recv(1) == b"":
            raise ConnectionResetError
    host.assert_nothing_is_left()


def test_a_program_inside_gets_nothing_from_the_relay(host, inside, outside):
    """It is in sight, being of the same user, and has sockets of this machine."""
    choose(host, f"[{FORWARDED}]")
    up(host)
    settled(host, ("forward", FORWARDED))
    relay, = relays(host)
    script = ("import ctypes, os\n"
              f"pidfd = os.pidfd_open({relay})\n"
              "libc = ctypes.CDLL(None, use_errno=True)\n"
              "print([libc.syscall(438, pidfd, fd, 0) for fd in range(8)])\n"
              f"try: print(os.listdir('/proc/{relay}/fd'))\n"
              "except PermissionError: print('no')\n")
    said = host.check(*inside.prefix, "/usr/bin/python3", "-c", script)
    assert said == f"{[-1] * 8}\nno"


@pytest.mark.parametrize("forwarded,published", [("[0]", "[]"), ("[]", "[0]"), ("[70000]", "[]"),
                                                 (str(list(range(2000, 2033))), "[]"),
                                                 ("['a']", "[]")])
def test_what_is_no_port_changes_nothing(host, work, forwarded, published):
    choose(host, "[5432]", "[3000]")
    path = "/org/wgwrap/WgWrap1/profiles/work"
    answer = host.gdbus("Profile", "SetLocalPorts", forwarded, published, path=path)
    assert answer.returncode != 0
    settings = (host.home / ".config/wg-wrap/settings.ini").read_text()
    assert settings == "[Profile work]\nForwardedPorts=5432;\nPublishedPorts=3000;\n"


def test_choices_go_with_their_profile(host, peer):
    def row(name):
        listed = json.loads(host.wg_wrap("profile", "list", "--json").stdout)
        return [(p["forwarded-ports"], p["published-ports"]) for p in listed if p["name"] == name]

    host.import_profile("work", peer.profile())
    choose(host, "[5432]", "[3000]")
    for name in "[ö] %5B", "work":
        former = "work" if name != "work" else "[ö] %5B"
        assert host.wg_wrap("profile", "rename", former, name).returncode == 0
        assert row(name) == [([5432], [3000])] and row(former) == []
    assert host.wg_wrap("profile", "remove", "work").returncode == 0
    assert (host.home / ".config/wg-wrap/settings.ini").read_text().strip() == ""
    # Removed by somebody else while no service ran, which therefore cannot know of it.
    host.import_profile("work", peer.profile())
    choose(host, "[5432]")
    (host.home / ".config/wg-wrap/profiles/work.conf").unlink()
    rig.wait_for(lambda: row("work") == [], "its disappearance")
    host.import_profile("work", peer.profile())
    assert row("work") == [([], [])]


def test_nonsense_in_the_settings_is_nothing(host, work):
    settings = host.home / ".config/wg-wrap/settings.ini"
    settings.write_text("[Profile work]\nForwardedPorts=0;99999;-1;5432;5432;x;\n"
                        "PublishedPorts=3000;3000;70000;\nTunnelDns=a;\n")
    pid = host.service_pid()
    os.kill(pid, signal.SIGTERM)
    rig.wait_for(lambda: host.service_pid() != pid, "its end")
    up(host)
    settled(host, ("publish", PUBLISHED))
    host.wg_wrap("down", "--force", work)
