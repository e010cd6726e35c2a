/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* Why a namespace could not be built: which stage, which errno, and what a person can do about it. */

enum ns_failure_kind {
    NS_FAILURE_OTHER,
    NS_FAILURE_NAMESPACES, /* user namespaces are switched off */
    NS_FAILURE_TUN,        /* no /dev/net/tun, or it is closed to the user */
    NS_FAILURE_LIMIT,      /* processes, descriptors, namespaces, memory */
};

struct ns_failure {
    enum ns_failure_kind kind;
    const char *stage;  /* "user namespace", "tunnel device", … */
    int error;          /* positive errno */
    char detail[200];   /* what was attempted, "open /dev/net/tun" */
    const char *advice; /* a sentence, marked N_(); never NULL */
};

/* ns_fail - fill failure from a negative errno, finding out kind and advice by looking at the machine
 * (the sysctls that switch namespaces off). Returns error, for `return ns_fail(…)`. */
int ns_fail(struct ns_failure *failure, const char *stage, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
