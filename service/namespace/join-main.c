/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrap-join PIDFD COMMAND [ARGUMENT…]
 *
 * Enter a session and become the command. PIDFD is the number of an inherited descriptor, the
 * session's anchor. A program of its own because a process that has spoken D-Bus has threads, and
 * those cannot enter a user namespace. Arguments, environment, descriptors, signals, process ID,
 * group and terminal are left as they are. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "namespace/enter.h"

/* As a shell says it, and env(1), nohup(1)…: our own failure, not executable, not found. */
enum { EXIT_OURS = 125, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

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

static const char *
explain(int error)
{
    switch (-error) {
    case EPERM:
        return "The session cannot be entered from here. Inside another session, use the host's "
               "terminal.";
    case ESRCH:
        return "The session has just ended. Try again.";
    default:
        return strerror(-error);
    }
}

int
main(int argc, char **argv)
{
    int pidfd = argc >= 3 ? parse_descriptor(argv[1]) : -1;
    int r;

    if (pidfd < 0) {
        fprintf(stderr, "Usage: wg-wrap-join PIDFD COMMAND [ARGUMENT...]\n");
        return EXIT_OURS;
    }
    r = ns_enter(pidfd);
    if (r == -ENOENT || r == -EACCES || r == -ENOTDIR) {
        fprintf(stderr, "wg-wrap: the working directory cannot be entered in the session: %s\n",
                strerror(-r));
        return EXIT_OURS;
    }
    if (r < 0) {
        fprintf(stderr, "wg-wrap: %s\n", explain(r));
        return EXIT_OURS;
    }
    close(pidfd);
    r = ns_lockdown(NS_KEEP_NOTHING);
    if (r < 0) {
        fprintf(stderr, "wg-wrap: capabilities cannot be dropped: %s\n", strerror(-r));
        return EXIT_OURS;
    }
    execvp(argv[2], argv + 2);
    r = errno;
    fprintf(stderr, "wg-wrap: %s: %s\n", argv[2], strerror(r));
    return r == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
