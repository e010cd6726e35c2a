# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes on the command line: one line, status 2 (125 for run and shell), nothing done. And help
and the manual say the same as the program."""
import re
import subprocess

import pytest
from gi.repository import GLib

import paths

VERBS = ["run", "shell", "open", "up", "down", "status", "logs", "check", "profile list", "profile import",
         "profile show", "profile check", "profile edit", "profile set", "profile data", "profile rename",
         "profile export", "profile remove", "profile default", "link list", "link add", "link remove", "link open",
         "link default", "link browser", "autostart", "keygen", "doctor", "demo", "version", "help"]

MISTAKES = [
    "open", "open work", "up", "up a b", "down", "down a b", "status a b", "status --bogus",
    "logs a b", "logs --bogus", "check", "check a b",
    "profile list x", "profile import", "profile import a b", "profile import -", "profile show",
    "profile show a b", "profile check", "profile edit", "profile set", "profile data a b", "profile data --remove", "profile rename a", "profile rename a b c",
    "profile export", "profile export a b c", "profile remove", "profile remove a b",
    "profile default a b", "link list x", "link add a", "link add a b c", "link remove",
    "link open", "link default x", "link browser a b", "autostart", "autostart a maybe",
    "autostart a on b", "keygen x", "doctor x", "demo x", "version x", "up --timeout", "up a --timeout x",
    "up a --timeout -1", "open work http://x --action a", "--bogus", "help bogus", "runx",
    "profile bogus", "profile bogus --help", "link bogus", "bogus --help", "help profile bogus",
]
RUN_MISTAKES = [
    "run", "run work", "run work --", "run --", "run --profile", "run --profile work",
    "run --profile work --", "run --bogus work true", "run work --wait true", "run --timeout x a b",
    "run --timeout 0 a b", "run --timeout -1 a b", "shell a b", "shell --bogus", "--profile",
    "--profile work",
]


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_status_2(home, service, line):
    service.add_profile("a")
    done = home.run(*line.split(" "))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("wg-wrap: ") and done.stderr.count("\n") == 1
    assert service.calls == []


@pytest.mark.parametrize("line", RUN_MISTAKES)
def test_a_mistake_of_run_is_status_125(home, service, line):
    done = home.run(*line.split(" "))
    assert done.returncode == 125
    assert done.stdout == ""
    assert done.stderr.startswith("wg-wrap: ") and done.stderr.count("\n") == 1
    assert service.calls == []


@pytest.mark.parametrize("verb", ["", "profile"])
def test_half_a_verb_shows_the_whole_ones(home, verb):
    done = home.run(*verb.split())
    assert done.returncode == 2 and done.stdout == ""
    assert "wg-wrap profile list" in done.stderr


@pytest.mark.parametrize("verb", ["profile", "link"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_half_a_verb_is_help(home, verb, option):
    done = home.run(verb, option)
    assert (done.returncode, done.stdout, done.stderr) == (0, home.run("help", verb).stdout, "")
    assert f"wg-wrap {verb} list" in done.stdout


@pytest.mark.parametrize("line,named", [
    ("keygen x", "x"), ("profile list y", "y"), ("up a b", "b"), ("profile bogus", "“profile bogus”"),
    ("help bogus", "“bogus”"), ("bogus more", "“bogus”")])
def test_a_mistake_is_named(home, service, line, named):
    assert f"{named} (see: wg-wrap help" in home.run(*line.split()).stderr


@pytest.mark.parametrize("line,help", [("bogus", "help"), ("help bogus", "help"), ("profile bogus", "help profile"),
                                       ("help link bogus", "help link"), ("check", "help check")])
def test_a_mistake_names_the_help_for_it(home, line, help):
    assert f"(see: wg-wrap {help})" in home.run(*line.split()).stderr


@pytest.mark.parametrize("line", ["help", "version", "keygen", "profile list", "profile show a", "profile export a",
                                  "status", "status --json", "profile default"])
def test_what_cannot_be_written_is_no_success(home, service, line):
    """As on a full disk, where a file of keys would be empty."""
    service.add_profile("a")
    service.answers["Profile.GetConfig"] = lambda path, arguments: GLib.Variant("(s)", ("[Interface]\n",))
    service.answers["Manager.GenerateKey"] = lambda path, arguments: GLib.Variant("(ss)", ("PRIVATE", "PUBLIC"))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([home.wg_wrap, *line.split()], env=home.environment, stdin=subprocess.DEVNULL,
                              stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("wg-wrap: ") and "disk full" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", [b"\xff\xfe", b"a\xffb"])
@pytest.mark.parametrize("verb", ["run", "shell", "open", "up", "down", "status", "logs",
                                  "profile show", "profile edit", "profile set", "profile data", "profile export", "profile remove",
                                  "profile rename", "profile default"])
def test_a_name_that_is_no_text_is_refused_not_fatal(home, service, verb, name):
    more = {"run": [b"true"], "open": [b"http://example.com/"], "profile rename": [b"x"]}
    done = home.run(*verb.encode().split(), name, *more.get(verb, []), text=False)
    assert done.returncode in (1, 2, 125)
    assert done.stderr.startswith(b"wg-wrap: ") and done.stderr.count(b"\n") == 1
    assert service.calls == []


@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "xx_XX.bogus"])
def test_any_locale_will_do(home, locale):
    home.environment["LANG"] = locale
    assert home.run("version").stdout.startswith("wg-wrap ")


# Help and manual


def help_verbs(home):
    text = home.run("help").stdout
    # The operands begin with a capital or a bracket.
    return re.findall(r"^  wg-wrap ([a-z]+(?: [a-z]+)?)", text, re.M)


def options_of(text):
    return {o for o in re.findall(r"(?<![\w-])(--[a-z]+)", text)} - {"--help"}


def manual():
    """As text without bold and underline, a line for each of the manual's."""
    text = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=1000", paths.MANUAL], check=True,
                          capture_output=True, text=True).stdout
    return re.sub(".\b", "", text)


def manual_of(verb):
    """The options that the manual's section of a verb names."""
    section = re.search(rf"^     wg-wrap {verb}(?: .*|)\n((?:\n|       .*\n)*)", manual_commands(),
                        re.M)
    assert section, f"the manual has nothing about {verb}"
    return section.group(0)


def manual_commands():
    return re.search(r"^COMMANDS\n(.*?)^[A-Z]", manual(), re.M | re.S).group(1)


def test_help_lists_every_verb(home):
    assert help_verbs(home) == VERBS


def test_the_manual_has_every_verb_and_no_other(home):
    synopses = re.findall(r"^     wg-wrap (.*)", manual_commands(), re.M)
    assert len(synopses) == len(VERBS)
    for synopsis, verb in zip(synopses, VERBS):
        assert f"{synopsis} ".startswith(f"{verb} ")


@pytest.mark.parametrize("verb", VERBS)
def test_the_manual_has_the_options_that_help_has(home, verb):
    done = home.run("help", *verb.split())
    assert done.returncode == 0 and done.stderr == ""
    assert options_of(done.stdout) == options_of(manual_of(verb))
    assert home.run(*verb.split(), "--help").stdout == done.stdout


@pytest.mark.parametrize("page", paths.MANUALS, ids=lambda page: page.name)
def test_the_manuals_are_clean(page):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True,
                          text=True)
    # Other projects' manuals need not be on this machine, and ours are not installed yet.
    left = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
    assert left == []
