# SPDX-License-Identifier: GPL-3.0-or-later
"""cppcheck over the rooms' C. What one function's text cannot show (descriptors and memory that
clean themselves up) is clang-tidy's; cppcheck knows nothing of the cleanup attribute."""
import json
import os
import pathlib
import subprocess
import sys

from sources import files, main

BUILD = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build").resolve()
CONFIG = pathlib.Path(__file__).with_name("cppcheck.cfg")


def check(root):
    own = {str(root / path) for path in files(root, r"^(service|gui|dbus)/.*\.c$")}
    cache = BUILD / "style-cppcheck"
    cache.mkdir(exist_ok=True)
    commands = list({command["file"]: command  # some are compiled for tests, too
                     for command in json.loads((BUILD / "compile_commands.json").read_text())
                     if os.path.normpath(os.path.join(command["directory"], command["file"])) in own
                     }.values())
    if not commands:
        yield f"{BUILD}: nothing to check; is it this tree's build directory?"
        return
    (cache / "compile_commands.json").write_text(json.dumps(commands))
    result = subprocess.run(
        ["cppcheck", f"-j{os.cpu_count()}", f"--project={cache}/compile_commands.json", f"--library={CONFIG}",
         "--enable=warning,performance,portability", "--inline-suppr", "--std=c11", "--quiet",
         f"--cppcheck-build-dir={cache}", "--error-exitcode=1",
         "--template={file}:{line}: {severity} {id}: {message}"],
        cwd=root, capture_output=True, text=True, check=False)
    yield from (result.stdout + result.stderr).splitlines()
    if result.returncode != 0 and not result.stdout + result.stderr:
        yield f"cppcheck ended with {result.returncode}"


if __name__ == "__main__":
    main(check)
