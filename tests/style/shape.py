# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-format decides on the shape of all C."""
import subprocess

from sources import files, main


def check(root):
    command = ["clang-format", "--dry-run", "-Werror", "--style=file"]
    paths = files(root, r"\.[ch]$")
    result = subprocess.run(command + paths, cwd=root, capture_output=True, text=True, check=False)
    yield from (line for line in result.stderr.splitlines() if ": error:" in line)
    if result.returncode != 0 and not result.stderr:
        yield f"clang-format ended with {result.returncode}"


if __name__ == "__main__":
    main(check)
