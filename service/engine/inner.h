/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The headers of inner packets, as far as offloads and ECN read them. Pointers into packets carry no
 * alignment: structs of the system's headers are copied out and in. */

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5 /* Linux 6.2 */
#endif

enum inner_limits {
    INNER_MAX = 65535,                    /* the longest IP packet */
    INNER_HEADERS_MAX = 40 + 8 + 256 + 60 /* more than any that we split or coalesce */
};

enum inner_tcp_flags {
    INNER_TCP_FIN = 0x01,
    INNER_TCP_PSH = 0x08,
    INNER_TCP_ACK = 0x10,
    INNER_TCP_ECE = 0x40,
    INNER_TCP_CWR = 0x80,
};

/* What inner_parse found: a whole, unfragmented IP packet, without IPv4 options or IPv6 extension
 * headers, that carries TCP or UDP and nothing behind it. */
struct inner {
    uint8_t version;    /* 4 or 6 */
    uint8_t protocol;   /* IPPROTO_TCP or IPPROTO_UDP */
    uint16_t transport; /* offset of the TCP or UDP header */
    uint16_t payload;   /* offset of what follows it */
};

/* inner_parse - -EPROTO: it is anything else. */
int inner_parse(const uint8_t *packet, size_t len, struct inner *ret_inner);

/* inner_pseudo_sum - of the pseudo-header of RFC 9293, 3.1, for a transport part of len bytes. */
uint64_t inner_pseudo_sum(const struct inner *inner, const uint8_t *packet, size_t len);

/* inner_set_length - the IP header's lengths and, for IPv4, its identification and checksum.
 * transport: offset of the transport header; len: of the packet. */
void inner_set_length(uint8_t *packet, size_t transport, size_t len, uint16_t id);

/* inner_udp_payload - where the payload of an IP packet's UDP datagram begins, be the packet whole or
 * the datagram's first fragment; 0: it is anything else. len: at least 20, of IPv6 40. */
size_t inner_udp_payload(const uint8_t *packet, size_t len);

/* inner_is_fragment - of IPv4. packet: at least 20 bytes. */
bool inner_is_fragment(const uint8_t *packet);

/* inner_tos - DSCP and ECN. packet: at least 2 bytes, version 4 or 6. */
uint8_t inner_tos(const uint8_t *packet);

/* inner_decapsulate_ecn - RFC 6040, 4.2: bring the outer header's ECN into the inner packet of at
 * least 20 bytes. False: drop it (congestion was marked on what cannot be told about it). */
bool inner_decapsulate_ecn(uint8_t *packet, uint8_t outer_tos);

static inline uint16_t
inner_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void
inner_put16(uint8_t *at, uint16_t value)
{
    at[0] = value >> 8;
    at[1] = value & 0xff;
}

static inline uint32_t
inner_get32(const uint8_t *at)
{
    return (uint32_t)inner_get16(at) << 16 | inner_get16(at + 2);
}

static inline void
inner_put32(uint8_t *at, uint32_t value)
{
    inner_put16(at, value >> 16);
    inner_put16(at + 2, value & 0xffff);
}
