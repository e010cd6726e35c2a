# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session's life leaves in the log, with everything real; and that no key is in it."""
import base64
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading

import rig


def read(host, *arguments):
    """[(severity, message)]"""
    rows = json.loads(host.check(host.programs / "wg-wrap", "logs", "--json", *arguments))
    times = [row["time"] for row in rows]
    assert times == sorted(times)
    return [(row["severity"], row["message"]) for row in rows]


def wait_for_entry(host, pattern, severity="info", skip=0):
    """The index of the first that matches, of those after the first `skip`."""
    def find():
        for index, (its, message) in enumerate(read(host, "work")):
            if index >= skip and its == severity and re.fullmatch(pattern, message):
                return index + 1
        return None
    try:
        return rig.wait_for(find, pattern) - 1
    except AssertionError:
        raise AssertionError(f"{pattern} is not in {read(host, 'work')[skip:]}") from None


def kill(host, name):
    pid, = host.processes(name)[name]
    os.kill(pid, signal.SIGKILL)


def edit(host, change):
    path = host.home / ".config/wg-wrap/profiles/work.conf"
    path.write_text(change(path.read_text()))


def forms(*keys):
    """Each key as base64 and as hexadecimal digits, whole and in part."""
    for key in keys:
        for text in (key, base64.b64decode(key).hex()):
            yield text.rstrip("=")
            yield text[:16]


def test_a_profile_that_is_renamed_keeps_its_log(host, work):
    assert host.wg_wrap("run", work, "--", "true").returncode == 0
    assert host.wg_wrap("down", work).returncode == 0
    wait_for_entry(host, r"The tunnel is closed\.")
    before = host.check(host.programs / "wg-wrap", "logs", "--json", work)
    host.check(host.programs / "wg-wrap", "profile", "rename", work, "home")
    assert host.check(host.programs / "wg-wrap", "logs", "--json", "home").replace(
        '"home"', '"work"') == before
    # One of the same name is another.
    host.import_profile(work, host.check(host.programs / "wg-wrap", "profile", "export", "home"))
    assert read(host, work) == []


def test_a_life_and_no_key_in_it(host, peer, work):
    child = host.popen(host.programs / "wg-wrap", "run", work, "--", "sleep", "600")
    short = peer.public[:8] + "…"
    built = wait_for_entry(host, r"The tunnel is built: addresses 10\.6\.0\.2/32, fd06::2/128, "
                                 r"DNS 10\.6\.0\.1, MTU \d+\.")
    at = wait_for_entry(host, r"Connecting\.", skip=built)
    at = wait_for_entry(host, rf"Handshake with the peer {re.escape(short)} at 192\.0\.2\.2:51820\.",
                        skip=at)
    at = wait_for_entry(host, r"Connected\.", skip=at)
    # Before or after that: who joins does not wait for it.
    at = max(at, wait_for_entry(host, rf"sleep joined \(process {child.pid}\)\.", skip=built))

    launched = host.gdbus("Manager", "Launch", work, "['sh', '-c', 'exit 3']", "{}")
    pid = re.search(r"uint32 (\d+)", launched.stdout)[1]
    at = wait_for_entry(host, rf"sh was launched \(process {pid}\)\.", skip=at)
    at = wait_for_entry(host, rf"Process {pid}: sh ended with status 3", "warning", skip=at)
    assert host.gdbus("Manager", "Launch", work, "['no-such-program']", "{}").returncode != 0
    at = wait_for_entry(host, "“no-such-program” cannot be started: .*", "error", skip=at)

    kill(host, "wg-wrap-engine")
    at = wait_for_entry(host, r"Stalled\. The WireGuard engine has ended, .*", "warning", skip=at)
    at = wait_for_entry(host, r"The WireGuard engine runs again\.", skip=at)
    at = wait_for_entry(host, r"Handshake with the peer .*", skip=at)
    at = wait_for_entry(host, r"Connected\.", skip=at)

    stranger, other = rig.genkey()
    preshared = rig.sh("wg", "genpsk")
    added = f"[Peer]\nPublicKey = {other}\nPresharedKey = {preshared}\nAllowedIPs = 10.9.0.0/16\n"
    edit(host, lambda text: text.replace("[Peer]", "MTU = 1300\n[Peer]").replace(
        "10.6.0.2/32", "10.6.0.2/32, 10.6.0.9/32") + added)
    at = wait_for_entry(host, r"Changed over to the edited profile: addresses 10\.6\.0\.2/32, "
                              r"10\.6\.0\.9/32, fd06::2/128, MTU 1300, peer "
                        + re.escape(other[:8]) + r"… added\.", skip=at)
    edit(host, lambda text: text.replace(added, "").replace(peer.preshared, preshared))
    at = wait_for_entry(host, r"Changed over to the edited profile: peer " + re.escape(other[:8]) +
                        r"… removed, peer " + re.escape(short) + r" changed\.", skip=at)
    edit(host, lambda text: text.replace(preshared, peer.preshared))
    at = wait_for_entry(host, r"Changed over to the edited profile: peer .* changed\.", skip=at)
    edit(host, lambda text: text.replace(peer.client_private, stranger + stranger))
    at = wait_for_entry(host, r"The profile was edited, but the tunnel stays as it was: 2:\d+: .*",
                        "warning", skip=at)
    edit(host, lambda text: text.replace(stranger + stranger, peer.client_private))
    rig.wait_for(lambda: json.loads(host.wg_wrap("profile", "list", "--json").stdout)[0]["valid"],
                 "the profile to be valid again")

    kill(host, "wg-wrap-supervi")
    at = wait_for_entry(host, r"The tunnel's supervisor died; another one starts\.", "warning",
                        skip=at)
    at = wait_for_entry(host, r"This supervisor has taken over .*", skip=at)
    at = wait_for_entry(host, r"Connected\.", skip=at)
    rig.sh("ip", "route", "add", "default", "via", "192.0.2.2")
    at = wait_for_entry(host, r"The network has changed: .*", skip=at)
    rig.sh("ip", "route", "del", "default", "via", "192.0.2.2")

    assert host.wg_wrap("up", work).returncode == 0
    at = wait_for_entry(host, r"The tunnel is held open, .*", skip=at)
    assert host.wg_wrap("down", "--force", work).returncode == 0
    child.wait(rig.TIMEOUT)
    at = wait_for_entry(host, r"The tunnel closes, and ends the programs in it: it was told to\.",
                        skip=at)
    at = wait_for_entry(host, rf"sleep has ended \(process {child.pid}\)\.", skip=at)
    wait_for_entry(host, r"The tunnel is closed\.", skip=at)

    entries = "\n".join(message for _, message in read(host))
    for form in forms(peer.client_private, peer.preshared, preshared, stranger, peer.private):
        assert form.lower() not in entries.lower()
        assert form.lower() not in host.read_log().lower()


def test_a_name_that_does_not_resolve_and_one_that_does(host, peer):
    host.import_profile("work", peer.profile(endpoint="no-such-host.invalid:51820"))
    assert host.wg_wrap("up", "work").returncode == 0
    at = wait_for_entry(host, r"The name no-such-host\.invalid does not resolve\. .*", "warning")
    edit(host, lambda text: text.replace("no-such-host.invalid", "localhost"))
    wait_for_entry(host, rf"The name of the peer {re.escape(peer.public[:8])}… has resolved to "
                         r"(127\.0\.0\.1|::1)\.", skip=at)


def test_a_name_is_told_of_no_more_once_the_profile_has_an_address(host, peer):
    host.import_profile("work", peer.profile(endpoint="no-such-host.invalid:51820"))
    assert host.wg_wrap("up", "work").returncode == 0
    rig.wait_for(lambda: "no-such-host.invalid" in host.status("work")["reason"], "the reason")
    edit(host, lambda text: text.replace("no-such-host.invalid:51820", "192.0.2.2:9"))
    rig.wait_for(lambda: host.status("work")["reason"] == "", "it to be taken back")


def test_a_peer_that_moves(host, peer, work):
    assert host.wg_wrap("up", work).returncode == 0
    at = wait_for_entry(host, r"Connected\.")
    peer.sh("wg", "set", "wgp", "listen-port", "51999")
    peer.sh("ping", "-n", "-c", "1", "-w", "10", peer.CLIENT4)
    wait_for_entry(host, rf"The peer {re.escape(peer.public[:8])}… has moved to "
                         r"192\.0\.2\.2:51999\.", skip=at)


def test_a_start_that_failed_is_in_the_log(host, peer):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        host.import_profile("work", peer.profile(extra=f"ListenPort = {taken.getsockname()[1]}"))
        failed = host.wg_wrap("up", "work")
    assert failed.returncode == 1
    reason = failed.stderr.removeprefix("wg-wrap: ").strip()
    assert read(host, "work") == [("error", f"The tunnel did not start: {reason}")]


def test_a_new_service_knows_what_the_session_knows(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    at = wait_for_entry(host, r"Connected\.")
    before = read(host, work)
    follower = host.popen(host.programs / "wg-wrap", "logs", "-f", "--json", stdout=subprocess.PIPE,
                          text=True)
    for _ in before:
        follower.stdout.readline()
    os.kill(host.service_pid(), signal.SIGKILL)
    rig.wait_for(lambda: host.service_pid() is None, "the bus to notice")
    assert read(host, work)[:len(before)] == before
    assert host.wg_wrap("down", work).returncode == 0
    wait_for_entry(host, r"The tunnel is closed\.", skip=at)
    told = [json.loads(follower.stdout.readline()) for _ in read(host, work)[len(before):]]
    follower.kill()
    follower.wait(rig.TIMEOUT)
    follower.stdout.close()
    assert [(row["severity"], row["message"]) for row in told] == read(host, work)[len(before):]


def test_a_log_goes_with_its_profile(host, work):
    assert host.wg_wrap("up", work).returncode == 0
    assert host.wg_wrap("down", work).returncode == 0
    wait_for_entry(host, r"The tunnel is closed\.")
    config = host.wg_wrap("profile", "show", "--secrets", work).stdout
    assert host.wg_wrap("profile", "remove", work).returncode == 0
    host.import_profile("work", config)
    assert read(host, work) == []


class Journal:
    """As journald(8) is found: by what the standard error is connected to, and then by datagrams."""

    def __init__(self):
        os.makedirs("/run/systemd/journal", exist_ok=True)
        self.stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.stream.bind("/run/systemd/journal/stdout")
        self.stream.listen()
        self.datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.datagrams.bind("/run/systemd/journal/socket")
        for name in ("stdout", "socket"):
            os.chmod(f"/run/systemd/journal/{name}", 0o666)
        self.entries = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while data := self.datagrams.recv(65536):
            self.entries.append(self.parse(data))

    @staticmethod
    def parse(data):
        """https://systemd.io/JOURNAL_NATIVE_PROTOCOL/"""
        entry = {}
        while data:
            line, _, data = data.partition(b"\n")
            name, equals, value = line.partition(b"=")
            if not equals:
                length, = struct.unpack("<Q", data[:8])
                value, data = data[8:8 + length], data[8 + length + 1:]
            entry[name.decode()] = value.decode()
        return entry

    def connect(self):
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        end.connect("/run/systemd/journal/stdout")
        return end

    def of(self, profile):
        return [(entry["PRIORITY"], entry["MESSAGE"]) for entry in self.entries
                if entry.get("WG_WRAP_PROFILE") == profile]

    def stop(self):
        for name in ("stdout", "socket"):
            os.unlink(f"/run/systemd/journal/{name}")
        self.datagrams.shutdown(socket.SHUT_RDWR)
        self.thread.join(rig.TIMEOUT)
        self.datagrams.close()
        self.stream.close()


def test_the_journal_has_it_by_the_profile(host, peer):
    journal = Journal()
    with journal.connect() as end:
        service = host.popen(host.programs / "wg-wrapd", stderr=end)
        rig.wait_for(host.service_pid, "the service")
        host.import_profile("work", peer.profile())
        host.import_profile("other", peer.profile(extra="ListenPort = 22"))
        assert host.wg_wrap("run", "work", "--", "true").returncode == 0
        assert host.wg_wrap("up", "other").returncode == 1
        wait_for_entry(host, r"Connected\.")
        # Which takes what comes in its own time.
        rig.wait_for(lambda: ("6", "work: Connected.") in journal.of("work"), "the journal's entry")
        (priority, message), = rig.wait_for(lambda: journal.of("other"), "the other one's")
        assert priority == "3" and message.startswith("other: The tunnel did not start: ")
        assert host.wg_wrap("down", "work").returncode == 0
        service.terminate()
        service.wait(rig.TIMEOUT)
    journal.stop()
