# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import supervisor_rig  # noqa: E402

PROGRAMS = os.environ["WG_WRAP_TEST_PROGRAMS"].split(":")


@pytest.fixture
def home():
    """A home whose engine is the fake one: nothing here needs a packet."""
    made = supervisor_rig.Home(PROGRAMS)
    made.use_fake_engine()
    yield made
    made.stop()


@pytest.fixture
def session(home):
    return home.start()
