/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/split.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/param.h>

#include "engine/checksum.h"
#include "engine/inner.h"

enum { TCP_CHECKSUM = 16, UDP_CHECKSUM = 6 }; /* offsets */

/* The kernel left the sum of the pseudo-header in the checksum's field; the rest is up to us. */
static int
complete_checksum(const struct virtio_net_hdr *header, uint8_t *packet, size_t len)
{
    size_t start = header->csum_start, field = start + header->csum_offset;
    uint16_t sum;

    if (field + sizeof sum > len)
        return -EINVAL;
    sum = ~checksum_fold(checksum_add(0, packet + start, len - start));
    if (sum == 0 && header->csum_offset == UDP_CHECKSUM) /* where zero means that there is none */
        sum = 0xffff;
    memcpy(packet + field, &sum, sizeof sum);
    return 0;
}

static int
begin_cutting(struct split *split,
              const struct virtio_net_hdr *header,
              const uint8_t *packet,
              size_t len)
{
    size_t minimum = packet[0] >> 4 == 4 ? (packet[0] & 0xf) * 4u : 40;
    uint16_t sum;
    size_t transport_header, field;

    if (!(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || header->gso_size == 0)
        return -EINVAL;
    split->transport = header->csum_start;
    if (minimum < 20 || split->transport < minimum ||
        split->transport + (split->is_tcp ? 20 : 8) > len)
        return -EINVAL;
    if (split->is_tcp) {
        transport_header = (packet[split->transport + 12] >> 4) * 4u;
        field = TCP_CHECKSUM;
        split->sequence = inner_get32(packet + split->transport + 4);
        if (transport_header < 20)
            return -EINVAL;
    } else {
        transport_header = 8;
        field = UDP_CHECKSUM;
    }
    split->payload = split->transport + transport_header;
    if (header->csum_offset != field || split->payload > len ||
        split->payload > INNER_HEADERS_MAX || split->payload + header->gso_size > INNER_MAX)
        return -EINVAL;
    memcpy(&sum, packet + split->transport + field, sizeof sum);
    split->pseudo_sum = checksum_subtract_word(sum, htons(len - split->transport));
    split->id = inner_get16(packet + 4);
    split->segment_size = header->gso_size;
    split->at = split->payload;
    return 0;
}

int
split_begin(struct split *split, const struct virtio_net_hdr *header, uint8_t *packet, size_t len)
{
    uint8_t version;

    *split = (struct split){.packet = packet, .len = len};
    if (len < 20 || len > INNER_MAX)
        return -EINVAL;
    version = packet[0] >> 4;
    if (version != 4 && (version != 6 || len < 40))
        return -EINVAL;
    switch (header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
    case VIRTIO_NET_HDR_GSO_NONE:
        if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
            return complete_checksum(header, packet, len);
        return 0;
    case VIRTIO_NET_HDR_GSO_TCPV4:
    case VIRTIO_NET_HDR_GSO_TCPV6:
        split->is_tcp = true;
        return begin_cutting(split, header, packet, len);
    case VIRTIO_NET_HDR_GSO_UDP_L4:
        return begin_cutting(split, header, packet, len);
    default:
        return -EINVAL;
    }
}

size_t
split_longest(const struct split *split)
{
    return split->segment_size == 0 ? split->len
                                    : MIN(split->len, split->payload + split->segment_size);
}

size_t
split_next(struct split *split, uint8_t *ret_packet)
{
    size_t part, len;
    uint8_t *transport = ret_packet + split->transport, *field;
    uint64_t sum;
    uint16_t folded;
    bool is_first, is_last;

    if (split->is_done)
        return 0;
    if (split->segment_size == 0) {
        split->is_done = true;
        memcpy(ret_packet, split->packet, split->len);
        return split->len;
    }
    part = MIN(split->segment_size, split->len - split->at);
    len = split->payload + part;
    is_first = split->at == split->payload;
    is_last = split->at + part == split->len;
    memcpy(ret_packet, split->packet, split->payload);
    memcpy(ret_packet + split->payload, split->packet + split->at, part);
    inner_set_length(ret_packet, split->transport, len, split->id++);
    if (split->is_tcp) {
        inner_put32(transport + 4, split->sequence);
        split->sequence += part;
        /* As a network card does: each of them where it belongs, the rest everywhere. */
        if (!is_first)
            transport[13] &= ~INNER_TCP_CWR;
        if (!is_last)
            transport[13] &= ~(INNER_TCP_FIN | INNER_TCP_PSH);
        field = transport + TCP_CHECKSUM;
    } else {
        inner_put16(transport + 4, len - split->transport);
        field = transport + UDP_CHECKSUM;
    }
    memset(field, 0, sizeof folded);
    sum = checksum_add_word(split->pseudo_sum, htons(len - split->transport));
    folded = ~checksum_fold(checksum_add(sum, transport, len - split->transport));
    if (folded == 0 && !split->is_tcp)
        folded = 0xffff;
    memcpy(field, &folded, sizeof folded);
    split->at += part;
    split->is_done = is_last;
    return len;
}
