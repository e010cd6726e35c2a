# SPDX-License-Identifier: GPL-3.0-or-later
"""po/POTFILES names each file with words for people, in order, and no other."""
import re

from sources import files, main

MARKED = {
    ".c": re.compile(r"\b(_|N_|C_|NC_|Q_|ngettext|g_dngettext|g_dpgettext2?) ?\("),
    ".ui": re.compile(r'translatable="(yes|true)"'),
    ".in": re.compile(r"^(Name|Comment|GenericName)=|<summary>", re.M),
}


def check(root):
    listed = [line for line in (root / "po/POTFILES").read_text().splitlines()
              if line and not line.startswith("#")]
    marked = [path for path in files(root, r"^(service|gui|data|dbus)/.*\.(c|ui|in)$")
              if MARKED["." + path.rpartition(".")[2]].search((root / path).read_text())
              and not path.endswith(".service.in")]
    for path in sorted(set(marked) - set(listed)):
        yield f"po/POTFILES: {path} has translatable strings and is not listed"
    for path in sorted(set(listed) - set(marked)):
        yield f"po/POTFILES: {path} has no translatable strings, or is not there"
    if listed != sorted(set(listed)):
        yield "po/POTFILES: not in alphabetical order, or twice"


if __name__ == "__main__":
    main(check)
