/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "namespace/box.h"

/* ns_mounts_build - the session's own /run and /etc, and plan's hidden directory. The session's /etc
 * can still be written to through *ret_etc, a descriptor of it. A stage of box.c. */
int ns_mounts_build(const struct ns_plan *plan, int *ret_etc, struct ns_failure *failure);

/* ns_mounts_reopen - for a successor: /run writable again, and the session's /etc through *ret_etc. */
int ns_mounts_reopen(int *ret_etc, struct ns_failure *failure);
