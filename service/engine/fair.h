/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/tun.h"

/* What was read from the TUN and waits to be sent, by flow, so that a ping or a call does not wait behind a
 * transfer. The scheduler of FQ-CoDel (RFC 8290, 4.1 and 4.2): flows that have little come first, the others share by
 * bytes, and what is too much is taken from who has most of it. Within a flow the order stays. */

enum {
    FAIR_PACKETS = 52,           /* at most, of any size: what is more waits in the TUN */
    FAIR_BYTES = 2 * 1024 * 1024 /* what is more is dropped */
};

struct fair;

struct fair_packet {
    struct tun_packet tun;
    size_t len;
    struct fair_packet *next; /* the queue's own */
};

/* fair_new - NULL: no memory, errno tells. */
struct fair *fair_new(void);

void fair_free(struct fair *fair);

/* fair_get_room - a packet to be filled in, and then to be given to fair_add or fair_release. NULL: FAIR_PACKETS are
 * out already. */
struct fair_packet *fair_get_room(struct fair *fair);

/* fair_add - queue it. Its data may be anything. */
void fair_add(struct fair *fair, struct fair_packet *packet);

/* fair_next - whose turn it is, to be given to fair_release. NULL: nothing waits. */
struct fair_packet *fair_next(struct fair *fair);

void fair_release(struct fair *fair, struct fair_packet *packet);
