# SPDX-License-Identifier: GPL-3.0-or-later
"""One host, peer and screen for all tests of a file: fixtures for the conftest.py that wants them."""
import os

import pytest

import rig
from driver import Screen


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
