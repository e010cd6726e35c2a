/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <assert.h>
#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What goes over the wire: section 5.4 of the WireGuard paper ("WireGuard: Next Generation Kernel
 * Network Tunnel", https://www.wireguard.com/papers/wireguard.pdf), and the constants of 6.1. */

enum wg_noise_lengths {
    WG_KEY_LEN = 32,  /* X25519 public and private keys, symmetric keys, preshared keys */
    WG_HASH_LEN = 32, /* BLAKE2s */
    WG_TAG_LEN = 16,  /* Poly1305 */
    WG_TIMESTAMP_LEN = 12,
    WG_COOKIE_LEN = 16,
    WG_COOKIE_NONCE_LEN = 24,
};

#define WG_SECOND UINT64_C(1000000000)

/* Limits of 6.1, in messages and in nanoseconds. */
#define WG_REKEY_AFTER_MESSAGES   (UINT64_C(1) << 60)
#define WG_REJECT_AFTER_MESSAGES  (UINT64_MAX - WG_REPLAY_WINDOW) /* 2^64 - 2^13 - 1 */
#define WG_REPLAY_WINDOW          UINT64_C(8192)
#define WG_REKEY_AFTER_TIME       (120 * WG_SECOND)
#define WG_REJECT_AFTER_TIME      (180 * WG_SECOND)
#define WG_REKEY_ATTEMPT_TIME     (90 * WG_SECOND)
#define WG_REKEY_TIMEOUT          (5 * WG_SECOND)
#define WG_REKEY_TIMEOUT_JITTER   (WG_SECOND / 3)
#define WG_KEEPALIVE_TIMEOUT      (10 * WG_SECOND)
#define WG_COOKIE_SECRET_MAX_AGE  (120 * WG_SECOND)
#define WG_COOKIE_SECRET_LATENCY  (5 * WG_SECOND)
#define WG_MAX_HANDSHAKE_ATTEMPTS 18 /* WG_REKEY_ATTEMPT_TIME / WG_REKEY_TIMEOUT */
#define WG_INITIATIONS_PER_SECOND 50 /* accepted from one peer */
#define WG_MAX_PEERS              (1u << 20)

enum wg_message_type {
    WG_MESSAGE_INVALID = 0,
    WG_MESSAGE_INITIATION = 1,
    WG_MESSAGE_RESPONSE = 2,
    WG_MESSAGE_COOKIE_REPLY = 3,
    WG_MESSAGE_TRANSPORT = 4,
};

/* The 32-bit type on the wire is one byte of type and three reserved zero bytes. Integers are
 * little-endian; every struct is laid out without padding, and lies at any alignment. */
struct wg_macs {
    uint8_t mac1[WG_COOKIE_LEN];
    uint8_t mac2[WG_COOKIE_LEN];
} __attribute__((packed));

struct wg_initiation {
    uint32_t type;
    uint32_t sender;
    uint8_t ephemeral[WG_KEY_LEN];
    uint8_t encrypted_static[WG_KEY_LEN + WG_TAG_LEN];
    uint8_t encrypted_timestamp[WG_TIMESTAMP_LEN + WG_TAG_LEN];
    struct wg_macs macs;
} __attribute__((packed));

struct wg_response {
    uint32_t type;
    uint32_t sender;
    uint32_t receiver;
    uint8_t ephemeral[WG_KEY_LEN];
    uint8_t encrypted_nothing[WG_TAG_LEN];
    struct wg_macs macs;
} __attribute__((packed));

struct wg_cookie_reply {
    uint32_t type;
    uint32_t receiver;
    uint8_t nonce[WG_COOKIE_NONCE_LEN];
    uint8_t encrypted_cookie[WG_COOKIE_LEN + WG_TAG_LEN];
} __attribute__((packed));

struct wg_transport {
    uint32_t type;
    uint32_t receiver;
    uint64_t counter;
    uint8_t encrypted[]; /* the inner packet, padded with zeros, then the tag */
} __attribute__((packed));

static_assert(sizeof(struct wg_initiation) == 148, "paper, 5.4.2");
static_assert(sizeof(struct wg_response) == 92, "paper, 5.4.3");
static_assert(sizeof(struct wg_cookie_reply) == 64, "paper, 5.4.7");
static_assert(sizeof(struct wg_transport) == 16, "paper, 5.4.6");

enum wg_transport_lengths {
    WG_TRANSPORT_HEADER = sizeof(struct wg_transport),
    WG_TRANSPORT_OVERHEAD = sizeof(struct wg_transport) + WG_TAG_LEN, /* 32, without padding */
    WG_PADDING_MULTIPLE = 16,
};

/* wg_message_type - which message a datagram claims to be, its length being one that this type may
 * have; WG_MESSAGE_INVALID otherwise. Nothing is authenticated yet. */
static inline enum wg_message_type
wg_message_type(const void *datagram, size_t len)
{
    uint32_t type;

    if (len < sizeof type)
        return WG_MESSAGE_INVALID;
    memcpy(&type, datagram, sizeof type);
    type = le32toh(type);
    if (type == WG_MESSAGE_TRANSPORT && len >= WG_TRANSPORT_OVERHEAD)
        return WG_MESSAGE_TRANSPORT;
    if (type == WG_MESSAGE_INITIATION && len == sizeof(struct wg_initiation))
        return WG_MESSAGE_INITIATION;
    if (type == WG_MESSAGE_RESPONSE && len == sizeof(struct wg_response))
        return WG_MESSAGE_RESPONSE;
    if (type == WG_MESSAGE_COOKIE_REPLY && len == sizeof(struct wg_cookie_reply))
        return WG_MESSAGE_COOKIE_REPLY;
    return WG_MESSAGE_INVALID;
}

/* wg_transport_receiver - the receiver index of a WG_MESSAGE_TRANSPORT, for wg_device_claim(). */
static inline uint32_t
wg_transport_receiver(const void *message)
{
    uint32_t receiver;

    memcpy(&receiver, (const uint8_t *)message + offsetof(struct wg_transport, receiver),
           sizeof receiver);
    return le32toh(receiver);
}
