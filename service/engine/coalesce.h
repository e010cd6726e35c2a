/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "engine/inner.h"

/* The reverse of a split, which the kernel calls GRO: consecutive packets of a TCP or UDP flow become
 * one packet of up to 64 KiB, of which a network card could make the same packets again, to the bit.
 * So they are written to the TUN with one system call, and go through the kernel's stack once. Nothing
 * is copied: the result is a list of the packets' parts.
 *
 * A packet whose checksum does not verify is never joined with another. Packets of one flow keep their
 * order, as do those that are of no flow (fragments, ICMP) among all others.
 *
 * The one liberty taken, as by the kernel and allowed by RFC 6864 (4.1): if packets that must not be
 * fragmented all have the same identification, it counts upwards afterwards. */

enum coalesce_limits {
    COALESCE_PACKETS = 64, /* into one: what UDP segmentation takes (UDP_MAX_SEGMENTS) */
    COALESCE_FLOWS = 16,   /* at once */
};

/* One packet to be written, of one or many. */
struct coalesced {
    struct virtio_net_hdr header;
    struct iovec parts[1 + COALESCE_PACKETS]; /* parts[0] is the header */
    unsigned count;                           /* of parts */
    size_t len;                               /* without the header */
    struct inner inner;                       /* version 0: belongs to no flow */
    uint32_t sequence;                        /* TCP: of the next packet */
    uint16_t id, id_step;                     /* IPv4: the next one, 1 or 0 */
    bool is_closed;
};

struct coalescer {
    bool does_udp; /* the kernel takes VIRTIO_NET_HDR_GSO_UDP_L4 */
    unsigned count;
    struct coalesced coalesced[COALESCE_FLOWS];
};

/* coalesce_init - without flows. */
void coalesce_init(struct coalescer *coalescer, bool does_udp);

/* coalesce_add - take a packet, lent and changed until the next coalesce_clear. False: no room; write
 * what coalesce_finish has finished, clear, and add it again. */
bool coalesce_add(struct coalescer *coalescer, uint8_t *packet, size_t len);

/* coalesce_finish - make what was taken, coalesced[0] to coalesced[count - 1], ready for writing. */
void coalesce_finish(struct coalescer *coalescer);
void coalesce_clear(struct coalescer *coalescer);
