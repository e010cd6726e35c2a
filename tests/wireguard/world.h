/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

#include "wireguard/device.h"

/* A world of WireGuard devices with a clock that stands until it is moved, randomness that repeats, and
 * a network in memory that loses, doubles and delays what it is told to. A node stands for what the
 * engine does around a device. */

enum { WORLD_NODES = 4, WORLD_MTU = 1420 };

#define WORLD_START      (UINT64_C(1000) * WG_SECOND)
#define WORLD_START_REAL (UINT64_C(1700000000) * WG_SECOND)

struct world;

/* What went onto the wire. */
struct sent {
    uint64_t at;
    enum wg_message_type type;
    size_t len;
};

struct node {
    struct world *world;
    unsigned number;
    struct wg_device *device;
    struct wg_aead *aead;
    struct wg_random random;
    uint8_t seed[32];
    uint8_t public_key[WG_KEY_LEN];
    struct wg_endpoint endpoint;
    GArray *sent; /* struct sent */
    bool deaf;    /* nothing reaches it */
    unsigned delivered;
    unsigned verdicts[256]; /* -errno -> how often */
    GHashTable *seen;       /* serial numbers of what was delivered */
    unsigned delivered_twice;
};

struct world {
    uint64_t now; /* mono */
    GRand *rand;
    GQueue flying; /* struct datagram */
    double loss, duplication;
    uint64_t delay, delay_spread;
    unsigned count;
    uint32_t next_serial;
    struct node nodes[WORLD_NODES];
    void (*on_wire)(struct world *world, struct node *from, uint8_t *data, size_t len);
};

/* world_new - with so many nodes, each with a private key and no peers. */
struct world *world_new(uint32_t seed, unsigned count);
void world_free(struct world *world);
#define G_WORLD_AUTO __attribute__((cleanup(world_cleanup))) struct world *
void world_cleanup(struct world **world);

struct wg_time world_time(const struct world *world);

/* world_connect - make two nodes peers: node n is 10.0.n.0/24 and fd00:n::/32 inside, 192.0.2.n outside.
 * psk NULL: none. */
void world_connect(struct world *world, unsigned a, unsigned b, const uint8_t *psk);
struct wg_peer *world_peer(struct world *world, unsigned of, unsigned who);

/* world_send - so many packets of an inner length from one node to another. 0 or what reserving said. */
int
world_send(struct world *world, unsigned from, unsigned to, int family, size_t len, unsigned count);

/* world_inject - a datagram arrives from somewhere. */
void world_inject(struct world *world,
                  unsigned to,
                  const struct wg_endpoint *source,
                  const void *data,
                  size_t len);

/* world_flush - put the node's outbox onto the wire. */
void world_flush(struct node *node);

/* world_run - let time pass: arrivals and timers in their order. */
void world_run(struct world *world, uint64_t nanoseconds);

/* world_sent - how many messages of a type and of a length (0: any) a node has sent since. */
unsigned world_sent(const struct node *node, enum wg_message_type type, size_t len, uint64_t since);

/* world_packet - an IP packet with good lengths. */
void
world_packet(uint8_t *ret, int family, unsigned from, unsigned to, size_t len, uint32_t serial);
