# SPDX-License-Identifier: GPL-3.0-or-later
"""po/POTFILES names each file with words for people, in order, and no other; and each language of
po/LINGUAS has all of them: this is where a new or a changed string is missed."""
import re
import subprocess
import tempfile

from sources import files, main

MARKED = {
    ".c": re.compile(r"\b(_|N_|C_|NC_|Q_|ngettext|g_dngettext|g_dpgettext2?) ?\("),
    ".ui": re.compile(r'translatable="(yes|true)"'),
    ".in": re.compile(r"^(Name|Comment|GenericName)=|<summary>", re.M),
}

# xgettext ends a string before a macro's name, and gettext() then looks for what is not there.
CUT = re.compile(r'\b(?:_|N_) ?\(\s*(?:"(?:\\.|[^"\\])*"\s*)+[A-Za-z]')


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout, result.stderr


def check_language(root, language, template):
    path = f"po/{language}.po"
    if not (root / path).is_file():
        yield f"{path}: is in po/LINGUAS, and not there"
        return
    with tempfile.NamedTemporaryFile(suffix=".po") as merged:
        yield from run("msgfmt", "--check", "--check-accelerators=_", "-o", "/dev/null",
                       root / path)[1].splitlines()
        run("msgmerge", "-q", "--no-fuzzy-matching", "-o", merged.name, root / path, template)
        for flag, what in (("--untranslated", "not translated"), ("--only-fuzzy", "fuzzy")):
            found, errors = run("msgattrib", flag, "--no-obsolete", "--no-wrap", merged.name)
            yield from errors.splitlines()
            for text in re.findall(r'^msgid "(.+)"$|^msgid ""\n"(.+)"$', found, re.M):
                yield f"{path}: {what}: {text[0] or text[1]}"


def check_languages(root, listed):
    languages = (root / "po/LINGUAS").read_text().split()
    if languages != sorted(set(languages)):
        yield "po/LINGUAS: not in alphabetical order, or twice"
    for path in files(root, r"^po/.*\.po$"):
        if path[len("po/"):-len(".po")] not in languages:
            yield f"{path}: is not in po/LINGUAS"
    with tempfile.NamedTemporaryFile(suffix=".pot") as template:
        # The keywords of meson's preset "glib" that the tree has.
        yield from run("xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_",
                       "--keyword=C_:1c,2", "--keyword=NC_:1c,2", "--keyword=g_dngettext:2,3",
                       "--keyword=g_dpgettext2:2c,3", "-D", root, "-o", template.name,
                       *listed)[1].splitlines()
        for language in languages:
            yield from check_language(root, language, template.name)


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
    for path in marked:
        if path.endswith(".c"):
            for found in CUT.finditer((root / path).read_text()):
                yield f"{path}: a macro within _(): {found[0]}"
    yield from check_languages(root, [path for path in listed if path in marked])


if __name__ == "__main__":
    main(check)
