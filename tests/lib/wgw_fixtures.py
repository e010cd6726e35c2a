# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for tests below in-host; loaded by `-p wgw_fixtures`."""
import os

import pytest

import rig


@pytest.fixture
def host():
    made = rig.Host(os.environ["WG_WRAP_TEST_PROGRAMS"].split(":"))
    yield made
    made.stop()


@pytest.fixture
def peer():
    made = rig.Peer()
    yield made
    made.stop()


@pytest.fixture
def work(host, peer):
    """The profile `work`, with resolvers and preshared key, for a wireguard-go peer."""
    host.import_profile("work", peer.profile(dns=peer.INSIDE4))
    return "work"


@pytest.fixture
def other(host, peer):
    """A second profile at the same far end, with a key and an address of its own."""
    host.import_profile("other", peer.add_other())
    return "other"


def pytest_runtest_makereport(item, call):
    """A skip on a machine where nothing may be skipped is a failure."""
    if call.excinfo and call.excinfo.errisinstance(pytest.skip.Exception) and \
            os.environ.get("WG_WRAP_MUST_WORK"):
        call.excinfo = pytest.ExceptionInfo.from_exc_info(
            (AssertionError, AssertionError(f"skipped: {call.excinfo.value}"), call.excinfo.tb))
