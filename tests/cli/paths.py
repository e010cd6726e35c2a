# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the source tree is."""
import pathlib

SOURCE = pathlib.Path(__file__).parents[2]
MANUALS = sorted((SOURCE / "data" / "man").glob("*.[1-9]"))
MANUAL = SOURCE / "data" / "man" / "wg-wrap.1"
