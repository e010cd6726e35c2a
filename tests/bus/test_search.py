# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's search, GNOME Shell's and KRunner's: asked over D-Bus as they ask."""
import os
import re

import pytest

import rig

ENTRY = """\
[Desktop Entry]
Type=Application
Name={name}
GenericName=Quuxreader
Name[de]={name} auf Deutsch
Icon={icon}
Exec={program} {name}
{more}
"""
HIT = "work/org.example.Foxtrot.desktop"


@pytest.fixture
def desktop(host, peer):
    """Three applications, one of them hidden, and three profiles, one of them broken."""
    program = host.home / "viewer"
    program.write_text(f'#!/bin/sh\nreadlink /proc/self/ns/net >{host.home}/shown\n')
    program.chmod(0o700)
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    for name, more in (("Foxtrot", ""), ("Golf", "Icon="), ("Hidden", "NoDisplay=true")):
        (applications / f"org.example.{name}.desktop").write_text(
            ENTRY.format(name=name, icon=f"org.example.{name}", program=program, more=more))
    for name in ("work", "Réseau d'été", "work-2"):
        host.import_profile(name, peer.profile())
    path = host.home / ".config/wg-wrap/profiles/work-2.conf"
    path.write_text("[Interface\n")
    rig.wait_for(lambda: "invalid" in host.wg_wrap("profile", "list").stdout, "the edit's reading")
    return host


def ask(host, interface, method, *arguments):
    answer = host.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o",
                      "/org/wgwrap/WgWrap1/Search", "-m", f"{interface}.{method}", *arguments)
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    return answer.stdout


def provider(host, method, *arguments):
    return ask(host, "org.gnome.Shell.SearchProvider2", method, *arguments)


def found(host, *terms):
    return re.findall(r"'([^']+/[^']+)'|\"([^\"]+/[^\"]+)\"", provider(
        host, "GetInitialResultSet", repr(list(terms))))


@pytest.mark.parametrize("terms, hits", [
    (["foxtrot", "work"], [HIT]), (["WORK", "fox"], [HIT]), (["quuxreader", "work"], None),
    (["foxtrot"], []), (["work"], []), (["hidden", "work"], []), (["ork", "foxtrot"], []),
    (["reseau", "golf"], ["Réseau d'été/org.example.Golf.desktop"]), ([], []), (["", ""], []),
], ids=str)
def test_an_application_and_a_tunnel_are_found_by_their_words(desktop, terms, hits):
    ids = ["".join(pair) for pair in found(desktop, *terms)] if terms else \
        re.findall("work", provider(desktop, "GetInitialResultSet", "@as []"))
    if hits is None:
        assert sorted(ids) == [HIT, "work/org.example.Golf.desktop"]
    else:
        assert ids == hits


def test_more_words_narrow_it_down(desktop):
    narrowed = provider(desktop, "GetSubsearchResultSet", f"['{HIT}']", "['quuxreader', 'work', 'fox']")
    assert narrowed == f"(['{HIT}'],)\n"


def test_a_result_says_what_it_would_do(desktop):
    metas = provider(desktop, "GetResultMetas",
                     f"['{HIT}', 'work/gone.desktop', 'work', '/', 'x/../../etc/passwd']")
    assert metas == (f"([{{'id': <'{HIT}'>, 'name': <'Foxtrot (work)'>, 'description': "
                     "<'Open in the tunnel “work”'>, 'gicon': <'org.example.Foxtrot'>}],)\n")


@pytest.mark.parametrize("interface, method, more", [
    ("org.gnome.Shell.SearchProvider2", "ActivateResult", ["['foxtrot', 'work']", "0"]),
    ("org.kde.krunner1", "Run", [""])])
def test_a_result_runs_inside(desktop, interface, method, more):
    ask(desktop, interface, method, HIT, *more)
    shown = desktop.home / "shown"
    rig.wait_for(lambda: shown.exists() and shown.read_text(), "the application")
    assert shown.read_text().strip() != os.readlink("/proc/self/ns/net")


def test_krunner_gets_what_it_can_show(desktop):
    assert ask(desktop, "org.kde.krunner1", "Actions") == "(@a(sss) [],)\n"
    assert ask(desktop, "org.kde.krunner1", "Match", "foxtrot  work") == \
        f"([('{HIT}', 'Foxtrot (work)', 'org.example.Foxtrot', 100, 1.0, @a{{sv}} {{}})],)\n"


@pytest.mark.parametrize("hit", ["gone/org.example.Foxtrot.desktop", "work/gone.desktop", "", "work"])
def test_what_was_no_result_is_refused(desktop, hit):
    answer = desktop.run("gdbus", "call", "-e", "-d", "org.wgwrap.WgWrap1", "-o",
                         "/org/wgwrap/WgWrap1/Search", "-m", "org.kde.krunner1.Run", hit, "")
    assert answer.returncode != 0 and "There is no result" in answer.stderr
