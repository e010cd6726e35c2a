/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * wg-wrap, the program that people run. Into a session that is there,
 *
 *     wg-wrap run PROFILE [--] COMMAND…
 *
 * needs neither GLib nor D-Bus, and to load those takes several times as long as to knock at the
 * session's door, enter and execute the command. So this program, which has nothing but libc and a
 * hash, does that; all else (other words, no session, nobody at the door) it hands on to
 * wg-wrap-cli, word for word. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"
#include "cli/door.h"
#include "namespace/join.h"

/* The command of "run PROFILE [--] COMMAND…", in just this spelling, or NULL. */
static char **
find_command(char **argv)
{
    char **command = argv + 3;

    if (!argv[1] || strcmp(argv[1], "run") != 0 || !argv[2] || *argv[2] == '-')
        return NULL;
    if (*command && strcmp(*command, "--") == 0)
        command++;
    else if (*command && **command == '-')
        return NULL;
    return *command ? command : NULL;
}

int
main(int argc, char **argv)
{
    char **command = argc > 1 ? find_command(argv) : NULL;
    /* From inside a session there is no way into another: the other program says so. */
    int pidfd = command && !getenv(WGW_PROFILE_VARIABLE) ? wgw_door_knock(argv[2]) : -ENOENT;
    char *program;

    if (pidfd >= 0) {
        wgw_door_prepare(argv[2]);
        return ns_join(pidfd, command);
    }
    program = wgw_program_path("wg-wrap-cli");
    if (program)
        execv(program, argv);
    fprintf(stderr, "wg-wrap: %s: %s. Install wg-wrap anew.\n", program, strerror(errno));
    return NS_EXIT_OURS;
}
