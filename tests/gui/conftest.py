# SPDX-License-Identifier: GPL-3.0-or-later
"""One host, peer, screen and application for all tests of a file."""
import os

import pytest

import rig
from driver import Application, Screen


@pytest.fixture(scope="module")
def screen():
    made = Screen()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def peer():
    made = rig.Peer()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def host():
    made = rig.Host(os.environ["WG_WRAP_TEST_PROGRAMS"].split(":"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app(host, screen):
    made = Application(host, screen)
    yield made
    made.stop()
