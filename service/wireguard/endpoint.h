/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* Where a peer is, and from which of our own addresses it was spoken to. This room only copies
 * endpoints, compares them and takes their address for cookies and rate limits; the engine fills
 * and reads them. All bytes that no field uses must be zero: begin with `= {0}`. */
struct wg_endpoint {
    union {
        struct sockaddr addr; /* sa_family AF_UNSPEC: there is no endpoint */
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;
    };
    /* Our own side of the conversation (IP_PKTINFO, IPV6_PKTINFO); all zero: the kernel chooses. */
    union {
        struct in_addr src4;
        struct in6_addr src6;
    };
    int src_ifindex;
};

/* wg_endpoint_is_set - is there somewhere to send to? */
static inline bool
wg_endpoint_is_set(const struct wg_endpoint *endpoint)
{
    return endpoint->addr.sa_family != AF_UNSPEC;
}

/* wg_endpoint_equal - same remote address and port, and same local address and interface. */
static inline bool
wg_endpoint_equal(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
    if (a->addr.sa_family != b->addr.sa_family || a->src_ifindex != b->src_ifindex)
        return false;
    if (a->addr.sa_family == AF_INET)
        return a->in4.sin_port == b->in4.sin_port &&
               a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr && a->src4.s_addr == b->src4.s_addr;
    if (a->addr.sa_family == AF_INET6)
        return a->in6.sin6_port == b->in6.sin6_port &&
               a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
               !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof a->in6.sin6_addr) &&
               !memcmp(&a->src6, &b->src6, sizeof a->src6);
    return true;
}
