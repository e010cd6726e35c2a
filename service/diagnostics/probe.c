/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * wg-wrap-probe: build a session's box and let it go again; the next best thing to starting a
 * session. Silence and status 0, or status 1 and two lines: what failed, and what to do about it. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "namespace/box.h"

/* Marks what wgw_check_box() translates. */
#define N_(text) text

/* A kernel that hangs in one of the stages shall not hang the report. */
#define SECONDS_TO_LIVE 5

/* The least that a box can be made of; 192.0.2.1 is for documentation (RFC 5737). */
static const struct ns_prefix address = {.family = AF_INET, .bits = 32, .address = {192, 0, 2, 1}};
static const struct ns_plan plan = {.mtu = 1420, .addresses = &address, .n_addresses = 1};

int
main(void)
{
    struct ns_box box = NS_BOX_INIT;
    struct ns_failure failure;

    alarm(SECONDS_TO_LIVE);
    if (ns_box_unshare(&failure) < 0 || ns_box_build(&plan, &box, &failure) < 0) {
        printf(
            "%s: %s: %s\n%s\n", failure.stage, failure.detail, strerror(failure.error),
            failure.kind == NS_FAILURE_OTHER
                ? N_("Something on this machine forbids it, a container or a sandbox for example.")
                : failure.advice);
        return 1;
    }
    ns_box_end(&box);
    return 0;
}
