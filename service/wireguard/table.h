/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A hash table of nodes that live in their owners, so that only growth allocates; when growth finds no
 * memory, chains just get longer. The hash is the caller's: SipHash for public keys, which strangers
 * choose, and for indices, which are random, the index itself. */
struct wg_table_node {
    struct wg_table_node *next;
    uint64_t hash;
};

struct wg_table {
    struct wg_table_node **buckets;
    size_t size; /* a power of two */
    size_t count;
};

#define wg_container_of(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* wg_table_init - -ENOMEM. Free with wg_table_clear, which leaves the nodes to their owners. */
int wg_table_init(struct wg_table *table);
void wg_table_clear(struct wg_table *table);

void wg_table_insert(struct wg_table *table, struct wg_table_node *node, uint64_t hash);

/* wg_table_remove - a node that is not in the table is left alone. */
void wg_table_remove(struct wg_table *table, struct wg_table_node *node);

/* wg_table_first, wg_table_next - the nodes that have this hash; the caller compares the key. */
struct wg_table_node *wg_table_first(const struct wg_table *table, uint64_t hash);
struct wg_table_node *wg_table_next(const struct wg_table_node *node);
