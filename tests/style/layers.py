# SPDX-License-Identifier: GPL-3.0-or-later
"""Every #include of a room against the table of rooms in ARCHITECTURE.md."""
import re

from sources import files, main

ROW = re.compile(r"^\| `(?P<room>[a-z/]+)/` \| (?P<what>.*) \| (?P<may>[a-z, ]+) \|$", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"(?P<own>[^"]+)"|<(?P<system>[^>]+)>)', re.M)
GLIB = re.compile(r"glib|gio/|gobject|gmodule|json-glib|gtk/|adwaita")


def rooms(root):
    """{name: (directory, names it may include, whether GLib is allowed)}"""
    table = {}
    for row in ROW.finditer((root / "ARCHITECTURE.md").read_text()):
        may = set() if row["may"] == "nothing" else set(row["may"].split(", "))
        plain = "no GLib" in row["what"] or "plain C" in row["what"]
        table[row["room"].rpartition("/")[2]] = (row["room"], may, not plain)
    return table


def check(root):
    table = rooms(root)
    if not table:
        yield "ARCHITECTURE.md: no table of rooms"
    for name, (_, may, _) in table.items():
        for unknown in may - table.keys():
            yield f"ARCHITECTURE.md: {name} may include {unknown}, which is no room"
    for path in files(root, r"^(service|gui|dbus)/.*\.[ch]$"):
        directory = path.rpartition("/")[0]
        name = directory.rpartition("/")[2]
        if name not in table or table[name][0] != directory:
            yield f"{path}: the room {directory}/ is not in ARCHITECTURE.md"
            continue
        yield from check_file(root, path, name, table)


def check_file(root, path, name, table):
    _, may, glib_allowed = table[name]
    text = (root / path).read_text()
    own_header = f"{name}/{path.rpartition('/')[2][:-2]}.h"
    for i, include in enumerate(INCLUDE.finditer(text)):
        where = f"{path}:{text.count(chr(10), 0, include.start()) + 1}"
        if include["system"]:
            if not glib_allowed and GLIB.match(include["system"]):
                yield f"{where}: <{include['system']}>: {name} does without GLib"
        elif include["own"] != "config.h":
            room, slash, _ = include["own"].partition("/")
            if not slash:
                yield f"{where}: \"{include['own']}\" does not name its room"
            elif room != name and room not in may:
                yield f"{where}: {name} may not include {room} (ARCHITECTURE.md)"
        if i == 0 and path.endswith(".c") and include["own"] != own_header \
                and (root / path[:-1]).with_suffix(".h").exists():
            yield f"{where}: the own header, \"{own_header}\", comes first"


if __name__ == "__main__":
    main(check)
