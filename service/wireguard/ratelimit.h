/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wireguard/endpoint.h"

/* How many handshakes one source may begin while we are under load: 20 a second, 5 at once. A source is
 * an IPv4 address or an IPv6 /64. Only sources that proved with a cookie that they get our answers come
 * here, so nobody fills the table with forged addresses.
 *
 * The table has a fixed number of places and no timer: an entry left alone for a second is as good as
 * none, and is overwritten. If all places that a source may take are taken by others that are still
 * counted, it has to wait. */
struct wg_ratelimit {
    struct wg_ratelimit_entry *entries; /* NULL until the first load */
    uint8_t hash_key[16];
};

void wg_ratelimit_init(struct wg_ratelimit *limit, const uint8_t hash_key[16]);
void wg_ratelimit_clear(struct wg_ratelimit *limit);

/* wg_ratelimit_allow - at mono ns, one more from there? Without memory for the table: yes. */
bool
wg_ratelimit_allow(struct wg_ratelimit *limit, uint64_t mono, const struct wg_endpoint *source);
