# SPDX-License-Identifier: GPL-3.0-or-later
"""What each verb asks of the service, and what it makes of the answer."""
import json
import os
import re
import stat
import subprocess

import pytest
from gi.repository import GLib

from fake_service import ROOT, Refusal

CONFIG = "[Interface]\nPrivateKey = SECRET\nAddress = 10.0.0.2/32\n"
HOSTILE = "x\x1b]0;owned\x07\u009b31m"
PROBLEM = (2, 14, "error", "bad-key", "This is no key.")
WARNING = (3, 1, "warning", "hook", "PostUp is never run.")


def works(answer=None):
    return lambda path, arguments: answer


def refuses(name, message):
    def refuse(path, arguments):
        raise Refusal(name, message)

    return refuse


def check(done, status=0, stdout="", stderr=""):
    assert (done.returncode, done.stdout, done.stderr) == (status, stdout, stderr)


# Lists and states

def test_list_without_profiles_says_how_to_get_one(home, service):
    done = home.run("profile", "list")
    assert done.returncode == 0 and "wg-wrap profile import" in done.stdout


def test_list_is_aligned_and_marks_the_default(home, service):
    service.add_profile("work")
    service.add_profile("日本", Addresses=["10.0.0.3/32", "fd00::3/128"])
    service.add_profile("bad", Valid=False, Addresses=[], Peers=[])
    service.add_session("work")
    service.objects[ROOT][1]["DefaultProfile"] = "work"
    check(home.run("profile", "list"), stdout=(
        "NAME    STATE      ADDRESSES                 ENDPOINTS\n"
        "bad     invalid                              \n"
        "work *  connected  10.0.0.2/32               vpn.example.com:51820\n"
        "日本    -          10.0.0.3/32, fd00::3/128  vpn.example.com:51820\n"))


def test_list_for_programs(home, service):
    service.add_profile("work")
    service.objects[ROOT][1]["DefaultProfile"] = "work"
    assert json.loads(home.run("profile", "list", "--json").stdout) == [{
        "name": "work", "default": True, "valid": True, "state": "", "public-key": "PUB=",
        "addresses": ["10.0.0.2/32"], "dns": [],
        "tunnel-dns": [], "bus": "", "address-page": "", "forwarded-ports": [], "published-ports": [],
        "peers": [{"public-key": "PEER=", "endpoint": "vpn.example.com:51820",
                   "allowed-ips": ["0.0.0.0/0"]}]}]


def test_status_of_nothing(home, service):
    service.add_profile("work")
    check(home.run("status"), stdout="No tunnel is up.\n")
    check(home.run("status", "work"), stdout="The tunnel “work” is not up.\n")
    check(home.run("status", "--json"), stdout="[]\n")


def test_status_is_for_people(home, service):
    service.add_profile("work")
    service.add_session("work", Held=True, Reason="Because.")
    done = home.run("status")
    assert re.sub(r"1[2-9] s ago", "12 s ago", done.stdout).replace("\u00a0", " ") == (
        "work: connected for 2 min\n"
        "  reason      Because.\n"
        "  addresses   10.0.0.2/32\n"
        "  names       do not resolve, for the profile has no DNS= (see: wg-wrap profile set --dns)\n"
        "  peer        PEER=\n"
        "  endpoint    192.0.2.1:51820\n"
        "  handshake   12 s ago\n"
        "  traffic     1.2 MiB received, 3.3 KiB sent\n"
        "  program     4242 curl\n"
        "  held        until wg-wrap down\n")
    assert home.run("status", "work").stdout.startswith("work: connected")


def test_status_before_the_first_handshake(home, service):
    service.add_profile("work")
    service.add_session("work", State="connecting", Peers=[
        {"public-key": GLib.Variant("s", "PEER="), "last-handshake": GLib.Variant("t", 0)}])
    out = home.run("status").stdout
    assert "endpoint    unknown\n" in out and "handshake   none yet\n" in out


def test_status_says_what_of_the_loopback_is_reached_and_who_is_asked(home, service):
    service.add_profile("work", TunnelDns=["10.0.0.53", "fd00::53"])
    service.add_session("work", LocalPorts=[("forward", 5432, ""), ("publish", 3000, "In use.")])
    out = home.run("status").stdout
    assert "  names       10.0.0.53, fd00::53\n" in out
    assert "  forwarded   5432\n" in out and "  published   In use.\n" in out
    (row,) = json.loads(home.run("status", "--json").stdout)
    assert row["local-ports"] == [["forward", 5432, ""], ["publish", 3000, "In use."]]


def test_set_shows_what_is_chosen(home, service):
    service.add_profile("work", ForwardedPorts=[5432, 8080], TunnelDns=["10.0.0.53"],
                        Bus="private")
    out = home.run("profile", "set", "work").stdout
    assert re.search("--forward +5432, 8080 +ports", out) and re.search("--dns +10.0.0.53", out)
    assert re.search("--bus +private ", out)
    assert not [call for call in service.calls if call[0].startswith("Profile.Set")]


@pytest.mark.parametrize("arguments,calls", [
    (["--forward", "1,65535 22"], [("Profile.SetLocalPorts", ([1, 65535, 22], [3000]))]),
    (["--publish", ""], [("Profile.SetLocalPorts", ([5432], []))]),
    (["--dns", "10.0.0.1, fd00::1"], [("Profile.SetTunnelDns", (["10.0.0.1", "fd00::1"],))]),
    (["--dns", "", "--forward="], [("Profile.SetLocalPorts", ([], [3000])),
                                   ("Profile.SetTunnelDns", ([],))]),
    (["--bus", "shared"], [("Profile.SetBus", ("shared",))]),
    (["--bus="], [("Profile.SetBus", ("",))]),
    (["--address-page", "https://a.example/"], [("Profile.SetAddressPage", ("https://a.example/",))]),
])
def test_set_changes_what_is_named_alone(home, service, arguments, calls):
    service.add_profile("work", ForwardedPorts=[5432], PublishedPorts=[3000])
    check(home.run("profile", "set", "work", *arguments), stdout="")
    assert [call for call in service.calls if call[0].startswith("Profile.Set")] == calls


@pytest.mark.parametrize("ports", ["0", "65536", "-1", "http", "5432-5440", "1;2", "\x1b[1m"])
def test_set_takes_no_ports_that_are_none(home, service, ports):
    service.add_profile("work")
    done = home.run("profile", "set", "work", "--forward", ports)
    assert done.returncode == 2 and "is no port" in done.stderr and "\x1b" not in done.stderr
    assert service.calls == []


def test_status_for_programs(home, service):
    service.add_profile("work")
    service.add_profile("other")
    service.add_session("work")
    (row,) = json.loads(home.run("status", "--json").stdout)
    assert row["profile"] == "work" and row["state"] == "connected"
    assert row["programs"] == [{"pid": 4242, "name": "curl", "desktop-id": ""}]
    assert row["peers"][0]["rx-bytes"] == 1258291
    assert json.loads(home.run("status", "other", "--json").stdout) == []


def test_status_of_a_stranger_fails(home, service):
    done = home.run("status", "none")
    assert done.returncode == 1 and "There is no profile “none”" in done.stderr


def test_what_programs_are_called_cannot_reach_the_terminal(home, service):
    service.add_profile("work")
    service.add_session("work", Programs=[(1, HOSTILE, "")], Reason=HOSTILE)
    out = home.run("status").stdout
    assert "\x1b" not in out and "\x07" not in out and "\u009b" not in out
    assert json.loads(home.run("status", "--json").stdout)[0]["reason"] == HOSTILE


@pytest.mark.parametrize("no_colour,coloured", [(None, True), ("", True), ("1", False)])
def test_colour_only_for_a_terminal_that_wants_it(home, service, no_colour, coloured):
    service.add_profile("work")
    service.add_session("work")
    if no_colour is not None:
        home.environment["NO_COLOR"] = no_colour
    command = ["script", "-qec", f"{home.wg_wrap} status", "/dev/null"]
    done = subprocess.run(command, env=dict(home.environment, TERM="xterm"), capture_output=True,
                          text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert "connected" in done.stdout
    assert ("\x1b[" in done.stdout) == coloured
    assert "\x1b" not in home.run("status").stdout


def test_watch_writes_at_each_change(home, service):
    service.add_profile("work")
    path = service.add_session("work", State="connecting")
    watcher = subprocess.Popen([home.wg_wrap, "status", "--watch", "--json"],
                               env=home.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watcher.stdout.readline())[0]["state"] == "connecting"
        service.change(path, State="connected")
        assert json.loads(watcher.stdout.readline())[0]["state"] == "connected"
        service.change(path, State="stalled", Reason="No answer.")
        assert json.loads(watcher.stdout.readline())[0]["reason"] == "No answer."
        service.add_profile("other")
        service.add_session("other")
        while len(rows := json.loads(watcher.stdout.readline())) < 2:
            pass
        assert [row["profile"] for row in rows] == ["other", "work"]
        service.stop()
        while json.loads(watcher.stdout.readline()) != []:
            pass
    finally:
        watcher.kill()
        watcher.wait()


# Profiles


def test_import_hands_over_the_file_by_descriptor(home, service, tmp_path):
    service.answers["Manager.ImportFile"] = works(GLib.Variant("(o)", (f"{ROOT}/profiles/work",)))
    service.add_profile("work")
    file = tmp_path / "work.conf"
    file.write_text(CONFIG)
    check(home.run("profile", "import", str(file)))
    assert service.calls == [("Manager.ImportFile", ("work", 0))]
    assert service.files == [CONFIG.encode()]


@pytest.mark.parametrize("file,options,name", [
    ("a.conf", [], "a"), ("a", [], "a"), ("a.b.conf", [], "a.b"), ("Zürich 1.conf", [], "Zürich 1"),
    ("a.conf", ["--name", "x"], "x"), ("a.conf", ["-n", "../x"], "../x"), (".conf", [], ""),
])
def test_import_takes_the_name_from_the_file(home, service, tmp_path, file, options, name):
    service.answers["Manager.ImportFile"] = refuses("InvalidArgument", "Enough seen.")
    (tmp_path / file).write_text(CONFIG)
    check(home.run("profile", "import", *options, file, cwd=tmp_path), 1,
          stderr="wg-wrap: Enough seen.\n")
    assert service.calls == [("Manager.ImportFile", (name, 0))]


def test_import_of_what_is_there_says_what_to_do(home, service):
    service.answers["Manager.ImportFile"] = refuses("ProfileExists", "There is a profile already.")
    done = home.run("profile", "import", "-", "--name", "work", input=CONFIG)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "“work”" in done.stderr and "--name" in done.stderr and "wg-wrap profile edit work" in done.stderr


def test_import_from_a_pipe_and_warnings(home, service):
    service.answers["Manager.ImportFile"] = works(GLib.Variant("(o)", (f"{ROOT}/profiles/p",)))
    service.add_profile("p", Problems=[WARNING])
    check(home.run("profile", "import", "-", "--name", "p", input=CONFIG),
          stderr="-:3:1: warning: PostUp is never run.\n")
    assert service.files == [CONFIG.encode()]


@pytest.mark.parametrize("content,complaint", [
    (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
    (b"[Interface]\n\xff\n", ":2:1: This is not UTF-8 text."),
    (b"[Interface]\n\n\0", ":3:1: This is not UTF-8 text."),
    ("[Interface]\n".encode("utf-16"), "iconv -f UTF-16"),
    (b"\xfe\xff" + "[Interface]\n".encode("utf-16-be"), "iconv -f UTF-16"),
    (b"PK\3\4\x14\0\0\0", "is a zip archive. Unpack it"),
])
def test_what_is_no_configuration_stays_out(home, service, tmp_path, content, complaint):
    file = tmp_path / "x.conf"
    file.write_bytes(content)
    for verb in ("import", "check"):
        done = home.run("profile", verb, str(file))
        assert done.returncode == 1 and complaint in done.stderr
    assert service.calls == []


@pytest.mark.parametrize("content", ["", "\n \t\r\n"])
def test_nothing_makes_no_profile(home, service, content):
    """Of a download that failed, for example."""
    done = home.run("profile", "import", "-", "--name", "x", input=content)
    assert done.returncode == 1 and "- is empty" in done.stderr
    assert service.calls == []


def test_a_mistake_in_what_is_imported_is_told_with_its_file(home, service):
    service.answers["Manager.ImportFile"] = refuses("InvalidProfile", "2:14: This is no key.")
    check(home.run("profile", "import", "-", "--name", "x", input=CONFIG), 1,
          stderr="wg-wrap: -:2:14: This is no key.\n")


def test_a_full_mebibyte_goes_in(home, service):
    service.answers["Manager.CheckConfig"] = works(GLib.Variant("(a(uusss))", ([],)))
    check(home.run("profile", "check", "-", input="#" * (1024 * 1024)))
    assert len(service.calls[0][1][0]) == 1024 * 1024


@pytest.mark.parametrize("file", ["/nonexistent", "/", "/proc/self/mem"])
def test_a_file_that_cannot_be_read_is_named(home, service, file):
    done = home.run("profile", "import", file, "--name", "x")
    assert done.returncode == 1
    assert done.stderr.startswith(f"wg-wrap: {file}: ") and done.stderr.count("\n") == 1


def test_check_says_where(home, service, tmp_path):
    service.answers["Manager.CheckConfig"] = works(
        GLib.Variant("(a(uusss))", ([PROBLEM, WARNING],)))
    (tmp_path / "x.conf").write_text(CONFIG)
    check(home.run("profile", "check", "x.conf", cwd=tmp_path), 1, stderr=(
        "x.conf:2:14: error: This is no key.\nx.conf:3:1: warning: PostUp is never run.\n"))
    assert service.calls == [("Manager.CheckConfig", (CONFIG,))]


def test_check_of_warnings_alone_succeeds(home, service):
    service.answers["Manager.CheckConfig"] = works(GLib.Variant("(a(uusss))", ([WARNING],)))
    check(home.run("profile", "check", "-", input=CONFIG),
          stderr="-:3:1: warning: PostUp is never run.\n")


def test_check_of_a_profile(home, service, tmp_path):
    service.add_profile("work", Problems=[PROBLEM], Valid=False)
    check(home.run("profile", "check", "work", cwd=tmp_path), 1,
          stderr="work:2:14: error: This is no key.\n")


@pytest.mark.parametrize("arguments,secrets", [
    (["show", "work"], False), (["show", "work", "--secrets"], True),
    (["export", "work"], True), (["export", "work", "-"], True),
])
def test_show_hides_and_export_does_not(home, service, arguments, secrets):
    service.add_profile("work")
    service.answers["Profile.GetConfig"] = works(GLib.Variant("(s)", (CONFIG,)))
    check(home.run("profile", *arguments), stdout=CONFIG)
    assert service.calls == [("Profile.GetConfig", (secrets,))]


def test_export_makes_a_private_file_and_overwrites_none(home, service, tmp_path):
    service.add_profile("work")
    service.answers["Profile.GetConfig"] = works(GLib.Variant("(s)", (CONFIG,)))
    old = os.umask(0)
    try:
        check(home.run("profile", "export", "work", "out.conf", cwd=tmp_path))
    finally:
        os.umask(old)
    assert (tmp_path / "out.conf").read_text() == CONFIG
    assert stat.S_IMODE((tmp_path / "out.conf").stat().st_mode) == 0o600
    (tmp_path / "out.conf").write_text("mine")
    (tmp_path / "link.conf").symlink_to(tmp_path / "elsewhere")
    for name in ("out.conf", "link.conf"):
        done = home.run("profile", "export", "work", name, cwd=tmp_path)
        assert done.returncode == 1 and f"{name}: File exists" in done.stderr
    assert (tmp_path / "out.conf").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_rename_remove_and_default(home, service):
    service.add_profile("my-work")
    service.answers["Profile.Rename"] = service.answers["Profile.Remove"] = works()
    check(home.run("profile", "rename", "my-work", "new"))
    check(home.run("profile", "remove", "my-work"))
    check(home.run("profile", "default"), stdout="\n")
    check(home.run("profile", "default", "my-work"))
    check(home.run("profile", "default"), stdout="my-work\n")
    assert service.calls == [("Profile.Rename", ("new",)), ("Profile.Remove", ()),
                             ("Set.DefaultProfile", ("my-work",))]


NAMES = ["", "none", "../x", "/", "a\nb", HOSTILE, "x" * 5000, "'; rm -rf /", "--x", "日本"]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("verb", ["up", "down", "profile show", "profile edit", "profile export",
                                  "profile remove", "profile rename", "profile default"])
def test_a_profile_that_is_none_is_named(home, service, verb, name):
    more = ["x"] if verb == "profile rename" else []
    done = home.run(*verb.split(), "--", name, *more)
    assert done.returncode == 1
    assert done.stderr.startswith("wg-wrap: There is no profile “") and done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr
    assert service.calls == []


def test_autostart_is_told_and_set(home, service):
    service.add_profile("work", Autostart=True)
    service.add_profile("home")
    service.answers["Profile.SetAutostart"] = works()
    check(home.run("autostart", "work"), stdout="on\n")
    check(home.run("autostart", "home"), stdout="off\n")
    check(home.run("autostart", "home", "on"))
    check(home.run("autostart", "work", "off"))
    assert service.calls == [("Profile.SetAutostart", (True,)), ("Profile.SetAutostart", (False,))]
    service.answers["Profile.SetAutostart"] = refuses("NotPermitted", "It was not made by wg-wrap.")
    check(home.run("autostart", "work", "off"), 1, stderr="wg-wrap: It was not made by wg-wrap.\n")


def test_keygen_writes_lines_to_paste(home, service):
    service.answers["Manager.GenerateKey"] = works(GLib.Variant("(ss)", ("PRIV=", "PUB=")))
    check(home.run("keygen"), stdout="PrivateKey = PRIV=\nPublicKey = PUB=\n")


# Sessions


@pytest.mark.parametrize("options,asked", [
    ([], {}), (["--wait"], {"wait": True}), (["-w"], {"wait": True}),
    (["--timeout", "9"], {"wait": True, "timeout": 9}),
])
def test_up(home, service, options, asked):
    service.add_profile("work")
    service.answers["Profile.Open"] = works(GLib.Variant("(o)", (f"{ROOT}/sessions/work",)))
    check(home.run("up", "work", *options))
    assert service.calls == [("Profile.Open", (asked,))]


def test_up_passes_on_why_not(home, service):
    service.add_profile("work")
    service.answers["Profile.Open"] = refuses("HandshakeTimeout", "The peer does not answer.")
    check(home.run("up", "work", "-w"), 1, stderr="wg-wrap: The peer does not answer.\n")


def test_down(home, service):
    service.add_profile("work")
    check(home.run("down", "work"), 1, stderr="wg-wrap: The tunnel “work” is not up.\n")
    service.change(f"{ROOT}/profiles/work", Session=f"{ROOT}/sessions/work")  # which has just ended
    check(home.run("down", "work"), 1, stderr="wg-wrap: The tunnel “work” is not up.\n")
    service.add_session("work", Programs=[])
    service.answers["Session.Close"] = works()
    check(home.run("down", "work"))
    assert service.calls == [("Session.Close", (False,))]


def test_down_with_programs_says_what_is_left(home, service):
    service.add_profile("work")
    service.add_session("work")
    service.answers["Session.Close"] = works()
    done = home.run("down", "work")
    assert done.returncode == 0 and "wg-wrap down --force work" in done.stderr
    check(home.run("down", "work", "--force"))
    assert [call[1] for call in service.calls] == [(False,), (True,)]


# Opening


@pytest.fixture
def applications(home):
    directory = home.directory / "home/.local/share/applications"
    directory.mkdir(parents=True)
    (directory / "viewer.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=Viewer\nExec=true %U\n")
    return directory


@pytest.mark.parametrize("arguments,method,asked", [
    (["https://a.example/"], "OpenUris", ["https://a.example/"]),
    (["mailto:x@y", "file:///z"], "OpenUris", ["mailto:x@y", "file:///z"]),
    (["file 1"], "OpenUris", ["file://{cwd}/file%201"]),
    (["./file 1"], "OpenUris", ["file://{cwd}/file%201"]),
    ([b"file\xff"], "OpenUris", ["file://{cwd}/file%FF"]),
    (["viewer"], "LaunchApp", ("viewer.desktop", [])),
    (["viewer.desktop", "file 1"], "LaunchApp", ("viewer.desktop", ["file://{cwd}/file%201"])),
    (["org.example.None.desktop"], "LaunchApp", ("org.example.None.desktop", [])),
    (["here.desktop", "https://a.example/"], "LaunchApp",
     ("{cwd}/here.desktop", ["https://a.example/"])),
])
def test_open_tells_links_files_and_applications(home, service, applications, tmp_path, arguments,
                                                 method, asked):
    service.answers["Manager.OpenUris"] = works(GLib.Variant("()", ()))
    service.answers["Manager.LaunchApp"] = works(
        GLib.Variant("(ou)", (f"{ROOT}/sessions/work", 1)))
    for name in ("file 1", "here.desktop", os.fsdecode(b"file\xff")):
        (tmp_path / name).write_text("")
    check(home.run("open", "work", *arguments, cwd=tmp_path))
    asked = json.loads(json.dumps(asked).replace("{cwd}", str(tmp_path)))
    expected = ("work", *asked) if method == "LaunchApp" else ("work", asked)
    assert service.calls == [(f"Manager.{method}", (*expected, {"cwd": str(tmp_path)}))]


def test_open_passes_action_and_token_on(home, service, applications, tmp_path):
    service.answers["Manager.LaunchApp"] = works(
        GLib.Variant("(ou)", (f"{ROOT}/sessions/work", 1)))
    home.environment["XDG_ACTIVATION_TOKEN"] = "token-1"
    home.environment["DESKTOP_STARTUP_ID"] = "older"
    check(home.run("open", "work", "viewer", "--action", "new-window", "--bus", "private", cwd=tmp_path))
    assert service.calls[0][1][3] == {"cwd": str(tmp_path), "action": "new-window", "bus": "private",
                                      "activation-token": "token-1"}


def test_open_of_nothing_known_fails_here(home, service):
    done = home.run("open", "work", "no-such-thing")
    assert done.returncode == 1 and "no-such-thing" in done.stderr
    assert service.calls == []


# The service is not there, or goes


EVERY = ["up a", "down a", "status", "profile list", "profile show a", "profile remove a",
         "profile check /dev/null", "profile data a", "keygen", "open a http://x/", "profile default",
         "autostart a on", "link list", "link add a b", "link remove a", "link open http://x/", "link browser"]


@pytest.mark.parametrize("line", EVERY)
def test_without_service_each_verb_names_doctor(home, bus, line):
    done = home.run(*line.split())
    assert done.returncode == 1 and done.stdout == ""
    assert "doctor" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("line", EVERY)
def test_without_bus_each_verb_says_so(home, line):
    done = home.run(*line.split())
    assert done.returncode == 1 and done.stdout == ""
    assert "session bus" in done.stderr and done.stderr.count("\n") == 1


def test_with_sudo_it_says_to_leave_that_away(home):
    """Whose root has no session bus, or may not use the user's."""
    done = subprocess.run(["unshare", "--map-root-user", home.wg_wrap, "status"], check=False, capture_output=True,
                          text=True, env={**home.environment, "SUDO_USER": "somebody"}, timeout=30)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "Leave sudo away" in done.stderr


# Editing


def edit(home, script, **options):
    editor = home.directory / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    home.environment["EDITOR"] = str(editor)
    return home.run("profile", "edit", "work", **options)


def left(home):
    return list(home.runtime.glob("wg-wrap-edit-*"))


@pytest.fixture
def editable(service):
    service.add_profile("work")
    service.answers["Profile.GetConfig"] = works(GLib.Variant("(s)", (CONFIG,)))
    service.answers["Manager.CheckConfig"] = lambda path, arguments: GLib.Variant(
        "(a(uusss))", ([PROBLEM] if "bad" in arguments[0] else [WARNING],))
    service.answers["Profile.Update"] = works()
    return service


def updates(service):
    return [arguments[0] for name, arguments in service.calls if name == "Profile.Update"]


def test_edit_hands_in_what_was_written(home, editable):
    done = edit(home, 'stat -c %a "$1" >&2; echo "# new" >>"$1"')
    assert (done.returncode, done.stderr) == \
        (0, done.stderr) and done.stderr.endswith("warning: PostUp is never run.\n")
    assert updates(editable) == [CONFIG + "# new\n"]
    assert done.stderr.startswith("600\n")
    assert left(home) == []


def test_edit_of_nothing_changes_nothing(home, editable):
    done = edit(home, "true")
    assert done.returncode == 0 and "Nothing was changed" in done.stderr
    assert updates(editable) == [] and left(home) == []


def test_edit_with_mistakes_loses_nothing(home, editable):
    done = edit(home, 'echo "bad" >>"$1"')
    assert done.returncode == 1
    assert ":2:14: error: This is no key.\n" in done.stderr
    (copy,) = left(home)
    assert str(copy) in done.stderr and copy.read_text() == CONFIG + "bad\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert updates(editable) == []


@pytest.mark.parametrize("how", ["refused", "editor fails", "editor missing"])
def test_edit_that_fails_loses_nothing(home, editable, how):
    editable.answers["Profile.Update"] = refuses("Busy", "Not now.")
    done = edit(home, 'echo "# new" >>"$1"; ' + {"refused": "true", "editor fails": "exit 3",
                                                 "editor missing": "exec /nonexistent"}[how])
    assert done.returncode == 1
    (copy,) = left(home)
    assert str(copy) in done.stderr and copy.read_text() == CONFIG + "# new\n"


def test_an_editor_that_fails_is_named_and_leaves_no_copy_of_what_was_there(home, editable):
    home.environment["EDITOR"] = "false"
    done = home.run("profile", "edit", "work")
    assert done.returncode == 1
    assert done.stderr.startswith("wg-wrap: The editor “false” failed") and done.stderr.count("\n") == 1
    assert "EDITOR" in done.stderr
    assert updates(editable) == [] and left(home) == []


def test_edit_asks_again_on_a_terminal(home, editable):
    """First a mistake, then Enter, then it is put right."""
    editor = home.directory / "editor"
    editor.write_text('#!/bin/sh\nif grep -q bad "$1"; then sed -i "s/bad/# good/" "$1"; '
                      'else echo bad >>"$1"; fi\n')
    editor.chmod(0o755)
    home.environment["VISUAL"] = str(editor)
    home.environment["EDITOR"] = "false"
    done = subprocess.run(["script", "-qec", f"{home.wg_wrap} profile edit work", "/dev/null"],
                          env=home.environment, input="\n", capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == 0
    assert "error: This is no key." in done.stdout and "Edit again?" in done.stdout
    assert updates(editable) == [CONFIG + "# good\n"] and left(home) == []


def test_edit_takes_an_editor_with_arguments(home, editable):
    home.environment["EDITOR"] = "sed -i 's/SECRET/OTHER/'"
    assert home.run("profile", "edit", "work").returncode == 0
    assert updates(editable) == [CONFIG.replace("SECRET", "OTHER")]
