/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/coalesce.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/checksum.h"

enum { TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 }; /* offsets */

static uint8_t *
first_packet(const struct coalesced *into)
{
    return into->parts[1].iov_base;
}

static bool
is_checksum_good(const struct inner *inner, const uint8_t *packet, size_t len)
{
    uint64_t sum;

    if (inner->version == 4 && checksum_fold(checksum_add(0, packet, inner->transport)) != 0xffff)
        return false;
    if (inner->protocol == IPPROTO_UDP &&
        inner_get16(packet + inner->transport + UDP_CHECKSUM) == 0)
        return false;
    sum = inner_pseudo_sum(inner, packet, len - inner->transport);
    sum = checksum_add(sum, packet + inner->transport, len - inner->transport);
    return checksum_fold(sum) == 0xffff;
}

static bool
is_same_flow(const struct coalesced *into, const struct inner *inner, const uint8_t *packet)
{
    const uint8_t *first = first_packet(into);

    if (into->inner.version != inner->version || into->inner.protocol != inner->protocol ||
        memcmp(first + inner->transport, packet + inner->transport, 4) != 0)
        return false;
    return inner->version == 4 ? memcmp(first + 12, packet + 12, 8) == 0
                               : memcmp(first + 8, packet + 8, 32) == 0;
}

/* May another packet follow this one in the same coalesced one? */
static bool
may_begin(const struct inner *inner, const uint8_t *packet, size_t len, bool does_udp)
{
    const uint8_t *transport = packet + inner->transport;

    if (len == inner->payload)
        return false;
    if (inner->protocol == IPPROTO_UDP)
        return does_udp;
    /* The bits above the flags are reserved, or mean something that a split would not repeat. */
    return (transport[12] & 0xf) == 0 && (transport[13] & ~INNER_TCP_ECE) == INNER_TCP_ACK;
}

static bool
may_append(const struct coalesced *into,
           const struct inner *inner,
           const uint8_t *packet,
           size_t len)
{
    const uint8_t *first = first_packet(into), *a, *b;
    size_t payload = len - inner->payload;

    if (into->is_closed || inner->payload != into->inner.payload || payload == 0 ||
        payload > into->header.gso_size || into->len + payload > INNER_MAX ||
        into->count > COALESCE_PACKETS)
        return false;
    if (inner->version == 4) {
        uint16_t id = inner_get16(packet + 4);
        bool is_atomic = inner_get16(packet + 6) & 0x4000;

        /* type of service; flags; time to live */
        if (packet[1] != first[1] || packet[6] != first[6] || packet[8] != first[8])
            return false;
        if (id != into->id && !(into->count == 2 && is_atomic && id == (uint16_t)(into->id - 1)))
            return false;
    } else if (memcmp(packet, first, 4) != 0 || packet[7] != first[7]) {
        return false; /* class and flow label; hop limit */
    }
    if (inner->protocol == IPPROTO_UDP)
        return true;
    a = first + inner->transport;
    b = packet + inner->transport;
    return inner_get32(b + 4) == into->sequence &&
           memcmp(a + 8, b + 8, 5) == 0 && /* acknowledgment; data offset */
           (a[13] | INNER_TCP_PSH) == (b[13] | INNER_TCP_PSH) &&
           memcmp(a + 14, b + 14, 2) == 0 &&                                    /* window */
           memcmp(a + 18, b + 18, inner->payload - inner->transport - 18) == 0; /* options */
}

static void
begin(struct coalesced *into, const struct inner *inner, uint8_t *packet, size_t len)
{
    into->header = (struct virtio_net_hdr){0};
    into->parts[0] = (struct iovec){&into->header, sizeof into->header};
    into->parts[1] = (struct iovec){packet, len};
    into->count = 2;
    into->len = len;
    into->inner = *inner;
    into->is_closed = true;
}

/* Packets like this one may follow. */
static void
open_for_more(struct coalesced *into)
{
    const uint8_t *packet = first_packet(into);
    size_t payload = into->len - into->inner.payload;

    into->is_closed = false;
    into->header.gso_size = payload;
    into->id = inner_get16(packet + 4) + 1;
    into->id_step = 1;
    into->sequence = inner_get32(packet + into->inner.transport + 4) + payload;
}

static void
append(struct coalesced *into, const struct inner *inner, uint8_t *packet, size_t len)
{
    size_t payload = len - inner->payload;

    if (into->count == 2 && inner->version == 4 && inner_get16(packet + 4) != into->id) {
        into->id--;
        into->id_step = 0;
    }
    into->id += into->id_step;
    into->sequence += payload;
    into->parts[into->count++] = (struct iovec){packet + inner->payload, payload};
    into->len += payload;
    if (payload < into->header.gso_size)
        into->is_closed = true;
    if (inner->protocol == IPPROTO_TCP && packet[inner->transport + 13] & INNER_TCP_PSH) {
        first_packet(into)[inner->transport + 13] |= INNER_TCP_PSH;
        into->is_closed = true;
    }
}

void
coalesce_init(struct coalescer *coalescer, bool does_udp)
{
    coalescer->does_udp = does_udp;
    coalescer->count = 0;
}

bool
coalesce_add(struct coalescer *coalescer, uint8_t *packet, size_t len)
{
    struct coalesced *into = NULL;
    struct inner inner;
    bool is_good;

    if (inner_parse(packet, len, &inner) < 0) {
        if (coalescer->count == COALESCE_FLOWS)
            return false;
        /* Of no flow that we could tell: nothing may overtake it. */
        for (unsigned i = 0; i < coalescer->count; i++)
            coalescer->coalesced[i].is_closed = true;
        inner = (struct inner){0};
        begin(&coalescer->coalesced[coalescer->count++], &inner, packet, len);
        return true;
    }
    /* The last one of this flow is the only one that its next packet may follow. */
    for (unsigned i = coalescer->count; i > 0 && !into; i--)
        if (is_same_flow(&coalescer->coalesced[i - 1], &inner, packet))
            into = &coalescer->coalesced[i - 1];
    if (into && !may_append(into, &inner, packet, len))
        into = NULL;
    if (!into && coalescer->count == COALESCE_FLOWS)
        return false;
    is_good = is_checksum_good(&inner, packet, len);
    if (into && is_good) {
        append(into, &inner, packet, len);
        return true;
    }
    if (coalescer->count == COALESCE_FLOWS)
        return false;
    into = &coalescer->coalesced[coalescer->count++];
    begin(into, &inner, packet, len);
    if (is_good) {
        into->header.flags = VIRTIO_NET_HDR_F_DATA_VALID;
        if (may_begin(&inner, packet, len, coalescer->does_udp))
            open_for_more(into);
    }
    return true;
}

/* As the kernel wants it of a network card: the lengths of all, and in place of the checksum the sum of
 * the pseudo-header. */
static void
finish(struct coalesced *into)
{
    uint8_t *packet = first_packet(into), *transport = packet + into->inner.transport;
    size_t len = into->len - into->inner.transport;
    uint16_t sum;

    inner_set_length(packet, into->inner.transport, into->len, inner_get16(packet + 4));
    sum = checksum_fold(inner_pseudo_sum(&into->inner, packet, len));
    into->header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    into->header.hdr_len = into->inner.payload;
    into->header.csum_start = into->inner.transport;
    if (into->inner.protocol == IPPROTO_TCP) {
        into->header.gso_type =
            into->inner.version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
        into->header.csum_offset = TCP_CHECKSUM;
    } else {
        into->header.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
        into->header.csum_offset = UDP_CHECKSUM;
        inner_put16(transport + 4, len);
    }
    memcpy(transport + into->header.csum_offset, &sum, sizeof sum);
}

void
coalesce_finish(struct coalescer *coalescer)
{
    for (unsigned i = 0; i < coalescer->count; i++) {
        struct coalesced *into = &coalescer->coalesced[i];

        if (into->count > 2)
            finish(into);
        else
            into->header.gso_size = 0;
    }
}

void
coalesce_clear(struct coalescer *coalescer)
{
    coalescer->count = 0;
}
