/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/device.h"

#include <errno.h>
#include <stdlib.h>

#include "wireguard/peer.h"

int
wg_device_new(const struct wg_random *random, struct wg_device **ret_device)
{
    struct wg_device *device = calloc(1, sizeof *device);

    if (!device)
        return -ENOMEM;
    device->local.random = random ? *random : (struct wg_random){.fill = wg_random_system};
    TAILQ_INIT(&device->peers);
    device->outbox_end = &device->outbox;
    wg_secrets_init(&device->handshakes, sizeof(struct wg_handshake));
    wg_secrets_init(&device->keys, sizeof(struct wg_keys));
    device->checker.secret = wg_secrets_take(&device->keys);
    if (wg_table_init(&device->by_key) < 0 || wg_table_init(&device->indices) < 0 ||
        wg_aead_new(&device->local.aead) < 0 || !device->checker.secret) {
        wg_device_free(device);
        return -ENOMEM;
    }
    device->local.random.fill(device->local.random.context, device->hash_key,
                              sizeof device->hash_key);
    wg_ratelimit_init(&device->checker.limit, device->hash_key);
    *ret_device = device;
    return 0;
}

void
wg_device_free(struct wg_device *device)
{
    struct wg_message *next;

    if (!device)
        return;
    wg_device_remove_all_peers(device);
    for (struct wg_message *message = device->outbox; message; message = next) {
        next = message->next;
        wg_message_free(message);
    }
    wg_ratelimit_clear(&device->checker.limit);
    wg_deadlines_clear(&device->deadlines);
    wg_table_clear(&device->by_key);
    wg_table_clear(&device->indices);
    wg_aead_free(device->local.aead);
    wg_secrets_clear(&device->handshakes);
    wg_secrets_clear(&device->keys);
    free(device);
}

int
wg_device_set_private_key(struct wg_device *device, const uint8_t key[WG_KEY_LEN])
{
    struct wg_identity *identity = NULL;
    struct wg_peer *peer;

    static_assert(sizeof(struct wg_identity) <= sizeof(struct wg_keys), "they share their slabs");
    if (!wg_is_zero(key, WG_KEY_LEN)) {
        identity = wg_secrets_take(&device->keys);
        if (!identity)
            return -ENOMEM;
        memcpy(identity->private_key, key, WG_KEY_LEN);
        wg_x25519_clamp(identity->private_key);
        wg_x25519_public(identity->public_key, identity->private_key);
    }
    if (identity && device->local.identity &&
        wg_equal(identity->private_key, device->local.identity->private_key, WG_KEY_LEN)) {
        wg_secrets_give(&device->keys, identity);
        return 0;
    }
    wg_secrets_give(&device->keys, device->local.identity);
    device->local.identity = identity;
    if (identity) {
        peer = wg_device_find_peer(device, identity->public_key);
        if (peer)
            wg_device_remove_peer(device, peer);
        wg_cookie_checker_set_key(&device->checker, identity->public_key);
    }
    for (peer = NULL; (peer = wg_device_next_peer(device, peer));)
        wg_peer_set_identity(peer);
    return 0;
}

const uint8_t *
wg_device_get_private_key(const struct wg_device *device)
{
    return device->local.identity ? device->local.identity->private_key : NULL;
}

const uint8_t *
wg_device_get_public_key(const struct wg_device *device)
{
    return device->local.identity ? device->local.identity->public_key : NULL;
}

struct wg_peer *
wg_device_find_peer(struct wg_device *device, const uint8_t public_key[WG_KEY_LEN])
{
    uint64_t hash = wg_siphash(device->hash_key, public_key, WG_KEY_LEN);
    struct wg_table_node *node;

    for (node = wg_table_first(&device->by_key, hash); node; node = wg_table_next(node)) {
        struct wg_peer *peer = wg_container_of(node, struct wg_peer, by_key);

        if (!memcmp(peer->handshake->remote_static, public_key, WG_KEY_LEN))
            return peer;
    }
    return NULL;
}

int
wg_device_add_peer(struct wg_device *device,
                   const uint8_t public_key[WG_KEY_LEN],
                   struct wg_peer **ret_peer)
{
    struct wg_peer *peer = wg_device_find_peer(device, public_key);
    int r;

    if (peer) {
        *ret_peer = peer;
        return 0;
    }
    if (device->local.identity &&
        !memcmp(device->local.identity->public_key, public_key, WG_KEY_LEN))
        return -EADDRINUSE;
    if (device->peer_count >= WG_MAX_PEERS)
        return -ENFILE;
    r = wg_deadlines_reserve(&device->deadlines, device->peer_count + 1);
    if (r == 0)
        r = wg_peer_new(device, public_key, &peer);
    if (r < 0)
        return r;
    wg_table_insert(&device->by_key, &peer->by_key,
                    wg_siphash(device->hash_key, public_key, WG_KEY_LEN));
    TAILQ_INSERT_TAIL(&device->peers, peer, siblings);
    device->peer_count++;
    *ret_peer = peer;
    return 0;
}

void
wg_device_remove_peer(struct wg_device *device, struct wg_peer *peer)
{
    wg_table_remove(&device->by_key, &peer->by_key);
    TAILQ_REMOVE(&device->peers, peer, siblings);
    device->peer_count--;
    wg_peer_free(peer);
}

void
wg_device_remove_all_peers(struct wg_device *device)
{
    struct wg_peer *peer;

    while ((peer = TAILQ_FIRST(&device->peers)))
        wg_device_remove_peer(device, peer);
}

struct wg_peer *
wg_device_next_peer(struct wg_device *device, struct wg_peer *peer)
{
    return peer ? TAILQ_NEXT(peer, siblings) : TAILQ_FIRST(&device->peers);
}

void
wg_device_forget_sources(struct wg_device *device)
{
    for (struct wg_peer *peer = NULL; (peer = wg_device_next_peer(device, peer));)
        wg_peer_forget_source(peer);
}

uint64_t
wg_device_next_deadline(const struct wg_device *device)
{
    const struct wg_deadline *first = wg_deadlines_first(&device->deadlines);

    return first ? first->at : WG_NEVER;
}

void
wg_device_run_timers(struct wg_device *device, struct wg_time now)
{
    struct wg_deadline *first;

    while ((first = wg_deadlines_first(&device->deadlines)) && first->at <= now.mono)
        wg_timers_run(wg_container_of(first, struct wg_peer, timers.deadline), now);
}

bool
wg_device_take_event(struct wg_device *device)
{
    bool event = device->event;

    device->event = false;
    return event;
}
