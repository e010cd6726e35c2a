/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wireguard/noise.h"
#include "wireguard/replay.h"
#include "wireguard/table.h"

/* A session's keys, and the three places for them that a peer has:
 *
 *      previous    packets under way with the former key may still arrive
 *      current     the key to send with
 *      next        the responder's new key, before the initiator has shown by a packet that it has it
 *
 * A responder may not send with a key before that, for it could not know that its response arrived. So a
 * new key goes to current on the initiator's side, and to next on the responder's, from where the first
 * packet moves it to current. */

/* An index is what the other end puts into its messages to us: it stands for a handshake under way, or
 * for the keypair that came of it. */
struct wg_index {
    struct wg_table_node node;
    struct wg_peer *peer;
    struct wg_keypair *keypair; /* NULL: the peer's handshake */
};

struct wg_keypair {
    struct wg_device *device;
    struct wg_peer *peer; /* NULL: in no peer's place any more, only some batch still holds it */
    struct wg_keys *keys; /* in guarded memory */
    unsigned refs;        /* taken and dropped under the device's lock, so it needs not be atomic */
    uint32_t remote_index;
    struct wg_index index;
    uint64_t birth; /* mono */
    bool is_initiator;
    bool can_send;
    uint64_t sending_counter; /* the next one */
    struct wg_replay replay;
};

struct wg_keypairs {
    struct wg_keypair *previous, *current, *next;
};

/* wg_index_add - under a new random number, which it returns. Numbers do not tell how many there are. */
uint32_t
wg_index_add(struct wg_table *indices, const struct wg_random *random, struct wg_index *index);
void wg_index_remove(struct wg_table *indices, struct wg_index *index);

/* wg_index_replace - the number of one now stands for the other. */
void wg_index_replace(struct wg_table *indices, struct wg_index *from, struct wg_index *to);
struct wg_index *wg_index_find(const struct wg_table *indices, uint32_t number);

/* wg_keypair_new - one reference, in no place yet. NULL: no memory. */
struct wg_keypair *wg_keypair_new(struct wg_device *device, struct wg_peer *peer);
struct wg_keypair *wg_keypair_ref(struct wg_keypair *keypair);
void wg_keypair_unref(struct wg_keypair *keypair);

/* wg_keypair_may_send - valid, young enough, with count messages left. keypair NULL: no. */
bool wg_keypair_may_send(const struct wg_keypair *keypair, uint64_t mono, unsigned count);

/* wg_keypairs_add - takes over the reference. */
void wg_keypairs_add(struct wg_keypairs *keypairs, struct wg_keypair *keypair);

/* wg_keypairs_confirm - a packet came with this one; true: it was the next one, and is current now. */
bool wg_keypairs_confirm(struct wg_keypairs *keypairs, struct wg_keypair *keypair);

/* wg_keypairs_expire - send no more with what we have. */
void wg_keypairs_expire(struct wg_keypairs *keypairs);
void wg_keypairs_clear(struct wg_keypairs *keypairs);
