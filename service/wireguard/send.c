/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/send.h"

#include <errno.h>
#include <stdlib.h>

#include "wireguard/peer.h"

enum { TOS_HANDSHAKE = 0x88 /* AF41, as the kernel sends them */ };

/* ---- Outbox ---- */

struct wg_message *
wg_message_new(size_t len)
{
    struct wg_message *message = calloc(1, sizeof *message + len);

    if (message)
        message->len = len;
    return message;
}

void
wg_message_free(struct wg_message *message)
{
    free(message);
}

void
wg_outbox_add(struct wg_device *device, struct wg_message *message)
{
    message->next = NULL;
    *device->outbox_end = message;
    device->outbox_end = &message->next;
}

struct wg_message *
wg_device_take_messages(struct wg_device *device)
{
    struct wg_message *messages = device->outbox;

    device->outbox = NULL;
    device->outbox_end = &device->outbox;
    return messages;
}

static void
send_to_peer(struct wg_peer *peer, struct wg_message *message)
{
    message->endpoint = peer->endpoint;
    peer->tx_bytes += message->len;
    wg_outbox_add(peer->device, message);
}

/* ---- Handshakes ---- */

void
wg_send_initiation(struct wg_peer *peer, struct wg_time now, bool is_retry)
{
    struct wg_device *device = peer->device;
    struct wg_message *message;
    uint32_t index;

    if (!is_retry)
        peer->timers.handshake_attempts = 0;
    if (!wg_has_passed(peer->last_sent_handshake, WG_REKEY_TIMEOUT, now) ||
        !wg_endpoint_is_set(&peer->endpoint) || !device->local.identity)
        return;
    message = wg_message_new(sizeof(struct wg_initiation));
    if (!message)
        return;
    message->tos = TOS_HANDSHAKE;
    peer->last_sent_handshake = now.mono;
    wg_index_remove(&device->indices, &peer->handshake_index);
    index = wg_index_add(&device->indices, &device->local.random, &peer->handshake_index);
    if (wg_noise_create_initiation(peer->handshake, &device->local, now, index,
                                   (struct wg_initiation *)message->data) < 0 ||
        wg_cookie_add_macs(&peer->cookie, now, message->data, message->len) < 0) {
        wg_index_remove(&device->indices, &peer->handshake_index);
        wg_message_free(message);
        return;
    }
    send_to_peer(peer, message);
    wg_timers_any_authenticated_packet_sent(peer, now);
    wg_timers_handshake_initiated(peer, now);
}

int
wg_send_response(struct wg_peer *peer, struct wg_time now)
{
    struct wg_device *device = peer->device;
    struct wg_message *message = wg_message_new(sizeof(struct wg_response));
    uint32_t index;
    int r;

    if (!message)
        return -ENOMEM;
    message->tos = TOS_HANDSHAKE;
    peer->last_sent_handshake = now.mono;
    wg_index_remove(&device->indices, &peer->handshake_index);
    index = wg_index_add(&device->indices, &device->local.random, &peer->handshake_index);
    r = wg_noise_create_response(peer->handshake, &device->local, index,
                                 (struct wg_response *)message->data);
    if (r == 0)
        r = wg_cookie_add_macs(&peer->cookie, now, message->data, message->len);
    if (r == 0)
        r = wg_begin_session(peer, now);
    if (r < 0) {
        wg_index_remove(&device->indices, &peer->handshake_index);
        wg_message_free(message);
        return r;
    }
    send_to_peer(peer, message);
    wg_timers_any_authenticated_packet_sent(peer, now);
    return 0;
}

int
wg_begin_session(struct wg_peer *peer, struct wg_time now)
{
    struct wg_keypair *keypair = wg_keypair_new(peer->device, peer);
    int r;

    if (!keypair)
        return -ENOMEM;
    keypair->remote_index = peer->handshake->remote_index;
    r = wg_noise_derive_keys(peer->handshake, keypair->keys, &keypair->is_initiator);
    if (r < 0) {
        wg_keypair_unref(keypair);
        return r;
    }
    keypair->birth = now.mono;
    keypair->can_send = true;
    wg_index_replace(&peer->device->indices, &peer->handshake_index, &keypair->index);
    wg_keypairs_add(&peer->keypairs, keypair);
    wg_timers_session_derived(peer, now);
    return 0;
}

/* A key grows old by sending, and only its initiator replaces it for its age, so that not both do. */
static void
keep_key_fresh(struct wg_peer *peer, struct wg_time now)
{
    const struct wg_keypair *key = peer->keypairs.current;

    if (key && key->can_send &&
        (key->sending_counter > WG_REKEY_AFTER_MESSAGES ||
         (key->is_initiator && wg_has_passed(key->birth, WG_REKEY_AFTER_TIME, now))))
        wg_send_initiation(peer, now, false);
}

/* ---- Transport ---- */

/* How long a packet becomes by padding. */
static size_t
padded(size_t len, size_t mtu)
{
    size_t last = mtu > 0 && len > mtu ? len % mtu : len;
    size_t end = (last + WG_PADDING_MULTIPLE - 1) & ~(size_t)(WG_PADDING_MULTIPLE - 1);

    if (mtu > 0 && end > mtu)
        end = mtu;
    return len - last + end;
}

/* The len bytes of plaintext at message + WG_TRANSPORT_HEADER are padded already. */
static int
seal(struct wg_aead *aead,
     const struct wg_keypair *keypair,
     uint64_t counter,
     uint8_t *message,
     size_t len)
{
    struct wg_transport *header = (struct wg_transport *)message;

    header->type = htole32(WG_MESSAGE_TRANSPORT);
    header->receiver = htole32(keypair->remote_index);
    header->counter = htole64(counter);
    return wg_aead_encrypt(aead, counter, NULL, 0, header->encrypted, len);
}

int
wg_seal(struct wg_aead *aead,
        const struct wg_outbound *outbound,
        unsigned first,
        size_t mtu,
        struct wg_packet *packets,
        unsigned count)
{
    int r = 0;

    wg_aead_set_key(aead, outbound->keypair->keys->sending, count, packets->len);
    for (unsigned i = 0; i < count && r == 0; i++) {
        struct wg_packet *packet = &packets[i];
        size_t len = padded(packet->len, mtu);

        memset(packet->data + WG_TRANSPORT_HEADER + packet->len, 0, len - packet->len);
        packet->counter = outbound->counter + first + i;
        r = seal(aead, outbound->keypair, packet->counter, packet->data, len);
        packet->len = WG_TRANSPORT_OVERHEAD + len;
    }
    wg_aead_forget_key(aead);
    return r;
}

/* What follows from having sent with the current key. */
static void
after_sending(struct wg_peer *peer, struct wg_time now, bool has_data)
{
    wg_timers_any_authenticated_packet_sent(peer, now);
    if (has_data)
        wg_timers_data_sent(peer, now);
    keep_key_fresh(peer, now);
}

static int
find_peer(struct wg_device *device, const void *packet, size_t len, struct wg_peer **ret_peer)
{
    struct wg_ip destination;
    struct wg_peer *peer;
    int family;

    family = wg_ip_read(packet, len, WG_IP_DESTINATION, &destination);
    if (family < 0)
        return family;
    peer = wg_allowedips_find(&device->allowed_ips, family, destination);
    if (!peer)
        return -ENOKEY;
    if (!wg_endpoint_is_set(&peer->endpoint))
        return -EDESTADDRREQ;
    *ret_peer = peer;
    return 0;
}

int
wg_device_reserve(struct wg_device *device,
                  struct wg_time now,
                  const void *packet,
                  size_t len,
                  unsigned count,
                  struct wg_outbound *ret_outbound)
{
    struct wg_keypair *keypair;
    struct wg_peer *peer;
    int r;

    r = find_peer(device, packet, len, &peer);
    if (r < 0)
        return r;
    keypair = peer->keypairs.current;
    if (!wg_keypair_may_send(keypair, now.mono, count))
        return -EAGAIN;
    *ret_outbound = (struct wg_outbound){
        .keypair = wg_keypair_ref(keypair),
        .endpoint = peer->endpoint,
        .receiver = keypair->remote_index,
        .counter = keypair->sending_counter,
        .count = count,
    };
    keypair->sending_counter += count;
    return 0;
}

void
wg_device_sent(struct wg_device *device,
               struct wg_time now,
               struct wg_outbound *outbound,
               size_t wire_bytes)
{
    struct wg_peer *peer = outbound->keypair->peer;

    if (peer && wire_bytes > 0) {
        peer->tx_bytes += wire_bytes;
        after_sending(peer, now, wire_bytes > (size_t)outbound->count * WG_TRANSPORT_OVERHEAD);
    }
    wg_keypair_unref(outbound->keypair);
    outbound->keypair = NULL;
}

void
wg_send_keepalive(struct wg_peer *peer, struct wg_time now)
{
    struct wg_keypair *keypair = peer->keypairs.current;
    struct wg_aead *aead = peer->device->local.aead;
    struct wg_message *message;
    int r;

    if (peer->staged || !wg_keypair_may_send(keypair, now.mono, 1)) {
        wg_send_staged(peer, now);
        return;
    }
    message = wg_message_new(WG_TRANSPORT_OVERHEAD);
    if (!message)
        return;
    wg_aead_set_key(aead, keypair->keys->sending, 1, 0);
    r = seal(aead, keypair, keypair->sending_counter++, message->data, 0);
    wg_aead_forget_key(aead);
    if (r < 0) {
        wg_message_free(message);
        return;
    }
    send_to_peer(peer, message);
    after_sending(peer, now, false);
}

/* ---- Staged packets ---- */

static struct wg_message *
unstage(struct wg_peer *peer)
{
    struct wg_message *message = peer->staged;

    if (!message)
        return NULL;
    peer->staged = message->next;
    if (!peer->staged)
        peer->staged_end = &peer->staged;
    peer->staged_count--;
    peer->device->staged_bytes -= message->len;
    return message;
}

void
wg_send_drop_staged(struct wg_peer *peer)
{
    struct wg_message *message;

    while ((message = unstage(peer)))
        wg_message_free(message);
}

void
wg_send_staged(struct wg_peer *peer, struct wg_time now)
{
    struct wg_keypair *keypair = peer->keypairs.current;
    struct wg_aead *aead = peer->device->local.aead;
    struct wg_message *message;

    if (!wg_keypair_may_send(keypair, now.mono, peer->staged_count + 1)) {
        wg_send_initiation(peer, now, false);
        return;
    }
    if (!peer->staged || !wg_endpoint_is_set(&peer->endpoint))
        return;
    wg_aead_set_key(aead, keypair->keys->sending, peer->staged_count, peer->staged->len);
    while ((message = unstage(peer))) {
        if (seal(aead, keypair, keypair->sending_counter++, message->data,
                 message->len - WG_TRANSPORT_OVERHEAD) < 0)
            wg_message_free(message);
        else
            send_to_peer(peer, message);
    }
    wg_aead_forget_key(aead);
    after_sending(peer, now, true);
}

int
wg_device_stage(
    struct wg_device *device, struct wg_time now, const void *packet, size_t len, size_t mtu)
{
    struct wg_message *message;
    struct wg_peer *peer;
    int r;

    r = find_peer(device, packet, len, &peer);
    if (r < 0)
        return r;
    message = len <= UINT16_MAX ? wg_message_new(WG_TRANSPORT_OVERHEAD + padded(len, mtu)) : NULL;
    if (!message)
        return -ENOMEM;
    memcpy(message->data + WG_TRANSPORT_HEADER, packet, len);
    while (peer->staged && (peer->staged_count >= WG_STAGED_PACKETS ||
                            device->staged_bytes + message->len > WG_STAGED_BYTES))
        wg_message_free(unstage(peer));
    if (device->staged_bytes + message->len > WG_STAGED_BYTES) {
        wg_message_free(message);
        return -ENOMEM;
    }
    *peer->staged_end = message;
    peer->staged_end = &message->next;
    peer->staged_count++;
    device->staged_bytes += message->len;
    wg_send_staged(peer, now);
    return 0;
}
