/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/engine.h"

/* Packets from the TUN, sealed, to the sockets. */
struct outward;

/* outward_new - NULL: no memory. */
struct outward *outward_new(struct engine *engine);

/* outward_free - NULL is fine. */
void outward_free(struct outward *outward);

/* outward_carry - a batch: what the TUN has right now, up to a limit. -EAGAIN: nothing is left; any other error: the
 * TUN is gone. */
enum outward_load { OUTWARD_LITTLE, OUTWARD_MUCH };
int outward_carry(struct outward *outward);
