# SPDX-License-Identifier: GPL-3.0-or-later
"""What Tab offers after "wg-wrap …", in the shells themselves."""
import os
import pathlib
import pty
import re
import select
import subprocess
import time

import pytest

COMPLETIONS = pathlib.Path(os.environ["WG_WRAP_TEST_SOURCE"]) / "data/completions"
TIMEOUT = 30

# The words typed, the last of them in part; and what is offered among others.
CASES = [
    (["sta"], ["status"]),
    (["profile", "im"], ["import"]),
    (["run", "w"], ["work"]),
    (["up", ""], ["work", "home"]),
    (["down", "h"], ["home"]),
    (["logs", "h"], ["home"]),
    (["check", "h"], ["home"]),
    (["profile", "export", "wo"], ["work"]),
    (["profile", "set", "wo"], ["work"]),
    (["profile", "set", "work", "--"], ["--forward", "--publish", "--dns", "--bus"]),
    (["profile", "set", "work", "--bus", "p"], ["private"]),
    (["open", "work", "--"], ["--action", "--bus"]),
    (["profile", "data", "wo"], ["work"]),
    (["profile", "data", "go"], ["gone"]),
    (["profile", "data", "work", "--remove", "fire"], ["firefox"]),
    (["profile", "data", "work", "--re"], ["--remove", "--remove-all"]),
    (["profile", "remove", "--da"], ["--data"]),
    (["link", "a"], ["add"]),
    (["autostart", "wo"], ["work"]),
    (["autostart", "work", "o"], ["on", "off"]),
    (["link", "add", "a.example", "wo"], ["work"]),
    (["link", "browser", "org.example.V"], ["org.example.Viewer.desktop"]),
    (["open", "work", "org.example.V"], ["org.example.Viewer.desktop"]),
    (["help", ""], ["run", "profile"]),
    (["help", "profile", ""], ["import", "default"]),
    (["help", "link", "b"], ["browser"]),
]


@pytest.fixture
def home(tmp_path):
    profiles = tmp_path / ".config/wg-wrap/profiles"
    profiles.mkdir(parents=True)
    for name in ("work", "home", "to the office"):
        (profiles / f"{name}.conf").touch()
    for kept in ("work/firefox", "work/signal", "gone/slack"):
        (tmp_path / ".local/share/wg-wrap/private" / kept).mkdir(parents=True)
    applications = tmp_path / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "org.example.Viewer.desktop").touch()
    return tmp_path


def environment(home):
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8",
            "TERM": "dumb"}


def bash(home, words, *before):
    script = (f"{' '.join(before)} . {COMPLETIONS}/wg-wrap.bash; COMP_WORDS=(wg-wrap \"$@\"); "
              "COMP_CWORD=$#; _wg_wrap; printf '%s\\n' \"${COMPREPLY[@]}\"")
    return subprocess.run(["bash", "--norc", "-c", script, "bash", *words], env=environment(home),
                          cwd=home, check=True, stdout=subprocess.PIPE, text=True,
                          timeout=TIMEOUT).stdout.splitlines()


def fish(home, words):
    line = " ".join(["wg-wrap", *words])
    answer = subprocess.run(
        ["fish", "--no-config", "-c", f"source {COMPLETIONS}/wg-wrap.fish; complete -C {line!r}"],
        env=environment(home), cwd=home, check=True, stdout=subprocess.PIPE, text=True,
        timeout=TIMEOUT).stdout
    return [offer.partition("\t")[0] for offer in answer.splitlines()]


class Zsh:
    """At a terminal: its completion works nowhere else."""

    def __init__(self, home):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            os.execve("/usr/bin/zsh", ["zsh", "-f", "-i"], environment(home))
        self.seen = ""
        self.type(f"fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; compinit -u -D; "
                  "PS1='rea''dy> '\n")
        self.expect("ready> ")  # from the line editor: before that, the terminal would eat Ctrl-D

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, text):
        deadline = time.monotonic() + TIMEOUT
        while text not in self.seen:
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                pytest.fail(f"no {text!r} in {self.seen!r}")
            self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", os.read(self.fd, 65536).decode())

    def offer(self, words, wanted):
        """Ctrl-D lists. With a word in part the whole must appear; what is typed does not count."""
        self.seen = ""
        self.type(" ".join(["wg-wrap", *words]) + "\x04")
        for word in sorted(wanted):
            self.expect(word)
        self.type("\x15")

    def stop(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


@pytest.mark.parametrize("words,wanted", CASES)
def test_bash(home, words, wanted):
    assert set(wanted) <= set(bash(home, words))


@pytest.mark.parametrize("words,wanted", CASES)
def test_fish(home, words, wanted):
    assert set(wanted) <= set(fish(home, words))


@pytest.mark.parametrize("words,wanted", CASES)
def test_zsh(home, words, wanted):
    zsh = Zsh(home)
    zsh.offer(words, wanted)
    zsh.stop()


def test_a_profile_with_spaces_is_one_word(home):
    assert bash(home, ["up", "to"]) == [r"to\ the\ office"]
    assert "to the office" in [offer.replace("\\", "") for offer in fish(home, ["up", "to"])]


@pytest.mark.parametrize("words", [["run", "work", "unsh"], ["run", "work", "--", "unsh"],
                                   ["run", "-p", "work", "unsh"], ["run", "--", "unsh"],
                                   ["run", "--wait", "work", "unsh"]])
def test_commands_are_commands(home, words):
    assert "unshare" in bash(home, words)
    assert "unshare" in fish(home, words)
    zsh = Zsh(home)
    zsh.offer(words, ["unshare"])
    zsh.stop()


def verbs():
    helped = helps()
    found = set(re.findall(r"^  wg-wrap (\S+)(?: ([a-z]+)\b)?", helped, re.M))
    assert len(found) > 15
    return found


def helps(*verb):
    return subprocess.run([os.environ["WG_WRAP_TEST_CLI"], "help", *verb], check=True, text=True,
                          stdout=subprocess.PIPE, env={"LANG": "C.UTF-8"}).stdout


def test_every_option_is_offered(home):
    """By all three, as `wg-wrap help VERB` knows them."""
    zsh = Zsh(home)
    seen = 0
    for pair in sorted(verbs()):
        words = [word for word in pair if word]
        options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", helps(*words), re.M)) - {"--help"}
        if options:
            assert options <= set(bash(home, [*words, "--"])), words
            assert options <= set(fish(home, [*words, "--"])), words
            # Typed as far as the one dash goes, so that what is typed is none of them.
            zsh.offer([*words, "-"], options)
            seen += len(options)
    zsh.stop()
    assert seen > 25


@pytest.mark.parametrize("words", [["up", "--timeout", ""], ["profile", "import", "--name", ""],
                                   ["run", "--timeout", ""]])
def test_a_value_that_nobody_knows_is_left_to_the_user(home, words):
    assert bash(home, words) == [""]


@pytest.mark.parametrize("words", [["run", "work", "grep", "-p", "to"], ["run", "work", "--", "grep", "--bus", "pr"]])
def test_options_of_a_command_are_the_command_s_own(home, words):
    assert bash(home, words) == [""]


def test_every_verb_is_offered():
    """By all three, as `wg-wrap help` knows them."""
    for name in ("wg-wrap.bash", "_wg-wrap", "wg-wrap.fish"):
        text = (COMPLETIONS / name).read_text()
        missing = [word for pair in verbs() for word in pair
                   if word and not re.search(rf"\b{word}\b", text)]
        assert missing == [], name
