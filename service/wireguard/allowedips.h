/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <sys/queue.h>

#include "wireguard/ip.h"

struct wg_peer;

/* Which peer an inner address belongs to: the longest prefix wins. One radix tree for each family with
 * compressed paths, so that a look-up visits at most as many nodes as the address has bits, and
 * as a rule about log2 of the number of ranges. */
struct wg_allowedips {
    struct wg_allowedips_node *v4, *v6;
};

/* A peer's own ranges, in the order in which they came to it. */
TAILQ_HEAD(wg_allowedips_list, wg_allowedips_node);

/* Inner nodes which no range was given for have no peer; they always have two children. */
struct wg_allowedips_node {
    struct wg_ip ip; /* bits beyond the prefix are zero */
    uint8_t prefix;
    int family;
    struct wg_allowedips_node *parent, *child[2];
    struct wg_peer *peer;
    struct wg_allowedips_list *list; /* the peer's, which this is in */
    TAILQ_ENTRY(wg_allowedips_node) siblings;
};

/* wg_allowedips_insert - give a range to a peer, away from whoever has it. -ENOMEM, -EINVAL. */
int wg_allowedips_insert(struct wg_allowedips *ips,
                         int family,
                         struct wg_ip ip,
                         unsigned prefix,
                         struct wg_peer *peer,
                         struct wg_allowedips_list *list);

/* wg_allowedips_remove - take exactly this range away from a peer, if it has it. -EINVAL. */
int wg_allowedips_remove(struct wg_allowedips *ips,
                         int family,
                         struct wg_ip ip,
                         unsigned prefix,
                         const struct wg_peer *peer);

/* wg_allowedips_remove_list - take all of a peer's ranges away from it. */
void wg_allowedips_remove_list(struct wg_allowedips *ips, struct wg_allowedips_list *list);

/* wg_allowedips_find - the peer of an address; NULL: nobody's. */
struct wg_peer *wg_allowedips_find(const struct wg_allowedips *ips, int family, struct wg_ip ip);
