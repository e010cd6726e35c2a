/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "wireguard/allowedips.h"
#include "wireguard/cookie.h"
#include "wireguard/deadlines.h"
#include "wireguard/device.h"
#include "wireguard/noise.h"
#include "wireguard/secret.h"
#include "wireguard/table.h"

/* The device as the files of this room share it. */

TAILQ_HEAD(wg_peer_list, wg_peer);

struct wg_device {
    struct wg_local local;
    struct wg_secrets handshakes; /* of struct wg_handshake */
    struct wg_secrets keys;       /* of struct wg_keys, and others as large */

    struct wg_peer_list peers;
    size_t peer_count;
    struct wg_table by_key; /* public key -> wg_peer */
    uint8_t hash_key[16];
    struct wg_table indices; /* receiver index -> wg_index */
    struct wg_allowedips allowed_ips;

    struct wg_cookie_checker checker;
    uint64_t handshakes_paid;  /* mono: see under_load in receive.c */
    uint64_t under_load_until; /* mono */

    struct wg_deadlines deadlines;
    struct wg_message *outbox, **outbox_end;
    size_t staged_bytes;
    bool event;
};

/* wg_has_passed - is since, in wg_time.mono and 0 for never, at least so long ago? Now may be a little
 * before since: the clock is read before the lock is taken. */
static inline bool
wg_has_passed(uint64_t since, uint64_t period, struct wg_time now)
{
    return since == 0 || now.mono >= since + period;
}
