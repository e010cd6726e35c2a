/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

#include "wireguard/device.h"
#include "wireguard/ratelimit.h"

/* Section 5.3 and 5.4.4 of the paper. Every handshake message carries mac1, which shows that its sender
 * knows whom it talks to; under load it must also carry mac2, made with a cookie which shows that its
 * sender gets what is sent to its address. A cookie is a MAC of that address under a secret that changes
 * every two minutes, so handing one out needs no memory. */

/* Our side as the receiver of handshakes. */
struct wg_cookie_checker {
    uint8_t mac1_key[WG_KEY_LEN];   /* HASH("mac1----" || our public key) */
    uint8_t cookie_key[WG_KEY_LEN]; /* HASH("cookie--" || our public key) */
    uint8_t *secret;                /* WG_KEY_LEN, in guarded memory, the device's */
    uint64_t secret_birth;          /* mono; 0: there is none yet */
    struct wg_ratelimit limit;
};

/* Our side as the sender of handshakes to one peer. */
struct wg_cookie {
    uint8_t mac1_key[WG_KEY_LEN];
    uint8_t cookie_key[WG_KEY_LEN];
    uint8_t cookie[WG_COOKIE_LEN];
    uint64_t birth; /* mono; 0: there is no cookie */
    uint8_t last_mac1[WG_COOKIE_LEN];
    bool have_sent_mac1; /* and no cookie came for it yet */
};

enum wg_mac_verdict {
    WG_MAC_INVALID,
    WG_MAC_VALID,              /* mac1 */
    WG_MAC_WITH_COOKIE,        /* mac1 and mac2 */
    WG_MAC_COOKIE_RATELIMITED, /* likewise, but too many */
};

void wg_cookie_checker_set_key(struct wg_cookie_checker *checker,
                               const uint8_t public_key[WG_KEY_LEN]);

/* wg_cookie_check_mac1 - whether macs, the last bytes of message, hold the right mac1. */
bool wg_cookie_check_mac1(const struct wg_cookie_checker *checker, const void *message, size_t len);

/* wg_cookie_check_mac2 - likewise mac2, for source, mac1 being right. */
enum wg_mac_verdict wg_cookie_check_mac2(struct wg_cookie_checker *checker,
                                         struct wg_time now,
                                         const struct wg_random *random,
                                         const struct wg_endpoint *source,
                                         const void *message,
                                         size_t len);

/* wg_cookie_create_reply - to a handshake message from source, whose sender index is receiver. */
int wg_cookie_create_reply(struct wg_cookie_checker *checker,
                           struct wg_time now,
                           const struct wg_random *random,
                           const struct wg_endpoint *source,
                           uint32_t receiver,
                           const void *message,
                           size_t len,
                           struct wg_cookie_reply *ret_reply);

void wg_cookie_init(struct wg_cookie *cookie, const uint8_t remote_static[WG_KEY_LEN]);

/* wg_cookie_add_macs - complete a handshake message, whose last bytes they are. -ENOMEM. */
int wg_cookie_add_macs(struct wg_cookie *cookie, struct wg_time now, void *message, size_t len);

/* wg_cookie_consume_reply - -ENOENT: we sent nothing that it could answer; -EBADMSG. */
int wg_cookie_consume_reply(struct wg_cookie *cookie,
                            struct wg_time now,
                            const struct wg_cookie_reply *reply);
