/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/peer.h"

#include <errno.h>
#include <stdlib.h>

#include "wireguard/send.h"

int
wg_peer_new(struct wg_device *device,
            const uint8_t public_key[WG_KEY_LEN],
            struct wg_peer **ret_peer)
{
    struct wg_peer *peer = calloc(1, sizeof *peer);

    if (!peer)
        return -ENOMEM;
    peer->handshake = wg_secrets_take(&device->handshakes);
    if (!peer->handshake) {
        free(peer);
        return -ENOMEM;
    }
    peer->device = device;
    peer->handshake_index.peer = peer;
    peer->staged_end = &peer->staged;
    TAILQ_INIT(&peer->allowed_ips);
    memcpy(peer->handshake->remote_static, public_key, WG_KEY_LEN);
    wg_noise_precompute(peer->handshake, &device->local);
    wg_cookie_init(&peer->cookie, public_key);
    wg_timers_init(peer);
    *ret_peer = peer;
    return 0;
}

void
wg_peer_free(struct wg_peer *peer)
{
    struct wg_device *device = peer->device;

    wg_timers_stop(peer);
    wg_send_drop_staged(peer);
    wg_peer_remove_all_allowed_ips(peer);
    wg_keypairs_clear(&peer->keypairs);
    wg_index_remove(&device->indices, &peer->handshake_index);
    wg_secrets_give(&device->handshakes, peer->handshake);
    wg_wipe(&peer->cookie, sizeof peer->cookie);
    free(peer);
}

void
wg_peer_set_identity(struct wg_peer *peer)
{
    wg_index_remove(&peer->device->indices, &peer->handshake_index);
    wg_noise_precompute(peer->handshake, &peer->device->local);
    wg_keypairs_expire(&peer->keypairs);
    peer->last_sent_handshake = 0;
}

void
wg_peer_set_roaming(struct wg_peer *peer, const struct wg_endpoint *endpoint)
{
    if (!wg_endpoint_equal(&peer->endpoint, endpoint))
        peer->endpoint = *endpoint;
}

void
wg_peer_forget_source(struct wg_peer *peer)
{
    memset(&peer->endpoint.src6, 0, sizeof peer->endpoint.src6);
    peer->endpoint.src_ifindex = 0;
}

void
wg_peer_begin_waiting(struct wg_peer *peer, uint64_t since)
{
    if (peer->waiting_since)
        return;
    peer->waiting_since = since;
    peer->device->event = true;
}

void
wg_peer_end_waiting(struct wg_peer *peer)
{
    if (!peer->waiting_since)
        return;
    peer->waiting_since = 0;
    peer->device->event = true;
}

void
wg_peer_set_preshared_key(struct wg_peer *peer, const uint8_t key[WG_KEY_LEN])
{
    memcpy(peer->handshake->preshared_key, key, WG_KEY_LEN);
}

void
wg_peer_set_endpoint(struct wg_peer *peer, const struct wg_endpoint *endpoint)
{
    if (!wg_endpoint_is_set(&peer->endpoint))
        peer->wants_keepalive = peer->persistent_keepalive > 0;
    peer->endpoint = *endpoint;
}

void
wg_peer_set_persistent_keepalive(struct wg_peer *peer, uint16_t seconds)
{
    if (seconds != peer->persistent_keepalive)
        peer->wants_keepalive = seconds > 0;
    peer->persistent_keepalive = seconds;
}

void
wg_peer_apply(struct wg_peer *peer, struct wg_time now)
{
    if (peer->wants_keepalive && peer->persistent_keepalive)
        wg_send_keepalive(peer, now);
    else if (peer->staged)
        wg_send_staged(peer, now);
    peer->wants_keepalive = false;
}

int
wg_peer_add_allowed_ip(struct wg_peer *peer, int family, const void *address, unsigned prefix)
{
    if (family != AF_INET && family != AF_INET6)
        return -EINVAL;
    return wg_allowedips_insert(&peer->device->allowed_ips, family,
                                wg_ip_from_bytes(family, address), prefix, peer,
                                &peer->allowed_ips);
}

int
wg_peer_remove_allowed_ip(struct wg_peer *peer, int family, const void *address, unsigned prefix)
{
    if (family != AF_INET && family != AF_INET6)
        return -EINVAL;
    return wg_allowedips_remove(&peer->device->allowed_ips, family,
                                wg_ip_from_bytes(family, address), prefix, peer);
}

void
wg_peer_remove_all_allowed_ips(struct wg_peer *peer)
{
    wg_allowedips_remove_list(&peer->device->allowed_ips, &peer->allowed_ips);
}

void
wg_peer_get_info(const struct wg_peer *peer, struct wg_peer_info *ret_info)
{
    *ret_info = (struct wg_peer_info){
        .public_key = peer->handshake->remote_static,
        .preshared_key = peer->handshake->preshared_key,
        .endpoint = peer->endpoint,
        .rx_bytes = peer->rx_bytes,
        .tx_bytes = peer->tx_bytes,
        .last_handshake = peer->last_handshake,
        .waiting_since = peer->waiting_since,
        .persistent_keepalive = peer->persistent_keepalive,
    };
}

bool
wg_peer_next_allowed_ip(const struct wg_peer *peer,
                        const void **cursor,
                        struct wg_allowed_ip *ret_allowed_ip)
{
    const struct wg_allowedips_node *node = *cursor;

    node = node ? TAILQ_NEXT(node, siblings) : TAILQ_FIRST(&peer->allowed_ips);
    if (!node)
        return false;
    *cursor = node;
    *ret_allowed_ip = (struct wg_allowed_ip){.family = node->family, .prefix = node->prefix};
    wg_ip_to_bytes(node->family, node->ip, ret_allowed_ip->address);
    return true;
}
