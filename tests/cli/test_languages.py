# SPDX-License-Identifier: GPL-3.0-or-later
"""The program in the reader's language: the build's catalogues, where an installed one looks for them."""
import os
import pathlib
import re
import subprocess

import pytest

from conftest import TIMEOUT
from paths import SOURCE

BUILD = next(path for path in pathlib.Path(os.environ["WG_WRAP_TEST_PROGRAMS"]).parents
             if (path / "config.h").is_file())
LOCALEDIR = pathlib.Path(re.search(r'WGW_LOCALEDIR "(.*)"', (BUILD / "config.h").read_text())[1])
LANGUAGES = (SOURCE / "po/LINGUAS").read_text().split()
USAGE = {"de": "Aufruf:", "es": "Uso:", "fr": "Utilisation\u00a0:"}


@pytest.fixture(params=LANGUAGES)
def speaker(home, request):
    """Runs wg-wrap, as home.run() does, and returns what it prints."""
    top = next(path for path in [LOCALEDIR, *LOCALEDIR.parents] if path.is_dir())
    room = ["--tmpfs", top] if top != LOCALEDIR else []

    def run(*arguments):
        return subprocess.run(
            ["bwrap", "--dev-bind", "/", "/", *room, "--ro-bind", BUILD / "po", LOCALEDIR, "--",
             home.wg_wrap, *arguments],
            env={**home.environment, "LANGUAGE": request.param}, capture_output=True, text=True,
            timeout=TIMEOUT, check=True).stdout

    run.language = request.param
    return run


def test_help_is_in_the_language(speaker):
    assert speaker("help").split("\n")[0] == USAGE[speaker.language]
    assert speaker("shell", "--help").split("\n")[0] == USAGE[speaker.language]


def test_options_are_in_columns(speaker):
    lines = [line for line in speaker("run", "--help").split("\n") if line.startswith("  -")]
    assert len(lines) == 4
    assert [line for line in lines if not re.match(r"  .{22} \S", line)] == []


def test_fields_are_in_columns(speaker, service):
    service.add_profile("work")
    service.add_session("work", Held=True, Reason="Because.")
    lines = [line for line in speaker("status").split("\n") if line.startswith("  ")]
    assert len(lines) == 9
    assert [line for line in lines if not re.match(r"  .{11} \S", line)] == []
