/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <netinet/in.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wireguard/endpoint.h"

/* One UDP socket of either family, and datagrams by the batch: the kernel cuts what is sent
 * (UDP_SEGMENT) and joins what is received (UDP_GRO), so that one trip through its stack moves up to 64
 * of them; several such trips share a system call. Where a kernel or a network card refuses, things go
 * on without. */

enum udp_refusals {
    UDP_WITHOUT_GSO = 1 << 0, /* act as if the kernel refused */
    UDP_WITHOUT_GRO = 1 << 1,
    UDP_GSO_FAILS = 1 << 2, /* act as if the network card refused (EIO), at the first use */
    /* Not a refusal but a wish: answer from whatever address the kernel chooses, for there is nobody
     * to say when an address or a route is gone. */
    UDP_NOT_STICKY = 1 << 3,
};

struct udp {
    int fd; /* -1: there is none */
    int family;
    bool does_gro;
    unsigned refusals;
    /* Datagrams of this size and longer are not left to the kernel to cut: it would not fragment
     * them where the path's MTU wants that. 0: it cuts none at all. */
    atomic_uint gso_limit;
};

enum udp_limits {
    UDP_MAX = 65507,       /* bytes of one datagram, or of several for the kernel to cut */
    UDP_SEGMENTS = 64,     /* datagrams for the kernel to cut */
    UDP_QUEUE = 128,       /* datagrams in one udp_queue */
    UDP_CONTROL = 128,     /* bytes of control messages: at most three, of 24, 24 and 40 */
    UDP_BUFFER = 65536,    /* bytes for what arrives joined */
    UDP_RECEIVE_BATCH = 2, /* of these in one system call */
};

/* udp_open - in the calling process's network namespace, bound to port, 0 for any. -EAFNOSUPPORT: no such
 * family. */
int udp_open(struct udp *udp, int family, uint16_t port, uint32_t fwmark, unsigned refusals);

/* udp_attach - use a bound socket; takes over the descriptor. */
int udp_attach(struct udp *udp, int family, int fd, unsigned refusals);

/* udp_get_port - that it is bound to; 0 for no socket. */
uint16_t udp_get_port(const struct udp *udp);

/* udp_set_fwmark - -EPERM where that takes a capability which is not there. */
int udp_set_fwmark(const struct udp *udp, uint32_t fwmark);

/* udp_get_interface - the index of the interface of this name in the socket's network namespace; 0: there is
 * none. */
unsigned udp_get_interface(const struct udp *udp, const char *name);

/* udp_reset - the network has changed: what the kernel refused because of a path, try anew. */
void udp_reset(struct udp *udp);

/* ---- Sending ---- */

/* Datagrams to be sent, of both families, in order. All pointers are lent until udp_queue_flush. */
struct udp_queue {
    struct udp *udp4, *udp6;
    bool lost_source; /* one of our addresses is gone: wg_device_forget_sources() */
    unsigned count;   /* of messages */
    unsigned part_count;
    struct mmsghdr messages[UDP_QUEUE];
    struct {
        const struct wg_endpoint *to;
        size_t *sent; /* += bytes that the kernel took */
        size_t size;  /* of all datagrams in this message but the last */
        size_t len;   /* of them together */
        uint8_t tos;
        bool is_closed;
        alignas(struct cmsghdr) uint8_t control[UDP_CONTROL];
    } sends[UDP_QUEUE];
    struct iovec parts[UDP_QUEUE];
};

/* udp_queue_add - one datagram; there must be room (part_count < UDP_QUEUE). */
void udp_queue_add(struct udp_queue *queue,
                   const struct wg_endpoint *to,
                   uint8_t tos,
                   void *data,
                   size_t len,
                   size_t *sent);

/* udp_queue_flush - send all. What the network refuses is lost, as datagrams are. */
void udp_queue_flush(struct udp_queue *queue);

/* ---- Receiving ---- */

struct udp_arrival {
    struct wg_endpoint from; /* our own address included */
    uint8_t tos;
    uint8_t *data;
    size_t len;
    size_t segment; /* every datagram in data has this many bytes, but the last may be shorter */
};

/* Buffers of one thread. */
struct udp_receiver {
    struct mmsghdr messages[UDP_RECEIVE_BATCH];
    struct iovec parts[UDP_RECEIVE_BATCH];
    struct sockaddr_in6 names[UDP_RECEIVE_BATCH];
    alignas(struct cmsghdr) uint8_t control[UDP_RECEIVE_BATCH][UDP_CONTROL];
    struct udp_arrival arrivals[UDP_RECEIVE_BATCH];
    uint8_t *buffers; /* UDP_RECEIVE_BATCH times UDP_BUFFER */
    unsigned used;    /* of the messages, from the first on; to begin with, all */
};

/* udp_receive - what is there. How many arrivals, or a negative errno; -EAGAIN: none. */
int udp_receive(struct udp *udp, struct udp_receiver *receiver);
