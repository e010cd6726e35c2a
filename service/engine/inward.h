/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/engine.h"

/* Datagrams from the sockets, opened, to the TUN. */
struct inward;

/* inward_new - NULL: no memory. */
struct inward *inward_new(struct engine *engine);

/* inward_free - NULL is fine. */
void inward_free(struct inward *inward);

/* inward_carry - what one of the engine's sockets has right now, up to a limit. Does not wait. */
void inward_carry(struct inward *inward, struct udp *udp);
