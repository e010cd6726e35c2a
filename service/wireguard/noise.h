/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

#include "wireguard/crypto.h"
#include "wireguard/device.h"

/* Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as in section 5.4 of the paper. These functions know no socket,
 * no peer, no timer: they turn our identity, a handshake's state and a message into the next state, or
 * leave the state as it was. */

/* Who we are. Lies in guarded memory. */
struct wg_identity {
    uint8_t private_key[WG_KEY_LEN];
    uint8_t public_key[WG_KEY_LEN];
};

/* What handshakes are made with. */
struct wg_local {
    struct wg_identity *identity; /* NULL: no private key, no handshakes */
    struct wg_aead *aead;
    struct wg_random random;
};

/* One handshake runs with a peer at a time; whichever message comes last has its way.
 *
 *      initiator                                   responder
 *      ZEROED                                      ZEROED
 *        | create_initiation    -- initiation -->    | consume_initiation
 *      CREATED_INITIATION                          CONSUMED_INITIATION
 *        | consume_response     <-- response ---     | create_response
 *      CONSUMED_RESPONSE                           CREATED_RESPONSE
 *        | derive_keys                               | derive_keys
 *      ZEROED                                      ZEROED
 */
enum wg_handshake_state {
    WG_HANDSHAKE_ZEROED,              /* nothing under way */
    WG_HANDSHAKE_CREATED_INITIATION,  /* a response may come */
    WG_HANDSHAKE_CONSUMED_INITIATION, /* a response must be created */
    WG_HANDSHAKE_CREATED_RESPONSE,    /* keys can be derived, as responder */
    WG_HANDSHAKE_CONSUMED_RESPONSE,   /* keys can be derived, as initiator */
};

/* With one peer. Lies in guarded memory. */
struct wg_handshake {
    enum wg_handshake_state state;

    /* For as long as the peer is configured. */
    uint8_t remote_static[WG_KEY_LEN];
    uint8_t static_static[WG_KEY_LEN]; /* DH of both static keys; zero: unusable */
    uint8_t preshared_key[WG_KEY_LEN];
    uint8_t latest_timestamp[WG_TIMESTAMP_LEN]; /* the greatest received */
    uint64_t last_consumed;                     /* when, in wg_time.mono, an initiation was */
    uint64_t last_timestamp;                    /* sent, in wg_time.real */

    /* For as long as this handshake runs. */
    uint8_t ephemeral_private[WG_KEY_LEN];
    uint8_t remote_ephemeral[WG_KEY_LEN];
    uint8_t hash[WG_HASH_LEN];
    uint8_t chaining_key[WG_HASH_LEN];
    uint32_t remote_index;
};

/* The transport keys. Lie in guarded memory. */
struct wg_keys {
    uint8_t sending[WG_KEY_LEN];
    uint8_t receiving[WG_KEY_LEN];
};

/* An initiation that was read as far as its static key, which says whose handshake it is for. Wipe it. */
struct wg_initiation_draft {
    uint8_t remote_static[WG_KEY_LEN];
    uint8_t remote_ephemeral[WG_KEY_LEN];
    uint8_t hash[WG_HASH_LEN];
    uint8_t chaining_key[WG_HASH_LEN];
};

/* wg_noise_precompute - after either static key changed. Ends what is under way. */
void wg_noise_precompute(struct wg_handshake *handshake, const struct wg_local *local);

/* wg_noise_clear - forget what is under way. */
void wg_noise_clear(struct wg_handshake *handshake);

/* wg_noise_create_initiation - all of the message but its macs. -ENOKEY: no private key; -EKEYREJECTED:
 * the peer's public key is of low order. */
int wg_noise_create_initiation(struct wg_handshake *handshake,
                               const struct wg_local *local,
                               struct wg_time now,
                               uint32_t sender,
                               struct wg_initiation *message);

/* wg_noise_read_initiation - whom is it from? -EBADMSG, -ENOKEY. */
int wg_noise_read_initiation(const struct wg_local *local,
                             const struct wg_initiation *message,
                             struct wg_initiation_draft *ret_draft);

/* wg_noise_consume_initiation - -EBADMSG: not by the owner of the static key; -EALREADY: an old one, or
 * too soon after the last. */
int wg_noise_consume_initiation(struct wg_handshake *handshake,
                                const struct wg_local *local,
                                struct wg_time now,
                                const struct wg_initiation_draft *draft,
                                const struct wg_initiation *message);

/* wg_noise_create_response - all of the message but its macs. -EKEYREJECTED: ephemeral of low order. */
int wg_noise_create_response(struct wg_handshake *handshake,
                             const struct wg_local *local,
                             uint32_t sender,
                             struct wg_response *message);

/* wg_noise_consume_response - -ENOENT: no initiation is waiting for it; -EBADMSG. */
int wg_noise_consume_response(struct wg_handshake *handshake,
                              const struct wg_local *local,
                              const struct wg_response *message);

/* wg_noise_derive_keys - and end the handshake. -ENOENT: it is not complete. */
int wg_noise_derive_keys(struct wg_handshake *handshake,
                         struct wg_keys *ret_keys,
                         bool *ret_is_initiator);

/* wg_noise_timestamp - TAI64N, so coarse that it tells no more of our clock than the allowed rate of
 * handshakes needs. */
void wg_noise_timestamp(uint8_t ret[WG_TIMESTAMP_LEN], uint64_t real);
#define WG_TIMESTAMP_STEP (UINT64_C(1) << 24) /* ns: the power of two below 1/50 s */
