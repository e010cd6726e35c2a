/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/join.h"

#include <errno.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "namespace/enter.h"

#define _(text) gettext(text)

/* In the reader's language, which only a failure has a use for: what works stays fast. */
static void
speak(void)
{
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, WGW_LOCALEDIR);
    textdomain(GETTEXT_PACKAGE);
}

static const char *
explain(int error)
{
    switch (-error) {
    case EPERM:
        return _("The session cannot be entered from here. Inside another session, use the host's "
                 "terminal.");
    case ESRCH:
        return _("The session has just ended. Try again.");
    default:
        return strerror(-error);
    }
}

int
ns_join(int pidfd, char **argv)
{
    int r = ns_enter(pidfd);

    close(pidfd);
    if (r < 0)
        speak();
    if (r == -ENOENT || r == -EACCES || r == -ENOTDIR) {
        fprintf(stderr, _("wg-wrap: the working directory cannot be entered in the session: %s\n"),
                strerror(-r));
        return NS_EXIT_OURS;
    }
    if (r < 0) {
        fprintf(stderr, "wg-wrap: %s\n", explain(r));
        return NS_EXIT_OURS;
    }
    r = ns_lockdown(NS_KEEP_NOTHING);
    if (r < 0) {
        speak();
        fprintf(stderr, _("wg-wrap: capabilities cannot be dropped: %s\n"), strerror(-r));
        return NS_EXIT_OURS;
    }
    setenv("GIO_USE_NETWORK_MONITOR", "base", 0); /* as launcher/environment.c does */
    execvp(*argv, argv);
    r = errno;
    speak();
    fprintf(stderr, "wg-wrap: %s: %s\n", *argv, strerror(r));
    return r == ENOENT ? NS_EXIT_NOT_FOUND : NS_EXIT_NOT_EXECUTABLE;
}
