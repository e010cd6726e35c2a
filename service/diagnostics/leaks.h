/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Whether what a session promises of the network is so, seen from a program inside. */

/* What is known outside only. */
typedef struct _WgwLeaksHost {
    const char *network;          /* the host's network namespace, as /proc/PID/ns/net reads */
    pid_t process;                /* one in it, of this user */
    const char *const *servers;   /* the profile's, as resolv.conf has them; NULL: not known */
    const char *page;             /* the URL of one that tells who asks; NULL: none is asked */
    const char *const *addresses; /* of the machine, outside; NULL: none */
} WgwLeaksHost;

/* wgw_leaks_run - run every check, as of wgw_diagnostics_run. It tries to get out, so it is for a
 * process that does nothing else. Takes some milliseconds, and what the page takes. */
GVariant *wgw_leaks_run(const WgwLeaksHost *host);
