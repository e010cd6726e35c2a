# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop reads of the application, by the desktop's own checkers: desktop entry, metadata
and settings."""
import pathlib
import subprocess
import sys
import tempfile

from sources import main

BUILD = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build").resolve()
ID = "org.wgwrap.WgWrap"


def check(root):
    with tempfile.TemporaryDirectory() as scratch:
        for command in (["desktop-file-validate", BUILD / "data" / f"{ID}.desktop",
                         BUILD / "data" / f"{ID}.Links.desktop"],
                        ["appstreamcli", "validate", "--no-net", BUILD / "data" / f"{ID}.metainfo.xml"],
                        ["glib-compile-schemas", "--strict", f"--targetdir={scratch}", root / "data"]):
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode != 0 or "warning" in (result.stdout + result.stderr).lower():
                yield from [f"{command[0]}: ended with {result.returncode}",
                            *(result.stdout + result.stderr).splitlines()]


if __name__ == "__main__":
    main(check)
