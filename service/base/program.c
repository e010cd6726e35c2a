/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "base/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* The two that people run themselves; all others are in libexec. */
static const char *const commands[] = {"wg-wrap", "wg-wrap-engine"};

char *
wgw_program_path(const char *name)
{
    const char *directory = getenv("WG_WRAP_PROGRAMS");
    char *path;

    if (!directory || !*directory) {
        directory = WGW_LIBEXECDIR;
        for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
            if (strcmp(name, commands[i]) == 0)
                directory = WGW_BINDIR;
        }
    }
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

char *
wgw_data_path(const char *name)
{
    const char *directory = getenv("WG_WRAP_DATA");
    char *path;

    if (!directory || !*directory)
        directory = WGW_PKGDATADIR;
    return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}
