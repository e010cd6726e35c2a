# SPDX-License-Identifier: GPL-3.0-or-later
"""One host, peer, screen and application for all tests of a file."""
import pytest

from driver import Application
from shared import host, peer, screen

__all__ = ["app", "host", "peer", "screen"]


@pytest.fixture(scope="module")
def app(host, screen):
    made = Application(host, screen)
    yield made
    made.stop()
