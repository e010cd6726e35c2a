# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors by name, each with a word about what to do; and callers that mean no good."""
import os
import re
import subprocess

import pytest

import rig

BASE = "/org/wgwrap/WgWrap1"
WORK = BASE + "/profiles/work"
SESSION = BASE + "/sessions/work"

# What is called, and the error's name. "work" is a profile whose peer does not answer, and is open;
# "idle" one that is not.
ERRORS = [
    (("Manager", "ImportProfile", "new", "[Interface]\nAdress = 10.0.0.1/32\n"), "InvalidProfile"),
    (("Manager", "ImportProfile", "work", "[Interface]\n"), "ProfileExists"),
    (("Manager", "ImportProfile", "../work", "[Interface]\n"), "InvalidArgument"),
    (("Manager", "ImportProfile", "a/b", "[Interface]\n"), "InvalidArgument"),
    (("Manager", "ImportProfile", ".hidden", "[Interface]\n"), "InvalidArgument"),
    (("Manager", "ImportProfile", "a\tb", "[Interface]\n"), "InvalidArgument"),
    (("Manager", "ImportProfile", "x" * 65, "[Interface]\n"), "InvalidArgument"),
    (("Manager", "Launch", "nobody", "['true']", "{}"), "NoSuchProfile"),
    (("Manager", "Launch", "idle", "@as []", "{}"), "InvalidArgument"),
    (("Manager", "Launch", "idle", "['true']", "{'no-such-option': <1>}"), "InvalidArgument"),
    (("Manager", "Launch", "idle", "['true']", "{'wait': <'yes'>}"), "InvalidArgument"),
    (("Manager", "Launch", "idle", "['true']", "{'bus': <'of-mine'>}"), "InvalidArgument"),
    (("Manager", "Launch", "idle", "['true']", "{'env': <{'A=B': 'C'}>}"), "InvalidArgument"),
    (("Manager", "Launch", "work", "['no-such-program']", "{}"), "SpawnFailed"),
    (("Manager", "Launch", "work", "['/etc/passwd']", "{}"), "SpawnFailed"),
    (("Manager", "Launch", "work", "['true']", "{'cwd': <'/no/such/directory'>}"), "SpawnFailed"),
    (("Manager", "Launch", "work", "['true']", "{'wait': <true>, 'timeout': <uint32 1>}"),
     "HandshakeTimeout"),
    (("Manager", "Launch", "lost", "['true']", "{'wait': <true>, 'timeout': <uint32 3>}"),
     "EndpointUnresolved"),
    (("Manager", "LaunchApp", "work", "no.such.Application.desktop", "@as []", "{}"),
     "NoSuchApplication"),
    (("Manager", "OpenUris", "work", "['no-such-scheme://x']", "{}"), "NoSuchApplication"),
    ((WORK, "Profile", "Update", "[Interface]\nPrivateKey = short\n"), "InvalidProfile"),
    ((WORK, "Profile", "Update", ""), "InvalidProfile"),
    ((WORK, "Profile", "Update", " \n\t\n"), "InvalidProfile"),
    ((WORK, "Profile", "Rename", "idle"), "Busy"),
    ((WORK, "Profile", "Remove"), "Busy"),
    ((WORK, "Profile", "CreateLauncher", "no.such.Application.desktop"), "NoSuchApplication"),
    ((WORK, "Profile", "SetLocalPorts", "[0]", "[]"), "InvalidArgument"),
    ((WORK, "Profile", "SetTunnelDns", "['example.com']"), "InvalidArgument"),
    ((WORK, "Profile", "SetBus", "public"), "InvalidArgument"),
    ((WORK, "Profile", "SetAddressPage", "file:///etc/passwd"), "InvalidArgument"),
    ((SESSION, "Session", "Signal", "1", "15"), "InvalidArgument"),
    ((SESSION, "Session", "Launch", "['no-such-program']", "{}"), "SpawnFailed"),
]


def call(host, arguments):
    path, *arguments = arguments if arguments[0].startswith("/") else (BASE, *arguments)
    return host.gdbus(*arguments, path=path)


@pytest.fixture
def service(host, peer):
    silent = peer.profile(endpoint="192.0.2.2:9")
    host.import_profile("work", silent)
    host.import_profile("idle", silent)
    host.import_profile("lost", peer.profile(endpoint="no-such-host.invalid:51820"))
    host.check(host.programs / "wg-wrap", "up", "work")
    return host


def test_each_error_has_its_name_and_advice(service, peer):
    for arguments, name in ERRORS:
        answer = call(service, arguments)
        assert answer.returncode != 0, arguments
        told = re.fullmatch(r"Error: GDBus\.Error:org\.wgwrap\.WgWrap1\.Error\.(\w+): (.+)\n"
                            r"(?:\(.*\)\n)?", answer.stderr, re.S)
        assert told and told[1] == name, (arguments, answer.stderr)
        assert len(told[2].split()) >= 5, (arguments, told[2])
        assert peer.client_private not in answer.stderr and peer.preshared not in answer.stderr
    assert not service.wg_wrap("profile", "show", "new").stdout


def descriptors(host):
    return len(os.listdir(f"/proc/{host.service_pid()}/fd"))


def answers(host):
    return host.gdbus("Manager", "GenerateKey").returncode == 0


def import_from(host, name, file):
    return host.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", BASE, "-m",
                    "org.wgwrap.WgWrap1.Manager.ImportFile", name, "0", stdin=file)


def test_a_file_that_is_none_is_refused(host):
    assert answers(host)
    before, pid = descriptors(host), host.service_pid()
    big, binary = host.directory / "big", host.directory / "binary"
    big.write_bytes(b"#" * ((1 << 20) + 1))
    binary.write_bytes(b"[Interface]\n\xff\xfe\0\n")
    for path in (host.directory, "/dev/zero", big, binary):
        fd = os.open(path, os.O_RDONLY)
        assert import_from(host, "x", fd).returncode != 0, path
        os.close(fd)
    assert host.wg_wrap("profile", "list", "--json").stdout.strip() in ("", "[]")
    assert host.service_pid() == pid
    rig.wait_for(lambda: descriptors(host) <= before, "the descriptors to be closed")


def test_a_file_that_never_ends_keeps_nobody_waiting(host):
    reader, writer = os.pipe()
    waiting = host.popen("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", BASE, "-m",
                         "org.wgwrap.WgWrap1.Manager.ImportFile", "y", "0", stdin=reader,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(5):
        assert answers(host)
    waiting.kill()  # in the middle of its call
    waiting.wait(rig.TIMEOUT)
    os.close(writer)
    os.close(reader)
    assert answers(host)


FIND = ["gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", "/org/wgwrap/WgWrap1/Search", "-m",
        "org.gnome.Shell.SearchProvider2.GetResultMetas", "['work/x.desktop']"]
IN_THE_WAY = {
    "settings": (".config/wg-wrap/settings.ini", "SetBus", "shared"),
    "icon": (".local/share/wg-wrap/icons/org.wgwrap.WgWrap.launcher.work.x.svg", "CreateLauncher", "x.desktop"),
    "entry": (".local/share/applications/x.desktop", None, None),
}


@pytest.mark.parametrize("kind", ["fifo", "huge"])
@pytest.mark.parametrize("case", IN_THE_WAY)
def test_a_file_in_the_way_keeps_nobody_waiting(host, work, case, kind):
    """Whatever a program has left where the service keeps its own."""
    share = host.home / ".local/share"
    (share / "applications").mkdir(parents=True)
    (share / "applications/x.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=X\nExec=true\nIcon={host.home}/x.svg\n")
    (host.home / "x.svg").write_text("<svg/>")
    name, method, argument = IN_THE_WAY[case]
    path = host.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    else:
        with open(path, "wb") as file:
            file.truncate(8 << 30)
    pid = host.service_pid()
    if method:
        answer = host.gdbus("Profile", method, argument, path=f"{BASE}/profiles/{work}")
        # What is the user's own to mend is left; an icon is drawn anew.
        assert ("cannot be read" in answer.stderr) == (case == "settings"), answer.stderr
        assert case == "settings" or (path.is_file() and path.stat().st_size < 4096)
    else:
        assert host.run(*FIND).stdout == "(@aa{sv} [],)\n"
    assert answers(host) and host.service_pid() == pid
    assert rig.resident_kib(pid) < 200000


def test_a_hundred_callers_at_once_are_all_answered(service):
    before = descriptors(service)
    children = [service.popen("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", BASE, "-m",
                              "org.wgwrap.WgWrap1.Manager.Launch", "work", "['true']", "{}",
                              stdout=subprocess.PIPE, text=True) for _ in range(100)]
    pids = {re.search(r"uint32 (\d+)", child.communicate(timeout=60)[0])[1] for child in children}
    assert len(pids) == 100
    rig.wait_for(lambda: descriptors(service) <= before, "the descriptors to be closed")


def test_waiting_for_a_peer_keeps_nobody_else_waiting(service):
    waiting = service.popen("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o", BASE, "-m",
                            "org.wgwrap.WgWrap1.Manager.Launch", "work", "['true']",
                            "{'wait': <true>, 'timeout': <uint32 60>}", stderr=subprocess.DEVNULL)
    for _ in range(5):
        assert answers(service)
    assert waiting.poll() is None
    waiting.kill()
    waiting.wait(rig.TIMEOUT)


# Each handle beside one descriptor, and beside none.
SEND_HANDLE = """
import sys
from gi.repository import Gio, GLib
method, handle, with_one = sys.argv[1], int(sys.argv[2]), len(sys.argv) > 3
body = (GLib.Variant("(sh)", ("x", handle)) if method == "ImportFile" else
        GLib.Variant("(sasa{sv})", ("work", ["true"], {"stdout": GLib.Variant("h", handle)})))
fds = Gio.UnixFDList.new_from_array([0]) if with_one else None
Gio.bus_get_sync(Gio.BusType.SESSION).call_with_unix_fd_list_sync(
    "org.wgwrap.WgWrap1", "/org/wgwrap/WgWrap1", "org.wgwrap.WgWrap1.Manager", method, body, None, 0, -1,
    fds, None)
"""


@pytest.mark.parametrize("method", ["ImportFile", "Launch"])
def test_a_descriptor_that_did_not_come_is_not_looked_for(service, method):
    pid = service.service_pid()
    for arguments in (["0"], ["1", "with one"], ["-1", "with one"], [str(-1 << 31), "with one"]):
        answer = service.run("/usr/bin/python3", "-c", SEND_HANDLE, method, *arguments)
        assert "Error.InvalidArgument" in answer.stderr, answer.stderr
    assert service.service_pid() == pid
    assert "CRITICAL" not in service.read_log()


def test_settings_that_cannot_be_read_are_not_written_over(service):
    settings = service.home / ".config/wg-wrap/settings.ini"
    text = "[Links]\n*.corp.example=work\nno key\n[Profile new]\nForwardedPorts=5432;\n"
    settings.write_text(text)
    changes = (("Manager", "AddLinkRule", "a.example", "work"), (WORK, "Profile", "SetBus", "shared"),
               ("Manager", "ImportProfile", "new", f"[Interface]\nPrivateKey = {rig.genkey()[0]}\n"))
    for arguments in changes:
        answer = call(service, arguments)
        assert f"{settings} cannot be read" in answer.stderr, (arguments, answer.stderr)
    assert settings.read_text() == text
    settings.write_text("")
    for arguments in changes:
        assert call(service, arguments).returncode == 0, arguments


def test_without_the_device_a_machine_and_a_container_are_told_what_to_do(host, peer):
    host.import_profile("work", peer.profile())
    rig.sh("mount", "-t", "tmpfs", "tmpfs", "/dev/net")
    try:
        refused = call(host, ("Manager", "Launch", "work", "['true']", "{}")).stderr
        found = host.wg_wrap("doctor").stdout
    finally:
        rig.sh("umount", "/dev/net")
    assert "org.wgwrap.WgWrap1.Error.NoTunDevice: " in refused, refused
    for words in refused, found:
        assert "sudo modprobe tun" in words and "--device /dev/net/tun" in words, words
