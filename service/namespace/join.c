/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/join.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "namespace/enter.h"

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
ns_join(int pidfd, char **argv)
{
    int r = ns_enter(pidfd);

    close(pidfd);
    if (r == -ENOENT || r == -EACCES || r == -ENOTDIR) {
        fprintf(stderr, "wg-wrap: the working directory cannot be entered in the session: %s\n",
                strerror(-r));
        return NS_EXIT_OURS;
    }
    if (r < 0) {
        fprintf(stderr, "wg-wrap: %s\n", explain(r));
        return NS_EXIT_OURS;
    }
    r = ns_lockdown(NS_KEEP_NOTHING);
    if (r < 0) {
        fprintf(stderr, "wg-wrap: capabilities cannot be dropped: %s\n", strerror(-r));
        return NS_EXIT_OURS;
    }
    execvp(*argv, argv);
    r = errno;
    fprintf(stderr, "wg-wrap: %s: %s\n", *argv, strerror(r));
    return r == ENOENT ? NS_EXIT_NOT_FOUND : NS_EXIT_NOT_EXECUTABLE;
}
