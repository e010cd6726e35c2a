/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdio.h>

#include "namespace/box.h"

/* How names are resolved inside, as text of the files that glibc, musl, c-ares, Go and Chromium read. */

/* ns_names_write_resolv_conf - resolv.conf(5) with plan's servers and search domains. Without
 * servers it names none: the default, 127.0.0.1, is the session's own and refuses at once. */
void ns_names_write_resolv_conf(FILE *file, const struct ns_plan *plan);

/* ns_names_write_nsswitch_conf - nsswitch.conf(5) like the host's, whose text is `host`, but that
 * "hosts" asks only services which stay inside the namespace: files, myhostname, and dns where there
 * is a server. (resolve, mdns, mymachines, wins and the like ask the host's daemons.) */
void ns_names_write_nsswitch_conf(FILE *file, const struct ns_plan *plan, const char *host);
