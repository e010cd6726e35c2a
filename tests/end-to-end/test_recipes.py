# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of which there is one copy for each data directory: by its recipe, what is started in a
tunnel has a directory, and so a copy, of its own."""
import json
import os
import stat

import pytest

import rig

# Whoever comes first to a data directory listens there, and does what later ones ask of it.
PROGRAM = """#!/usr/bin/python3
import json, os, pathlib, socket, sys
name, arguments = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
data = pathlib.Path.home() / {"firefox": ".mozilla", "chromium": ".config/chromium",
                              "slack": ".config/Slack", "mine": ".mine"}[name]
for word, following in zip(arguments, arguments[1:] + [""]):
    data = pathlib.Path(following) if word == "--profile" else data
    data = pathlib.Path(word[16:]) if word.startswith("--user-data-dir=") else data
data.mkdir(parents=True, exist_ok=True)
os.chdir(data)
request = json.dumps({"name": name, "arguments": arguments, "environment": dict(os.environ)})
meeting = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try:
    meeting.connect("copy")
    meeting.send(request.encode())
    sys.exit(0)
except OSError:
    pass
pathlib.Path("copy").unlink(missing_ok=True)
meeting.bind("copy")
while True:
    done = {**json.loads(request), "data": str(data), "net": os.readlink("/proc/self/ns/net"),
            "pid": os.getpid(), "found": sorted(os.listdir("."))}
    with open(pathlib.Path.home() / "log", "a") as log:
        log.write(json.dumps(done) + "\\n")
    request = meeting.recv(65536)
"""
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nExec={program} %U\nMimeType=x-scheme-handler/{name};\n"
OUTSIDE = os.readlink("/proc/self/ns/net")


class Desktop:
    def __init__(self, host):
        self.host = host
        self.log = host.home / "log"
        self.private = host.home / ".local/share/wg-wrap/private"
        self.copies = []
        applications = host.home / ".local/share/applications"
        applications.mkdir(parents=True)
        (host.home / "bin").mkdir()
        for name in ("firefox", "chromium", "slack", "mine"):
            self.program(name).write_text(PROGRAM)
            self.program(name).chmod(0o700)
            (applications / f"{name}.desktop").write_text(
                ENTRY.format(name=name, program=self.program(name)))

    def program(self, name):
        return self.host.home / "bin" / name

    def start_outside(self, name):
        self.copies.append(self.host.popen(self.program(name), "outside"))
        return self.wait_for(1)

    def wait_for(self, count):
        """What the latest of so many requests was done with."""
        rig.wait_for(lambda: self.log.exists() and len(self.log.read_text().splitlines()) >= count,
                     f"request {count}")
        lines = self.log.read_text().splitlines()
        assert len(lines) == count
        return json.loads(lines[-1])

    def launch(self, name, *arguments, options="{}"):
        words = ", ".join(f"'{word}'" for word in (self.program(name), *arguments))
        answer = self.host.gdbus("Manager", "Launch", "work", f"[{words}]", options)
        assert answer.returncode == 0, (answer.stderr, self.host.read_log())

    def write_recipe(self, text):
        directory = self.host.home / ".config/wg-wrap/recipes"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "mine.ini").write_text(text)


@pytest.fixture
def desktop(host, work):
    made = Desktop(host)
    yield made
    for copy in made.copies:
        copy.kill()
        copy.wait(rig.TIMEOUT)


def open_by_id(desktop, name):
    answer = desktop.host.gdbus("Manager", "LaunchApp", "work", f"{name}.desktop",
                                "['https://example.com/']", "{}")
    assert answer.returncode == 0, answer.stderr


def open_by_verb(desktop, name):
    assert desktop.host.wg_wrap("open", "work", name, "https://example.com/").returncode == 0


def open_by_link(desktop, name):
    (desktop.host.home / ".config/mimeapps.list").write_text(
        f"[Default Applications]\nx-scheme-handler/https={name}.desktop\n")
    assert desktop.host.wg_wrap("open", "work", "https://example.com/").returncode == 0


@pytest.mark.parametrize("name", ["firefox", "chromium", "slack"])
@pytest.mark.parametrize("way", [
    open_by_id, open_by_verb, open_by_link,
    lambda desktop, name: desktop.launch(name, "https://example.com/")],
    ids=["by-id", "by-verb", "by-link", "by-command"])
def test_the_copy_outside_is_not_reached_and_the_one_inside_is(desktop, name, way):
    outside = desktop.start_outside(name)
    way(desktop, name)
    first = desktop.wait_for(2)
    assert first["net"] != OUTSIDE == outside["net"]
    assert first["arguments"][-1] == "https://example.com/"
    assert first["environment"]["WG_WRAP_PROFILE"] == "work"
    way(desktop, name)
    second = desktop.wait_for(3)
    assert (second["pid"], second["data"]) == (first["pid"], first["data"])
    desktop.host.wg_wrap("down", "--force", "work")


@pytest.mark.parametrize("name,arguments,data", [
    ("firefox", ["--profile", "{private}/work/firefox", "x"], "work/firefox"),
    ("chromium", ["--user-data-dir={private}/work/chromium", "x"], "work/chromium"),
    ("slack", ["x"], "work/slack/.config/Slack"),
])
def test_a_profiles_data_is_private_and_kept(desktop, name, arguments, data):
    directory = desktop.private / data
    for count in (1, 2):
        desktop.launch(name, "x")
        done = desktop.wait_for(count)
        assert done["arguments"] == [word.format(private=desktop.private) for word in arguments]
        assert (directory / "copy").exists() and stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert ("kept" in done["found"]) == (count == 2)
        (directory / "kept").write_text("")
        assert desktop.host.wg_wrap("down", "--force", "work").returncode == 0
    theirs = desktop.host.home / ".config/Slack"
    assert not (desktop.host.home / ".mozilla").exists() and \
        (not theirs.exists() or os.listdir(theirs) == [])


def test_a_profiles_data_goes_with_it_to_its_new_name(desktop):
    (desktop.private / "work/firefox").mkdir(parents=True)
    (desktop.private / "work/firefox/kept").write_text("")
    assert desktop.host.wg_wrap("profile", "rename", "work", "home").returncode == 0
    assert (desktop.private / "home/firefox/kept").exists()
    (desktop.private / "work/firefox").mkdir(parents=True)
    (desktop.private / "work/firefox/theirs").write_text("")
    assert desktop.host.wg_wrap("profile", "rename", "home", "work").returncode == 0
    assert os.listdir(desktop.private / "work/firefox") == ["theirs"]
    assert "cannot become" in desktop.host.read_log()


def test_what_is_kept_is_told_and_deleted(desktop):
    host, theirs = desktop.host, desktop.host.home / "theirs"
    theirs.mkdir()
    (theirs / "precious").write_text("")
    for count, name in ((1, "firefox"), (2, "slack")):
        desktop.launch(name, "x")
        desktop.wait_for(count)
    for name, data in (("firefox", "firefox"), ("slack", "slack/.config/Slack")):
        (desktop.private / "work" / data / "link").symlink_to(theirs)
        (desktop.private / "work" / data / "kept").write_text("x" * 100000)
    told = json.loads(host.wg_wrap("profile", "data", "work", "--json").stdout)
    assert [row["recipe"] for row in told] == ["firefox", "slack"]
    assert (told[1]["name"], told[1]["desktop-id"]) == ("slack", "slack.desktop")
    assert all(row["size"] >= 100000 and row["changed"] > 0 and not row["removed"] for row in told)

    # One is told its directory, the other has it over its own; neither loses it.
    for options in (["--remove", "firefox"], ["--remove", "slack"], ["--remove-all"]):
        done = host.wg_wrap("profile", "data", "work", *options)
        assert done.returncode == 1 and "End that program first" in done.stderr, done.stderr
    assert (desktop.private / "work/slack/.config/Slack/kept").exists()
    assert host.wg_wrap("down", "--force", "work").returncode == 0
    host.popen(host.programs / "wg-wrap", "run", "work", "sleep", "60")
    rig.wait_for(lambda: host.status("work"), "another program in the tunnel")
    done = host.wg_wrap("profile", "data", "work", "--remove", "slack")
    assert done.returncode == 0, done.stderr
    assert os.listdir(desktop.private / "work") == ["firefox"]
    done = host.wg_wrap("profile", "data", "work", "--remove-all")
    assert (done.returncode, os.listdir(desktop.private)) == (0, []), done.stderr
    assert (theirs / "precious").exists()
    assert "keep nothing" in host.wg_wrap("profile", "data", "work").stdout
    host.wg_wrap("down", "--force", "work")


def test_what_is_kept_outlasts_the_profile_until_it_is_deleted(desktop):
    host = desktop.host
    for name in ("work/firefox", "other/firefox"):
        (desktop.private / name).mkdir(parents=True)
    assert host.wg_wrap("profile", "remove", "work").returncode == 0
    told = host.wg_wrap("profile", "data").stdout
    assert "work (removed)   firefox" in told and "other (removed)  firefox" in told
    done = host.wg_wrap("profile", "data", "none")
    assert done.returncode == 1 and "There is no profile" in done.stderr
    assert host.wg_wrap("profile", "data", "work", "--remove", "firefox").returncode == 0
    assert os.listdir(desktop.private) == ["other"]
    host.import_profile("other", "[Interface]\nPrivateKey = %s\n" % rig.genkey()[0])
    assert host.wg_wrap("profile", "remove", "other", "--data").returncode == 0
    assert os.listdir(desktop.private) == []


def test_a_directory_is_covered_for_that_program_alone(desktop):
    theirs = desktop.host.home / ".config/Slack"
    theirs.mkdir(parents=True)
    (theirs / "mark").write_text("")
    desktop.launch("slack")
    assert "mark" not in desktop.wait_for(1)["found"]
    assert desktop.host.wg_wrap("run", "work", "ls", theirs).stdout == "mark\n"
    desktop.host.wg_wrap("down", "--force", "work")


def test_exact_argv_is_left_alone(desktop):
    """By `run`, and by a launch that asks for it."""
    for count, start in ((1, lambda: desktop.copies.append(desktop.host.popen(
            desktop.host.programs / "wg-wrap", "run", "work", desktop.program("firefox"), "x"))),
                         (2, lambda: desktop.launch("firefox", "x", options="{'recipe': <false>}"))):
        start()
        done = desktop.wait_for(count)
        assert done["arguments"] == ["x"]
        assert done["data"] == str(desktop.host.home / ".mozilla")
    assert not desktop.private.exists()
    desktop.host.wg_wrap("down", "--force", "work")


def test_a_recipe_of_the_users_own(desktop):
    desktop.write_recipe("[mine]\nCommands=mine\nSetEnvironment=MINE=%u;\nUnsetEnvironment=LANG\n"
                         "Arguments=a;100%%\nBus=private\nPrivateDirectories=.mine\n")
    desktop.launch("mine", "x")
    done = desktop.wait_for(1)
    assert done["arguments"] == ["a", "100%", "x"]
    assert done["environment"]["MINE"] == f"file://{desktop.private}/work/mine"
    assert "LANG" not in done["environment"]
    assert not done["environment"]["DBUS_SESSION_BUS_ADDRESS"].startswith(
        desktop.host.environment["DBUS_SESSION_BUS_ADDRESS"])
    assert (desktop.private / "work/mine/.mine/copy").exists()
    assert os.listdir(desktop.host.home / ".mine") == []
    desktop.host.wg_wrap("down", "--force", "work")
    # The caller's word on the bus and on a variable is the last.
    desktop.launch("mine", "x", options="{'bus': <'shared'>, 'setenv': <{'MINE': 'theirs'}>}")
    done = desktop.wait_for(2)
    assert done["environment"]["MINE"] == "theirs"
    assert done["environment"]["DBUS_SESSION_BUS_ADDRESS"].startswith(
        desktop.host.environment["DBUS_SESSION_BUS_ADDRESS"])
    desktop.host.wg_wrap("down", "--force", "work")


def test_without_its_recipe_which_has_a_mistake_a_program_is_not_launched(desktop):
    desktop.write_recipe("[mine]\nCommands=mine\nArguments=a\nPrivateDirectories=../../etc\n")
    mistake = '[mine]: PrivateDirectories: "../../etc" is no plain path'
    refused = desktop.host.gdbus("Manager", "Launch", "work", "['mine', 'x']", "{}")
    assert refused.returncode != 0 and mistake in refused.stderr, refused.stderr
    assert mistake in desktop.host.read_log()
    # Unless that is what is asked for. Others are launched as ever.
    desktop.launch("mine", "x", options="{'recipe': <false>}")
    assert desktop.wait_for(1)["arguments"] == ["x"]
    desktop.write_recipe("[mine]\nCommands=mine\nPrivateDirectories=../../etc\n[other\n")
    (desktop.host.home / ".config/wg-wrap/recipes/a.ini").write_text("[a]\nBus=x\n")
    doctor = desktop.host.wg_wrap("doctor").stdout
    assert "~/.config/wg-wrap/recipes/a.ini: [a]: Bus is" in doctor and "man wg-wrap-recipes" in doctor
    assert "[other" in doctor and doctor.count("FAIL  Recipes") == 2
    desktop.write_recipe("[mine]\nCommands=mine\n")
    (desktop.host.home / ".config/wg-wrap/recipes/a.ini").unlink()
    assert "ok    Recipes" in desktop.host.wg_wrap("doctor").stdout
    desktop.host.wg_wrap("down", "--force", "work")
