/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/allowedips.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>

static unsigned
width(int family)
{
    return family == AF_INET ? 32 : 128;
}

static struct wg_ip
masked(struct wg_ip ip, unsigned prefix)
{
    if (prefix == 0)
        return (struct wg_ip){0};
    if (prefix <= 64)
        return (struct wg_ip){.high = ip.high & UINT64_MAX << (64 - prefix)};
    return (struct wg_ip){.high = ip.high, .low = ip.low & UINT64_MAX << (128 - prefix)};
}

/* How many leading bits two addresses share. */
static unsigned
common(struct wg_ip a, struct wg_ip b)
{
    if (a.high != b.high)
        return __builtin_clzll(a.high ^ b.high);
    if (a.low != b.low)
        return 64 + __builtin_clzll(a.low ^ b.low);
    return 128;
}

static unsigned
bit(struct wg_ip ip, unsigned at)
{
    return (at < 64 ? ip.high >> (63 - at) : ip.low >> (127 - at)) & 1;
}

static bool
covers(const struct wg_allowedips_node *node, struct wg_ip ip)
{
    return common(node->ip, ip) >= node->prefix;
}

static struct wg_allowedips_node **
root(struct wg_allowedips *ips, int family)
{
    return family == AF_INET ? &ips->v4 : &ips->v6;
}

/* The pointer that holds a node: the root, or one of its parent's children. */
static struct wg_allowedips_node **
place(struct wg_allowedips *ips, struct wg_allowedips_node *node)
{
    if (!node->parent)
        return root(ips, node->family);
    return &node->parent->child[node->parent->child[1] == node];
}

static struct wg_allowedips_node *
node_new(int family, struct wg_ip ip, unsigned prefix)
{
    struct wg_allowedips_node *node = calloc(1, sizeof *node);

    if (node) {
        node->family = family;
        node->ip = masked(ip, prefix);
        node->prefix = prefix;
    }
    return node;
}

static void
adopt(struct wg_allowedips_node *parent, struct wg_allowedips_node *child)
{
    parent->child[bit(child->ip, parent->prefix)] = child;
    child->parent = parent;
}

static void
disown(struct wg_allowedips_node *node)
{
    if (!node->peer)
        return;
    TAILQ_REMOVE(node->list, node, siblings);
    node->peer = NULL;
    node->list = NULL;
}

static void
own(struct wg_allowedips_node *node, struct wg_peer *peer, struct wg_allowedips_list *list)
{
    if (node->peer == peer)
        return;
    disown(node);
    node->peer = peer;
    node->list = list;
    TAILQ_INSERT_TAIL(list, node, siblings);
}

int
wg_allowedips_insert(struct wg_allowedips *ips,
                     int family,
                     struct wg_ip ip,
                     unsigned prefix,
                     struct wg_peer *peer,
                     struct wg_allowedips_list *list)
{
    struct wg_allowedips_node *parent = NULL, *below, *node, *fork = NULL;
    struct wg_allowedips_node **at = root(ips, family);
    unsigned shared;

    if ((family != AF_INET && family != AF_INET6) || prefix > width(family))
        return -EINVAL;
    ip = masked(ip, prefix);
    while (*at && (*at)->prefix <= prefix && covers(*at, ip)) {
        parent = *at;
        if (parent->prefix == prefix) {
            own(parent, peer, list);
            return 0;
        }
        at = &parent->child[bit(ip, parent->prefix)];
    }
    below = *at;
    node = node_new(family, ip, prefix);
    if (!node)
        return -ENOMEM;
    if (below) {
        shared = common(ip, below->ip);
        if (shared >= prefix) {
            adopt(node, below);
        } else {
            fork = node_new(family, ip, shared);
            if (!fork) {
                free(node);
                return -ENOMEM;
            }
            adopt(fork, below);
            adopt(fork, node);
            fork->parent = parent;
        }
    }
    if (!fork)
        node->parent = parent;
    *at = fork ? fork : node;
    own(node, peer, list);
    return 0;
}

/* A node without peer and with a single child, or none, is of no use: its child takes its place. Its
 * parent may have been left useless by that. */
static void
prune(struct wg_allowedips *ips, struct wg_allowedips_node *node)
{
    while (node && !node->peer && !(node->child[0] && node->child[1])) {
        struct wg_allowedips_node *parent = node->parent;
        struct wg_allowedips_node *child = node->child[0] ? node->child[0] : node->child[1];

        *place(ips, node) = child;
        if (child)
            child->parent = parent;
        free(node);
        node = parent;
    }
}

int
wg_allowedips_remove(struct wg_allowedips *ips,
                     int family,
                     struct wg_ip ip,
                     unsigned prefix,
                     const struct wg_peer *peer)
{
    struct wg_allowedips_node *node = *root(ips, family);

    if ((family != AF_INET && family != AF_INET6) || prefix > width(family))
        return -EINVAL;
    ip = masked(ip, prefix);
    while (node && node->prefix < prefix && covers(node, ip))
        node = node->child[bit(ip, node->prefix)];
    if (node && node->prefix == prefix && covers(node, ip) && node->peer == peer) {
        disown(node);
        prune(ips, node);
    }
    return 0;
}

void
wg_allowedips_remove_list(struct wg_allowedips *ips, struct wg_allowedips_list *list)
{
    struct wg_allowedips_node *node;

    while ((node = TAILQ_FIRST(list))) {
        /* Pruning frees nodes without peer only, none of which is in a list. */
        disown(node); /* NOLINT(clang-analyzer-unix.Malloc) */
        prune(ips, node);
    }
}

struct wg_peer *
wg_allowedips_find(const struct wg_allowedips *ips, int family, struct wg_ip ip)
{
    const struct wg_allowedips_node *node = family == AF_INET ? ips->v4 : ips->v6;
    struct wg_peer *found = NULL;

    while (node && covers(node, ip)) {
        if (node->peer)
            found = node->peer;
        if (node->prefix == width(family))
            break;
        node = node->child[bit(ip, node->prefix)];
    }
    return found;
}
