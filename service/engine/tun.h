/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "engine/inner.h"

/* The TUN device: inner packets from and to the kernel, with offloads where it has them. */

enum tun_refusals {
    TUN_WITHOUT_HEADER = 1 << 0, /* act as if the device had no IFF_VNET_HDR */
    TUN_WITHOUT_TSO = 1 << 1,    /* act as if the kernel refused an offload */
    TUN_WITHOUT_USO = 1 << 2,
};

struct tun {
    int fd;
    char name[16];   /* as in its network namespace */
    bool has_header; /* each packet is preceded by a struct virtio_net_hdr */
    bool does_udp;   /* UDP segmentation, in both directions */
};

/* tun_create - make the interface, which is down at first, with wireguard-go's MTU. -EBUSY: another process
 * is at it. */
int tun_create(struct tun *tun, const char *name, unsigned refusals);

/* tun_attach - use a device that somebody made; takes over the descriptor. */
int tun_attach(struct tun *tun, int fd, unsigned refusals);

/* What one read brings, in one piece. */
struct tun_packet {
    struct virtio_net_hdr header; /* zero where the device has none */
    uint8_t data[INNER_MAX];
};

/* tun_read - one packet. Its length, -EAGAIN if there is none, -EBADFD or -EFAULT when the interface is gone. */
ssize_t tun_read(struct tun *tun, struct tun_packet *ret_packet);

/* tun_wait - for a packet, or the interface's end, or a signal. */
void tun_wait(const struct tun *tun);

/* tun_write - one packet, or a coalesced one. parts[0] is its header, and is skipped where the device
 * has none. 0 or a negative errno: the kernel did not like it, or the interface is down. */
int tun_write(struct tun *tun, const struct iovec *parts, unsigned count);
