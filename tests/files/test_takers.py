# SPDX-License-Identifier: GPL-3.0-or-later
"""“Open in Tunnel…” in a file manager that takes the file of an action."""
import os

import pytest

from manager import TAKERS
from programs import inside, told

NAMES = ["a 'b' \"c\" $(d) %U.txt", "second.txt"]


@pytest.fixture(scope="module")
def app(host, peer, screen, viewer):
    host.import_profile("work", peer.profile(dns=peer.INSIDE4))
    directory = host.home / "files"
    directory.mkdir()
    for name in NAMES:
        (directory / name).write_text("text\n")
    made = TAKERS[os.environ["WG_WRAP_TEST_MANAGER"]](host, screen, directory)
    yield made
    made.stop()


@pytest.mark.parametrize("names", [NAMES[:1], NAMES], ids=["one", "several"])
def test_files_open_with_their_application_inside(app, host, screen, viewer, names):
    app.open_menu(*names)
    app.find("menu item", "Open in Tunnel…")
    screen.picture(f"{app.COMMAND[0]}-{len(names)}")
    app.choose("Open in Tunnel…")
    assert set(told(viewer, len(names))) == {os.fsencode(app.directory / name) for name in names}
    inside(host, "work", "Viewer")
