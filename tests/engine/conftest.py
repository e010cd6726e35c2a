# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine among real parts: the kernel's TUN and UDP, wg(8), wg-quick(8), wireguard-go."""
import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "lib"))
from netrig import Engine, Rig, connect

OURS = os.environ["WG_WRAP_TEST_ENGINE"]
THEIRS = shutil.which("wireguard-go")
IMPLEMENTATIONS = {"ours": [OURS], "theirs": [THEIRS]}


def make_rig(*arguments, **options):
    try:
        return Rig(*arguments, **options)
    except RuntimeError as error:
        if os.environ.get("WG_WRAP_MUST_WORK"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def rig():
    with make_rig() as made:
        yield made


@pytest.fixture
def three():
    with make_rig(3) as made:
        yield made


@pytest.fixture
def engines(rig):
    """A function that makes the two ends: engines("ours", "theirs")."""
    def make(first="ours", second="ours", arguments=(), **options):
        made = [Engine(host, IMPLEMENTATIONS[name] + (list(arguments) if name == "ours" else []))
                for host, name in zip(rig.hosts, (first, second))]
        connect(*made, **options)
        return made
    return make
