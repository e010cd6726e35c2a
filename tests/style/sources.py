# SPDX-License-Identifier: GPL-3.0-or-later
"""What the style suite's checks share: which files there are, and how a check reports."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def git(root, *arguments):
    """git's output, or None if root is no clone. Whose clone it is does not matter for reading."""
    command = ["git", "-c", "safe.directory=*", "-C", root, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout if result.returncode == 0 else None


def files(root, pattern=""):
    """The tree's own files whose path, relative to root, matches; as such paths, sorted."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None:
        paths = [str(path.relative_to(root)) for path in pathlib.Path(root).rglob("*")]
        paths = [path for path in paths if not path.startswith(("build", "."))]
    else:
        paths = listed.rstrip("\0").split("\0")
    return sorted(path for path in set(paths)
                  if re.search(pattern, path) and (root / path).is_file())


def scripts(root, interpreter):
    """The scripts, by extension or first line, that a "sh" or a "python" runs."""
    extension = {"sh": ".sh", "python": ".py"}[interpreter]
    shebang = re.compile(rb"#!.*[/ ](ba|da)?" + interpreter.encode() + rb"3?\b")
    return [path for path in files(root)
            if path.endswith(extension) or shebang.match((root / path).read_bytes()[:80])]


def main(check, root=pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT):
    """Run check(root), which yields offences as lines; exit as a test does."""
    found = list(check(root))
    print("\n".join(found) if found else "no offence")
    sys.exit(bool(found))
