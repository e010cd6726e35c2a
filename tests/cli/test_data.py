# SPDX-License-Identifier: GPL-3.0-or-later
"""profile data: what programs keep for profiles, listed and removed."""
import json

import pytest
from gi.repository import GLib

from test_verbs import HOSTILE, check, refuses, works


def test_remove_takes_the_data_along_if_asked_to(home, service):
    service.add_profile("work")
    service.answers["Profile.Remove"] = service.answers["Manager.RemovePrivateData"] = works()
    check(home.run("profile", "remove", "work", "--data"))
    assert service.calls == [("Profile.Remove", ()), ("Manager.RemovePrivateData", ("work", []))]


def data(**values):
    kinds = {"removed": "b", "size": "t", "changed": "t"}
    return {name: GLib.Variant(kinds.get(name, "s"), value) for name, value in values.items()}


def keeps(*rows):
    return works(GLib.Variant("(aa{sv})", ([data(**row) for row in rows],)))


def test_data_is_for_people(home, service):
    now = GLib.get_real_time() // 1000000
    firefox = {"profile": "work", "removed": False, "recipe": "firefox", "name": "Firefox ESR",
               "desktop-id": "firefox-esr.desktop", "size": 12345678, "changed": now - 7300}
    mine = {"profile": "old", "removed": True, "recipe": "mine", "name": HOSTILE, "desktop-id": "",
            "size": 0, "changed": now - 300000}
    service.answers["Manager.ListPrivateData"] = keeps(firefox)
    check(home.run("profile", "data", "work"), stdout=(
        "DATA     APPLICATION  SIZE     CHANGED\n"
        "firefox  Firefox ESR  12.3\xa0MB  2 h ago\n"))
    service.answers["Manager.ListPrivateData"] = keeps(mine, firefox)
    done = home.run("profile", "data")
    assert "old (removed)  mine " in done.stdout and "\x1b" not in done.stdout
    assert "work           firefox  Firefox ESR" in done.stdout
    assert json.loads(home.run("profile", "data", "--json").stdout)[1] == firefox
    assert service.calls == [("Manager.ListPrivateData", (names,)) for names in (["work"], [], [])]
    service.answers["Manager.ListPrivateData"] = keeps()
    assert "keep nothing" in home.run("profile", "data").stdout


@pytest.mark.parametrize("arguments,recipes", [
    (["--remove", "firefox", "--remove=a b"], ["firefox", "a b"]), (["--remove-all"], [])])
def test_data_is_removed(home, service, arguments, recipes):
    service.answers["Manager.RemovePrivateData"] = works()
    check(home.run("profile", "data", "work", *arguments))
    assert service.calls == [("Manager.RemovePrivateData", ("work", recipes))]


def test_data_in_use_says_so(home, service):
    service.answers["Manager.RemovePrivateData"] = refuses("Busy", "It is used.")
    check(home.run("profile", "data", "work", "--remove-all"), 1, stderr="wg-wrap: It is used.\n")


@pytest.mark.parametrize("arguments", [["--remove-all"], ["--remove", "x"],
                                       ["work", "--remove", "x", "--remove-all"]])
def test_data_is_not_removed_by_mistake(home, service, arguments):
    assert home.run("profile", "data", *arguments).returncode == 2
    assert service.calls == []
