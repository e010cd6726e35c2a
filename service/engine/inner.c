/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/inner.h"

#include <errno.h>
#include <netinet/in.h>

#include "engine/checksum.h"

enum {
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    UDP_HEADER = 8,
    IPV6_FRAGMENT_HEADER = 8,

    IPV4_MORE_FRAGMENTS = 0x2000,
    IPV4_OFFSET = 0x1fff,
    IPV6_OFFSET = 0xfff8,
};

enum { ECN_MASK = 3, ECN_NOT_ECT = 0, ECN_ECT_1 = 1, ECN_ECT_0 = 2, ECN_CE = 3 };

bool
inner_is_fragment(const uint8_t *packet)
{
    return inner_get16(packet + 6) & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET);
}

int
inner_parse(const uint8_t *packet, size_t len, struct inner *ret_inner)
{
    struct inner inner = {0};
    size_t header;

    if (len >= IPV4_HEADER && packet[0] == 0x45) {
        if (inner_get16(packet + 2) != len || inner_is_fragment(packet))
            return -EPROTO;
        inner = (struct inner){.version = 4, .protocol = packet[9], .transport = IPV4_HEADER};
    } else if (len >= IPV6_HEADER && packet[0] >> 4 == 6) {
        if (inner_get16(packet + 4) != len - IPV6_HEADER)
            return -EPROTO;
        inner = (struct inner){.version = 6, .protocol = packet[6], .transport = IPV6_HEADER};
    } else {
        return -EPROTO;
    }
    len -= inner.transport;
    packet += inner.transport;
    if (inner.protocol == IPPROTO_TCP) {
        header = len >= TCP_HEADER ? (packet[12] >> 4) * 4u : 0;
        if (header < TCP_HEADER || header > len)
            return -EPROTO;
    } else if (inner.protocol == IPPROTO_UDP) {
        header = UDP_HEADER;
        if (len < UDP_HEADER || inner_get16(packet + 4) != len)
            return -EPROTO;
    } else {
        return -EPROTO;
    }
    inner.payload = inner.transport + header;
    *ret_inner = inner;
    return 0;
}

size_t
inner_udp_payload(const uint8_t *packet, size_t len)
{
    size_t at;
    uint8_t protocol;

    if (packet[0] >> 4 == 4) {
        at = (packet[0] & 0xf) * 4u;
        protocol = packet[9];
        if (inner_get16(packet + 6) & IPV4_OFFSET)
            return 0;
    } else {
        at = IPV6_HEADER;
        protocol = packet[6];
        if (protocol == IPPROTO_FRAGMENT && len >= at + IPV6_FRAGMENT_HEADER) {
            if (inner_get16(packet + at + 2) & IPV6_OFFSET)
                return 0;
            protocol = packet[at];
            at += IPV6_FRAGMENT_HEADER;
        }
    }
    return protocol == IPPROTO_UDP && len >= at + UDP_HEADER ? at + UDP_HEADER : 0;
}

uint64_t
inner_pseudo_sum(const struct inner *inner, const uint8_t *packet, size_t len)
{
    uint64_t sum =
        inner->version == 4 ? checksum_add(0, packet + 12, 8) : checksum_add(0, packet + 8, 32);

    sum = checksum_add_word(sum, htons(inner->protocol));
    return checksum_add_word(sum, htons(len));
}

void
inner_set_length(uint8_t *packet, size_t transport, size_t len, uint16_t id)
{
    uint16_t sum;

    if (packet[0] >> 4 == 6) {
        inner_put16(packet + 4, len - IPV6_HEADER);
        return;
    }
    inner_put16(packet + 2, len);
    inner_put16(packet + 4, id);
    inner_put16(packet + 10, 0);
    sum = ~checksum_fold(checksum_add(0, packet, (packet[0] & 0xf) * 4u));
    memcpy(packet + 10, &sum, sizeof sum);
}

uint8_t
inner_tos(const uint8_t *packet)
{
    return packet[0] >> 4 == 4 ? packet[1] : (uint8_t)(packet[0] << 4 | packet[1] >> 4);
}

static void
set_tos(uint8_t *packet, uint8_t tos)
{
    uint16_t before, after, sum;

    if (packet[0] >> 4 == 6) {
        packet[0] = 0x60 | tos >> 4;
        packet[1] = (uint8_t)(tos << 4) | (packet[1] & 0xf);
        return;
    }
    memcpy(&before, packet, sizeof before);
    packet[1] = tos;
    memcpy(&after, packet, sizeof after);
    /* RFC 1624, equation 3. A checksum that was wrong stays wrong. */
    memcpy(&sum, packet + 10, sizeof sum);
    sum = ~checksum_fold((uint64_t)(uint16_t)~sum + (uint16_t)~before + after);
    memcpy(packet + 10, &sum, sizeof sum);
}

bool
inner_decapsulate_ecn(uint8_t *packet, uint8_t outer_tos)
{
    uint8_t tos = inner_tos(packet);
    uint8_t outer = outer_tos & ECN_MASK, ecn = tos & ECN_MASK;

    if (outer == ECN_CE) {
        if (ecn == ECN_NOT_ECT)
            return false;
        ecn = ECN_CE;
    } else if (outer == ECN_ECT_1 && ecn == ECN_ECT_0) {
        ecn = ECN_ECT_1;
    }
    if (ecn != (tos & ECN_MASK))
        set_tos(packet, (tos & ~ECN_MASK) | ecn);
    return true;
}
