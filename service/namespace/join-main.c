/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrap-join PIDFD COMMAND [ARGUMENT…]
 *
 * Enter a session and become the command. PIDFD is the number of an inherited descriptor, the
 * session's anchor. A program of its own because a process that has spoken D-Bus has threads, and
 * those cannot enter a user namespace. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "namespace/join.h"

static int
parse_descriptor(const char *text)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && number >= 0 && number <= 0xffffff
               ? (int)number
               : -1;
}

int
main(int argc, char **argv)
{
    int pidfd = argc >= 3 ? parse_descriptor(argv[1]) : -1;

    if (pidfd < 0) {
        fprintf(stderr, "Usage: wg-wrap-join PIDFD COMMAND [ARGUMENT...]\n");
        return NS_EXIT_OURS;
    }
    return ns_join(pidfd, argv + 2);
}
