# SPDX-License-Identifier: GPL-3.0-or-later
"""Each commit's subject is "room: what changed", and a blank line follows it."""
import pathlib
import re
import sys

from sources import git, main

LENGTH_MAX = 72
SUBJECT = re.compile(r"[a-z][a-z0-9-]*(, [a-z][a-z0-9-]*)*: \S")


def offences(message):
    """What is wrong with one message, of which comments are gone already."""
    subject, _, rest = message.partition("\n")
    if not SUBJECT.match(subject):
        yield "the subject is not \"room: what changed\""
    if len(subject) > LENGTH_MAX:
        yield f"the subject has {len(subject)} characters, at most {LENGTH_MAX}"
    if subject.endswith("."):
        yield "the subject ends with a full stop"
    if rest.strip() and not rest.startswith("\n"):
        yield "no blank line after the subject"


def check(root):
    log = git(root, "log", "--no-merges", "-z", "--format=%h %B")
    if log is None:
        yield f"{root}: not a clone, so there are no commits to read"
        return
    for entry in filter(None, log.split("\0")):
        commit, _, message = entry.partition(" ")
        yield from (f"{commit}: {offence}" for offence in offences(message))


def check_message(path):
    """A message as git hands it to the commit-msg hook: with its comments, and what lies below -v's scissors."""
    text = pathlib.Path(path).read_text().partition("\n# ------------------------ >8")[0]
    yield from offences("\n".join(line for line in text.split("\n") if not line.startswith("#")))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--message"]:
        main(lambda root: check_message(sys.argv[2]), root=None)
    else:
        main(check)
