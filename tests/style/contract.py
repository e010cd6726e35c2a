# SPDX-License-Identifier: GPL-3.0-or-later
"""Every member of the public D-Bus interfaces has prose, and every method a gdbus line to try."""
import re
import xml.etree.ElementTree as ET

from sources import files, main

PUBLIC = re.compile(r"^dbus/org\.wgwrap\.WgWrap1\.[A-Za-z]+\.xml$")
LINE = re.compile(r"\|\[\n\s*gdbus call (?P<line>.*)\n\s*\]\|")


def check(root):
    paths = [path for path in files(root, r"^dbus/") if PUBLIC.match(path)]
    if not paths:
        yield "dbus/: no public interface"
    for path in paths:
        parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
        for interface in ET.parse(root / path, parser).getroot().iter("interface"):
            yield from (f"{path}: {offence}" for offence in check_interface(interface))


def check_interface(interface):
    comment = ""
    for member in interface:
        if member.tag is ET.Comment:
            comment = member.text.strip()
        elif member.tag in ("method", "signal", "property"):
            name = member.get("name")
            if not comment.startswith(f"{name}:"):
                yield f"{member.tag} {name}: no comment that begins with its name"
            for argument in member.iter("arg"):
                if f"@{argument.get('name')}:" not in comment:
                    yield f"{name}: nothing said of @{argument.get('name')}"
            if member.tag == "method":
                line = LINE.search(comment)
                if not line or f"-m {interface.get('name')}.{name}" not in line["line"]:
                    yield f"{name}: no gdbus line that calls it"
            comment = ""


if __name__ == "__main__":
    main(check)
