/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

/* The command line. ARCHITECTURE.md, "What the supervisor hands the engine". */
struct options {
    bool foreground;
    const char *interface;                                                     /* alone */
    int tun_fd, udp4_fd, udp6_fd, uapi_fd, public_uapi_fd, event_fd, route_fd; /* or -1 */
    unsigned tun_refusals, udp_refusals;
    bool without_sandbox;
};

/* options_parse - -EINVAL: said why already. 1: --help or --version was all; done. */
int options_parse(struct options *options, int argc, char **argv);
