# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that stay and tell what they were given, and where they run."""
import os

import rig

VIEWER = """#!/bin/sh
printf '%s\\0' "$@" >>{out}
exec sleep 600
"""
ENTRY = "[Desktop Entry]\nType=Application\nName={name}\nExec={command}\nMimeType=text/plain;\n"


def script(host, path, out):
    path.write_text(VIEWER.format(out=host.home / out))
    path.chmod(0o700)
    return path


def install(host, name, arguments):
    """A program, its entry, and text and folders opened by it; where it writes its arguments."""
    program = script(host, host.home / name, f"{name}.out")
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True, exist_ok=True)
    (applications / f"{name}.desktop").write_text(
        ENTRY.format(name=name.title(), command=f"{program} {arguments}"))
    (host.home / ".config").mkdir(exist_ok=True)
    (host.home / ".config/mimeapps.list").write_text(
        f"[Default Applications]\ntext/plain={name}.desktop\ninode/directory={name}.desktop\n")
    return host.home / f"{name}.out"


def told(path, count=1):
    """So many arguments, once they are there."""
    def read():
        arguments = path.read_bytes().split(b"\0")[:-1] if path.exists() else []
        return len(arguments) >= count and arguments
    arguments = rig.wait_for(read, f"{path} to be written")
    path.unlink()
    return arguments


def inside(host, profile, name):
    """The program's pid, which is in the profile's session and in no other network."""
    def look():
        programs = (host.status(profile) or {}).get("programs", [])
        return next((p["pid"] for p in programs if p["name"] == name), None)
    pid = rig.wait_for(look, f"{name} in {profile}: {host.status(profile)}")
    network = host.wg_wrap("run", profile, "--", "readlink", "/proc/self/ns/net").stdout.strip()
    assert os.readlink(f"/proc/{pid}/ns/net") == network
    assert network != os.readlink("/proc/self/ns/net")
    return pid
