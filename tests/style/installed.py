# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is installed is below the prefix, so that an installation for one user is one."""
import json
import pathlib
import subprocess
import sys

from sources import main


def introspect(what):
    return json.loads(subprocess.run(["meson", "introspect", what, sys.argv[2]], check=True,
                                     capture_output=True, text=True).stdout)


def check(_):
    prefix = pathlib.Path(next(option["value"] for option in introspect("--buildoptions")
                               if option["name"] == "prefix"))
    for file in introspect("--installed").values():
        if prefix not in pathlib.Path(file).parents:
            yield f"{file} is not below {prefix}"


if __name__ == "__main__":
    main(check)
