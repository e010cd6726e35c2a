/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/cookie.h"

#include <errno.h>

#include "wireguard/crypto.h"

enum { LABEL_LEN = 8 };

static const char mac1_label[] = "mac1----";
static const char cookie_label[] = "cookie--";

static void
labelled_keys(const uint8_t public_key[WG_KEY_LEN],
              uint8_t ret_mac1[WG_KEY_LEN],
              uint8_t ret_cookie[WG_KEY_LEN])
{
    wg_hash(ret_mac1, mac1_label, LABEL_LEN, public_key, WG_KEY_LEN);
    wg_hash(ret_cookie, cookie_label, LABEL_LEN, public_key, WG_KEY_LEN);
}

/* The macs are the last bytes of both kinds of message. */
static struct wg_macs *
macs_of(const void *message, size_t len)
{
    return (struct wg_macs *)((uint8_t *)message + len - sizeof(struct wg_macs));
}

static int
mac1_of(uint8_t ret[WG_COOKIE_LEN], const uint8_t key[WG_KEY_LEN], const void *message, size_t len)
{
    return wg_mac(ret, key, WG_KEY_LEN, message, len - sizeof(struct wg_macs), NULL, 0);
}

static int
mac2_of(uint8_t ret[WG_COOKIE_LEN],
        const uint8_t cookie[WG_COOKIE_LEN],
        const void *message,
        size_t len)
{
    return wg_mac(ret, cookie, WG_COOKIE_LEN, message, len - WG_COOKIE_LEN, NULL, 0);
}

static int
make_cookie(struct wg_cookie_checker *checker,
            struct wg_time now,
            const struct wg_random *random,
            const struct wg_endpoint *source,
            uint8_t ret[WG_COOKIE_LEN])
{
    if (!checker->secret_birth || now.mono > checker->secret_birth + WG_COOKIE_SECRET_MAX_AGE) {
        random->fill(random->context, checker->secret, WG_KEY_LEN);
        checker->secret_birth = now.mono;
    }
    if (source->addr.sa_family == AF_INET6)
        return wg_mac(ret, checker->secret, WG_KEY_LEN, &source->in6.sin6_addr,
                      sizeof source->in6.sin6_addr, &source->in6.sin6_port,
                      sizeof source->in6.sin6_port);
    return wg_mac(ret, checker->secret, WG_KEY_LEN, &source->in4.sin_addr,
                  sizeof source->in4.sin_addr, &source->in4.sin_port, sizeof source->in4.sin_port);
}

void
wg_cookie_checker_set_key(struct wg_cookie_checker *checker, const uint8_t public_key[WG_KEY_LEN])
{
    labelled_keys(public_key, checker->mac1_key, checker->cookie_key);
}

bool
wg_cookie_check_mac1(const struct wg_cookie_checker *checker, const void *message, size_t len)
{
    uint8_t mac1[WG_COOKIE_LEN];

    return mac1_of(mac1, checker->mac1_key, message, len) == 0 &&
           wg_equal(mac1, macs_of(message, len)->mac1, sizeof mac1);
}

enum wg_mac_verdict
wg_cookie_check_mac2(struct wg_cookie_checker *checker,
                     struct wg_time now,
                     const struct wg_random *random,
                     const struct wg_endpoint *source,
                     const void *message,
                     size_t len)
{
    uint8_t cookie[WG_COOKIE_LEN], mac2[WG_COOKIE_LEN];
    enum wg_mac_verdict verdict = WG_MAC_VALID;

    if (make_cookie(checker, now, random, source, cookie) == 0 &&
        mac2_of(mac2, cookie, message, len) == 0 &&
        wg_equal(mac2, macs_of(message, len)->mac2, sizeof mac2))
        verdict = wg_ratelimit_allow(&checker->limit, now.mono, source) ? WG_MAC_WITH_COOKIE
                                                                        : WG_MAC_COOKIE_RATELIMITED;
    wg_wipe(cookie, sizeof cookie);
    return verdict;
}

int
wg_cookie_create_reply(struct wg_cookie_checker *checker,
                       struct wg_time now,
                       const struct wg_random *random,
                       const struct wg_endpoint *source,
                       uint32_t receiver,
                       const void *message,
                       size_t len,
                       struct wg_cookie_reply *ret_reply)
{
    uint8_t cookie[WG_COOKIE_LEN];
    int r = make_cookie(checker, now, random, source, cookie);

    if (r < 0)
        return r;
    ret_reply->type = htole32(WG_MESSAGE_COOKIE_REPLY);
    ret_reply->receiver = htole32(receiver);
    random->fill(random->context, ret_reply->nonce, sizeof ret_reply->nonce);
    wg_xaead_encrypt(ret_reply->encrypted_cookie, cookie, sizeof cookie,
                     macs_of(message, len)->mac1, WG_COOKIE_LEN, ret_reply->nonce,
                     checker->cookie_key);
    wg_wipe(cookie, sizeof cookie);
    return 0;
}

void
wg_cookie_init(struct wg_cookie *cookie, const uint8_t remote_static[WG_KEY_LEN])
{
    *cookie = (struct wg_cookie){0};
    labelled_keys(remote_static, cookie->mac1_key, cookie->cookie_key);
}

int
wg_cookie_add_macs(struct wg_cookie *cookie, struct wg_time now, void *message, size_t len)
{
    struct wg_macs *macs = macs_of(message, len);
    int r;

    r = mac1_of(macs->mac1, cookie->mac1_key, message, len);
    if (r < 0)
        return r;
    memcpy(cookie->last_mac1, macs->mac1, WG_COOKIE_LEN);
    cookie->have_sent_mac1 = true;

    /* The message shall arrive while the other end still knows its secret. */
    if (cookie->birth &&
        now.mono < cookie->birth + WG_COOKIE_SECRET_MAX_AGE - WG_COOKIE_SECRET_LATENCY)
        return mac2_of(macs->mac2, cookie->cookie, message, len);
    memset(macs->mac2, 0, sizeof macs->mac2);
    return 0;
}

int
wg_cookie_consume_reply(struct wg_cookie *cookie,
                        struct wg_time now,
                        const struct wg_cookie_reply *reply)
{
    uint8_t fresh[WG_COOKIE_LEN];

    if (!cookie->have_sent_mac1)
        return -ENOENT;
    if (wg_xaead_decrypt(fresh, reply->encrypted_cookie, sizeof fresh, cookie->last_mac1,
                         WG_COOKIE_LEN, reply->nonce, cookie->cookie_key) < 0)
        return -EBADMSG;
    memcpy(cookie->cookie, fresh, sizeof fresh);
    wg_wipe(fresh, sizeof fresh);
    cookie->birth = now.mono;
    cookie->have_sent_mac1 = false;
    return 0;
}
