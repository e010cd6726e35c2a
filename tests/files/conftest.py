# SPDX-License-Identifier: GPL-3.0-or-later
"""One host, peer and screen for all tests of a file."""
import pytest

from programs import install
from shared import host, peer, screen

__all__ = ["host", "peer", "screen", "viewer"]


@pytest.fixture(scope="module")
def viewer(host):
    """The default application for text, which stays and tells what it was given."""
    return install(host, "viewer", "%F")
