# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-tidy (.clang-tidy says which checks) over all C that is compiled. A file that passed is not
read again until it, a header of ours or the rules change."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

from sources import files, main

BUILD = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build").resolve()


def digest(root, paths):
    whole = hashlib.sha256()
    for path in paths:
        whole.update((root / path).read_bytes())
    return whole.hexdigest()


def tidy(root, path):
    """What clang-tidy says of one file, as lines; none: nothing."""
    result = subprocess.run(
        ["clang-tidy", "-p", BUILD, "--quiet", "--extra-arg=-Wno-unknown-warning-option", path],
        cwd=root, capture_output=True, text=True, check=False)
    lines = [line for line in result.stdout.splitlines() if ": error:" in line or ": warning:" in line]
    if result.returncode != 0 and not lines:
        lines = [f"{path}: clang-tidy ended with {result.returncode}", *result.stderr.splitlines()]
    return lines


def check(root):
    passed = BUILD / "style-tidy"
    passed.mkdir(exist_ok=True)
    rules = digest(root, [".clang-tidy", *files(root, r"^(service|gui|dbus|tests)/.*\.h$")])
    compiled = {os.path.relpath(os.path.join(command["directory"], command["file"]), root)
                for command in json.loads((BUILD / "compile_commands.json").read_text())}
    stamps = {path: passed / hashlib.sha256((rules + digest(root, [path])).encode()).hexdigest()
              for path in sorted(compiled.intersection(files(root, r"\.c$")))}
    if not stamps:
        yield f"{BUILD}: nothing to check; is it this tree's build directory?"
    todo = [path for path, stamp in stamps.items() if not stamp.exists()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, lines in zip(todo, pool.map(lambda path: tidy(root, path), todo)):
            if not lines:
                stamps[path].touch()
            yield from lines


if __name__ == "__main__":
    main(check)
