/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "wireguard/device-private.h"
#include "wireguard/keypair.h"
#include "wireguard/timers.h"

/* One peer as the files of this room share it. */
struct wg_peer {
    struct wg_device *device;
    TAILQ_ENTRY(wg_peer) siblings;
    struct wg_table_node by_key;

    struct wg_handshake *handshake; /* in guarded memory; remote_static is the public key */
    struct wg_index handshake_index;
    uint64_t last_sent_handshake; /* mono; 0: never, or do not wait for it */
    bool sent_last_minute;        /* a handshake because the current key is about to expire */
    struct wg_keypairs keypairs;
    struct wg_cookie cookie;
    struct wg_timers timers;

    struct wg_endpoint endpoint;
    struct wg_allowedips_list allowed_ips;
    uint16_t persistent_keepalive; /* s */
    bool wants_keepalive;          /* at wg_peer_apply: it was just turned on */

    /* Inner packets, padded, that wait for a key. */
    struct wg_message *staged, **staged_end;
    unsigned staged_count;

    uint64_t rx_bytes, tx_bytes;
    uint64_t last_handshake;   /* real; 0: never */
    uint64_t waiting_since;    /* real; 0: is not */
    uint64_t unanswered_since; /* real, of the first packet that nothing has come for since */
};

int wg_peer_new(struct wg_device *device,
                const uint8_t public_key[WG_KEY_LEN],
                struct wg_peer **ret_peer);
void wg_peer_free(struct wg_peer *peer);

/* wg_peer_set_identity - the device's private key has changed. */
void wg_peer_set_identity(struct wg_peer *peer);

/* wg_peer_set_roaming - the peer was heard from there, authentically. */
void wg_peer_set_roaming(struct wg_peer *peer, const struct wg_endpoint *endpoint);
void wg_peer_forget_source(struct wg_peer *peer);

void wg_peer_begin_waiting(struct wg_peer *peer, uint64_t since);
void wg_peer_end_waiting(struct wg_peer *peer);
