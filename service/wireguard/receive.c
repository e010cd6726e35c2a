/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>

#include "wireguard/peer.h"
#include "wireguard/send.h"

/* ---- Transport ---- */

int
wg_device_claim(struct wg_device *device,
                struct wg_time now,
                uint32_t receiver,
                struct wg_inbound *ret_inbound)
{
    struct wg_index *index = wg_index_find(&device->indices, receiver);

    if (!index || !index->keypair)
        return -ENOENT;
    if (wg_has_passed(index->keypair->birth, WG_REJECT_AFTER_TIME, now))
        return -EKEYEXPIRED;
    *ret_inbound = (struct wg_inbound){.keypair = wg_keypair_ref(index->keypair)};
    return 0;
}

void
wg_open(struct wg_aead *aead,
        const struct wg_inbound *inbound,
        struct wg_packet *packets,
        unsigned count)
{
    wg_aead_set_key(aead, inbound->keypair->keys->receiving, count, packets->len);
    for (unsigned i = 0; i < count; i++) {
        struct wg_packet *packet = &packets[i];
        struct wg_transport *message = (struct wg_transport *)packet->data;
        size_t len = packet->len - WG_TRANSPORT_OVERHEAD;

        packet->counter = le64toh(message->counter);
        if (packet->counter >= WG_REJECT_AFTER_MESSAGES)
            packet->verdict = -EKEYEXPIRED;
        else if (wg_aead_decrypt(aead, packet->counter, NULL, 0, message->encrypted, len) < 0)
            packet->verdict = -EBADMSG;
        else
            packet->verdict = len;
    }
    wg_aead_forget_key(aead);
}

/* The length of an inner packet that its peer may send, or why it may not. */
static int
check_inner(const struct wg_peer *peer, const uint8_t *packet, size_t len)
{
    struct wg_ip source;
    int family, inner;

    inner = wg_ip_length(packet, len);
    if (inner < 0)
        return inner;
    family = wg_ip_read(packet, len, WG_IP_SOURCE, &source);
    if (wg_allowedips_find(&peer->device->allowed_ips, family, source) != peer)
        return -ENOKEY;
    return inner;
}

/* An initiator that only ever receives has to see to a new key too, while the old one still holds. */
static void
keep_key_fresh(struct wg_peer *peer, struct wg_time now)
{
    const struct wg_keypair *key = peer->keypairs.current;

    if (peer->sent_last_minute || !key || !key->can_send || !key->is_initiator)
        return;
    if (wg_has_passed(key->birth, WG_REJECT_AFTER_TIME - WG_KEEPALIVE_TIMEOUT - WG_REKEY_TIMEOUT,
                      now)) {
        peer->sent_last_minute = true;
        wg_send_initiation(peer, now, false);
    }
}

static void
after_receiving(struct wg_peer *peer,
                struct wg_time now,
                struct wg_keypair *keypair,
                const struct wg_endpoint *source,
                bool has_data)
{
    wg_peer_set_roaming(peer, source);
    if (wg_keypairs_confirm(&peer->keypairs, keypair)) {
        wg_timers_handshake_complete(peer, now);
        wg_send_staged(peer, now);
    }
    keep_key_fresh(peer, now);
    wg_timers_any_authenticated_packet_received(peer, now);
    if (has_data)
        wg_timers_data_received(peer, now);
}

unsigned
wg_device_received(struct wg_device *device,
                   struct wg_time now,
                   struct wg_inbound *inbound,
                   const struct wg_endpoint *source,
                   struct wg_packet *packets,
                   unsigned count)
{
    struct wg_keypair *keypair = inbound->keypair;
    struct wg_peer *peer = keypair->peer;
    bool is_authentic = false, has_data = false;
    unsigned deliver = 0;

    for (unsigned i = 0; i < count; i++) {
        struct wg_packet *packet = &packets[i];

        if (packet->verdict < 0)
            continue;
        if (!peer) {
            packet->verdict = -EKEYEXPIRED;
            continue;
        }
        if (!wg_replay_accept(&keypair->replay, packet->counter)) {
            packet->verdict = -EALREADY;
            continue;
        }
        is_authentic = true;
        peer->rx_bytes += packet->len;
        if (packet->verdict == 0)
            continue;
        has_data = true;
        packet->verdict = check_inner(peer, packet->data + WG_TRANSPORT_HEADER, packet->verdict);
        if (packet->verdict > 0)
            deliver++;
    }
    if (is_authentic)
        after_receiving(peer, now, keypair, source, has_data);
    wg_keypair_unref(keypair);
    inbound->keypair = NULL;
    return deliver;
}

/* ---- Handshakes ---- */

/* Handshakes cost us some 0.15 ms each, before we know that their sender is anybody. 1024 at once and
 * 250 a second in the long run are at most 4 % of a core; beyond that, and for a second
 * afterwards, we are under load, and answer strangers with cookies. */
#define HANDSHAKE_PRICE  (4 * WG_SECOND / 1000)
#define HANDSHAKE_CREDIT (1024 * HANDSHAKE_PRICE)

static bool
under_load(struct wg_device *device, struct wg_time now)
{
    if (now.mono < device->under_load_until)
        return true;
    if (device->handshakes_paid < now.mono)
        device->handshakes_paid = now.mono;
    if (device->handshakes_paid + HANDSHAKE_PRICE > now.mono + HANDSHAKE_CREDIT) {
        device->under_load_until = now.mono + WG_SECOND;
        return true;
    }
    device->handshakes_paid += HANDSHAKE_PRICE;
    return false;
}

/* 0: a handshake message is worth the work. */
static int
admit(struct wg_device *device,
      struct wg_time now,
      const struct wg_endpoint *source,
      const void *data,
      size_t len)
{
    struct wg_message *reply;
    uint32_t sender;
    int r;

    if (!device->local.identity || !wg_cookie_check_mac1(&device->checker, data, len))
        return -EBADMSG;
    if (!under_load(device, now))
        return 0;
    switch (wg_cookie_check_mac2(&device->checker, now, &device->local.random, source, data, len)) {
    case WG_MAC_WITH_COOKIE:
        return 0;
    case WG_MAC_INVALID:
    case WG_MAC_COOKIE_RATELIMITED:
        return -EBUSY;
    case WG_MAC_VALID:
        break;
    }
    reply = wg_message_new(sizeof(struct wg_cookie_reply));
    if (!reply)
        return -ENOMEM;
    reply->tos = 0;
    reply->endpoint = *source;
    memcpy(&sender, (const uint8_t *)data + offsetof(struct wg_initiation, sender), sizeof sender);
    r = wg_cookie_create_reply(&device->checker, now, &device->local.random, source,
                               le32toh(sender), data, len, (struct wg_cookie_reply *)reply->data);
    if (r < 0) {
        wg_message_free(reply);
        return r;
    }
    wg_outbox_add(device, reply);
    return -EBUSY;
}

/* What every authentic handshake message means. */
static void
after_handshake_message(struct wg_peer *peer,
                        struct wg_time now,
                        const struct wg_endpoint *source,
                        size_t len)
{
    wg_peer_set_roaming(peer, source);
    peer->rx_bytes += len;
    wg_timers_any_authenticated_packet_received(peer, now);
}

static int
handle_initiation(struct wg_device *device,
                  struct wg_time now,
                  const struct wg_endpoint *source,
                  const struct wg_initiation *message)
{
    struct wg_initiation_draft draft;
    struct wg_peer *peer;
    int r;

    r = wg_noise_read_initiation(&device->local, message, &draft);
    if (r < 0)
        return r;
    peer = wg_device_find_peer(device, draft.remote_static);
    r = peer ? wg_noise_consume_initiation(peer->handshake, &device->local, now, &draft, message)
             : -ENOENT;
    wg_wipe(&draft, sizeof draft);
    if (r < 0)
        return r;
    after_handshake_message(peer, now, source, sizeof *message);
    return wg_send_response(peer, now);
}

static int
handle_response(struct wg_device *device,
                struct wg_time now,
                const struct wg_endpoint *source,
                const struct wg_response *message)
{
    struct wg_index *index = wg_index_find(&device->indices, le32toh(message->receiver));
    struct wg_peer *peer;
    int r;

    if (!index || index->keypair)
        return -ENOENT;
    peer = index->peer;
    r = wg_noise_consume_response(peer->handshake, &device->local, message);
    if (r < 0)
        return r;
    after_handshake_message(peer, now, source, sizeof *message);
    r = wg_begin_session(peer, now);
    if (r < 0)
        return r;
    wg_timers_handshake_complete(peer, now);
    /* The other end may send only after the first packet from here. */
    wg_send_keepalive(peer, now);
    return 0;
}

static int
handle_cookie_reply(struct wg_device *device,
                    struct wg_time now,
                    const struct wg_cookie_reply *message)
{
    struct wg_index *index = wg_index_find(&device->indices, le32toh(message->receiver));

    if (!index)
        return -ENOENT;
    return wg_cookie_consume_reply(&index->peer->cookie, now, message);
}

int
wg_device_handle_message(struct wg_device *device,
                         struct wg_time now,
                         const struct wg_endpoint *source,
                         const void *data,
                         size_t len)
{
    int r;

    switch (wg_message_type(data, len)) {
    case WG_MESSAGE_INITIATION:
        r = admit(device, now, source, data, len);
        return r < 0 ? r : handle_initiation(device, now, source, data);
    case WG_MESSAGE_RESPONSE:
        r = admit(device, now, source, data, len);
        return r < 0 ? r : handle_response(device, now, source, data);
    case WG_MESSAGE_COOKIE_REPLY:
        return handle_cookie_reply(device, now, data);
    case WG_MESSAGE_TRANSPORT:
    case WG_MESSAGE_INVALID:
        break;
    }
    return -EPROTO;
}
