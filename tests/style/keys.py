# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of keyboard shortcuts has those that there are, and no other; and no two things that are
seen together have the same mnemonic, in any language: the key would then choose between them instead of
doing something."""
import gettext
import io
import re
import subprocess
import xml.etree.ElementTree as ET

from sources import files, main

# GTK's own: of a menu button that is the primary one, and of a text view.
BUILT_IN = {"F10", "<Control>z", "<Control><Shift>z"}
# What everybody tries.
UNSAID = {"Escape"}

KEY = r"GDK_KEY_(\w+),\s*(0|GDK_\w+)"
BINDING = re.compile(r"add_binding_action\(\s*\w+,\s*" + KEY + r"|gtk_keyval_trigger_new\(" + KEY)
ACCELS = re.compile(r"set_accels_for_action\(.*?\{(.*?)\}", re.S)
MODIFIERS = {"0": "", "GDK_CONTROL_MASK": "<Control>", "GDK_SHIFT_MASK": "<Shift>", "GDK_ALT_MASK": "<Alt>"}

MARKED = re.compile(r'\bN?_\("([^"]*)"\)')
MNEMONIC = re.compile(r"_(\w)")
# All that may be in the main window at once, beside its menus.
WINDOW = ("window.ui", "tunnel-page.ui", "unable-page.ui", "program-row.c")


def bound(root):
    for path in files(root, r"^gui/[^/]*\.c$"):
        text = (root / path).read_text()
        for found in BINDING.finditer(text):
            key, modifier = found.groups()[:2] if found[1] else found.groups()[2:]
            yield MODIFIERS[modifier] + key
        for found in ACCELS.finditer(text):
            yield from re.findall(r'"([^"]*)"', found[1])
    for path in files(root, r"^gui/[^/]*\.ui$"):
        for trigger in ET.parse(root / path).iterfind(".//object[@class='GtkShortcut']/property[@name='trigger']"):
            yield from trigger.text.split("|")


def check_shortcuts(root):
    told = {accel for node in ET.parse(root / "gui/shortcuts.ui").iterfind(".//property[@name='accelerator']")
            for accel in node.text.split()}
    there = set(bound(root)) - UNSAID
    yield from (f"gui/shortcuts.ui: {accel} is not in it" for accel in sorted(there - told))
    yield from (f"gui/shortcuts.ui: {accel} does nothing" for accel in sorted(told - there - BUILT_IN))


def items(menu):
    """The labels that are seen together: those of a submenu are not."""
    for child in menu:
        if child.tag == "section":
            yield from items(child)
        else:
            yield from (each.text for each in child.iterfind("attribute[@name='label']"))


def labels(root, name):
    """Of a file's buttons."""
    if name.endswith(".c"):
        return [label for label in MARKED.findall((root / "gui" / name).read_text()) if MNEMONIC.search(label)]
    return [node.text for each in ET.parse(root / "gui" / name).iter("object")
            if each.find("property[@name='use-underline']") is not None
            for node in each.iterfind("property[@name='label']")]


def groups(root):
    """What may be seen together: (where, its labels)."""
    for path in files(root, r"^gui/[^/]*\.ui$"):
        tree = ET.parse(root / path)
        for menu in (*tree.iter("menu"), *tree.iter("submenu")):
            name = menu.get("id", "a submenu")
            if name == "tunnel_menu":
                for toggle in labels(root, "row-menu.c"):
                    yield f"{path}, {name}", [*items(menu), toggle]
            else:
                yield f"{path}, {name}", list(items(menu))
        yield path, labels(root, path.removeprefix("gui/"))
    yield "the window", [label for name in WINDOW for label in labels(root, name)]
    for path in files(root, r"^gui/[^/]*\.c$"):
        for statement in (root / path).read_text().split(";"):
            yield path, [label for label in MARKED.findall(statement) if MNEMONIC.search(label)]


def catalogue(root, language):
    compiled = subprocess.run(["msgfmt", "-o", "-", root / f"po/{language}.po"], check=True, capture_output=True)
    return gettext.GNUTranslations(io.BytesIO(compiled.stdout)).gettext


def check_mnemonics(root):
    languages = {"en": str, **{each: catalogue(root, each) for each in (root / "po/LINGUAS").read_text().split()}}
    for where, originals in groups(root):
        for language, translate in languages.items():
            taken = {}  # letter -> label
            for label in map(translate, sorted(set(originals))):
                found = MNEMONIC.search(label)
                if not found:
                    yield f"{where}: {language}: “{label}” has no mnemonic"
                elif taken.setdefault(found[1].lower(), label) != label:
                    yield f"{where}: {language}: “{label}” and “{taken[found[1].lower()]}” have the same mnemonic"


def check(root):
    yield from check_shortcuts(root)
    yield from check_mnemonics(root)


if __name__ == "__main__":
    main(check)
