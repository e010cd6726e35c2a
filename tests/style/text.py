# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads, ends of lines and lengths of all files that people write."""
import re

from sources import files, main

LENGTH_MAX = 650  # lines; a longer file holds more than one concern
C_HEAD = re.compile(r"/\* SPDX-License-Identifier: GPL-3\.0-or-later\n \* Copyright The wg-wrap authors\b")
LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
# Formats without comments, prose, others' words, and samples whose every byte is the point.
NO_HEAD = re.compile(r"(^|/)(COPYING|LINGUAS|POTFILES|packages|\.[a-z-]+)$|\.(md|txt|json|conf|svg|pot?)$|corpus/"
                     r"|^data/debian/(?!rules|build)")
ANY_BYTES = re.compile(r"corpus/|^COPYING$|\.(png|svg|patch)$")
ANY_LENGTH = re.compile(r"^COPYING$|\.(po|pot|txt|svg|xml)$")


def check(root):
    for path in files(root):
        if ANY_BYTES.search(path):
            continue
        try:
            text = (root / path).read_bytes().decode()
        except UnicodeDecodeError:
            yield f"{path}: not UTF-8"
            continue
        lines = text.split("\n")
        if not NO_HEAD.search(path):
            if re.search(r"\.[ch]$", path):
                if not C_HEAD.match(text):
                    yield f"{path}:1: not the two-line SPDX head"
            elif LICENCE not in "\n".join(lines[:5]):
                yield f"{path}:1: no {LICENCE}"
        for number, line in enumerate(lines, 1):
            if line != line.rstrip():
                yield f"{path}:{number}: white space (or a carriage return) at the end"
        if text and (lines[-1] or not lines[-2:][0]):
            yield f"{path}: not exactly one newline at the end"
        if len(lines) > LENGTH_MAX and not ANY_LENGTH.search(path):
            yield f"{path}: {len(lines)} lines; what concern can leave it?"


if __name__ == "__main__":
    main(check)
