/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the kernel leaves to a network card, and so to us, when it reads from a TUN with offloads: one
 * packet of up to 64 KiB to be cut into packets that fit the MTU, and checksums to be completed. */

struct split {
    const uint8_t *packet; /* lent */
    size_t len;
    size_t transport, payload; /* offsets, when it is to be cut */
    size_t segment_size;       /* payload of one packet; 0: it is one packet */
    size_t at;                 /* offset of the next packet's payload */
    uint16_t id;
    uint32_t sequence;
    uint64_t pseudo_sum; /* less the length */
    bool is_tcp;
    bool is_done;
};

/* split_begin - packet: lent until split_next has returned 0, and completed in place if only its
 * checksum is missing. -EINVAL: header and packet do not fit together. Hostile input is fine. */
int
split_begin(struct split *split, const struct virtio_net_hdr *header, uint8_t *packet, size_t len);

/* split_longest - of the packets to come, none is longer. */
size_t split_longest(const struct split *split);

/* split_next - put the next packet to ret_packet. Its length; 0: that was all. */
size_t split_next(struct split *split, uint8_t *ret_packet);
