# SPDX-License-Identifier: GPL-3.0-or-later
"""shellcheck over the shell scripts, pyflakes over the Python."""
import subprocess

from sources import main, scripts


def check(root):
    for interpreter, command in (("sh", ["shellcheck", "--format=gcc", "--external-sources"]),
                                 ("python", ["/usr/bin/python3", "-m", "pyflakes"])):
        paths = scripts(root, interpreter)
        if not paths:
            continue
        result = subprocess.run(command + paths, cwd=root, capture_output=True, text=True,
                                check=False)
        yield from (result.stdout + result.stderr).splitlines()
        if result.returncode != 0 and not result.stdout + result.stderr:
            yield f"{command[0]} ended with {result.returncode}"


if __name__ == "__main__":
    main(check)
