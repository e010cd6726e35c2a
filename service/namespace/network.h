/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "namespace/box.h"

/* The network namespace's furniture, by libnl. Stages of box.c. */

/* ns_tun_create - make wg0, persistent. The descriptor, or a negative errno with failure filled. */
int ns_tun_create(struct ns_failure *failure);

/* ns_network_build - lo and wg0 up, plan's MTU, addresses and routes; IPv6 is left out where the
 * kernel has none; ping(8) for our group. */
int ns_network_build(const struct ns_plan *plan, struct ns_failure *failure);
