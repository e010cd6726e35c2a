/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/tun.h"
#include "wireguard/device.h"

/* The answer to a packet for which there is no peer, or whose peer has no known endpoint: ICMP "host
 * unreachable", so that programs need not wait for a timeout. At most so many in a second. */
struct unreachable {
    uint64_t paid_until; /* mono */
};

/* unreachable_tell - unless the packet is one that must not be answered (RFC 1122, 3.2.2; RFC 4443, 2.4). */
void unreachable_tell(struct unreachable *unreachable,
                      struct tun *tun,
                      struct wg_time now,
                      const uint8_t *packet,
                      size_t len);

/* unreachable_answer - the answer itself, to ret_answer. Its length; 0: none. */
enum { UNREACHABLE_MAX = 1280 };
size_t unreachable_answer(const uint8_t *packet, size_t len, uint8_t ret_answer[UNREACHABLE_MAX]);
