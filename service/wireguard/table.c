/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/table.h"

#include <errno.h>
#include <stdlib.h>

enum { SMALLEST = 16 };

int
wg_table_init(struct wg_table *table)
{
    *table = (struct wg_table){.size = SMALLEST};
    table->buckets = calloc(SMALLEST, sizeof *table->buckets);
    return table->buckets ? 0 : -ENOMEM;
}

void
wg_table_clear(struct wg_table *table)
{
    free(table->buckets);
    *table = (struct wg_table){0};
}

static struct wg_table_node **
bucket(const struct wg_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->size - 1)];
}

static void
grow(struct wg_table *table)
{
    struct wg_table larger = {.size = table->size * 2, .count = table->count};
    struct wg_table_node *node, *next;

    larger.buckets = calloc(larger.size, sizeof *larger.buckets);
    if (!larger.buckets)
        return;
    for (size_t i = 0; i < table->size; i++) {
        for (node = table->buckets[i]; node; node = next) {
            struct wg_table_node **home = bucket(&larger, node->hash);

            next = node->next;
            node->next = *home;
            *home = node;
        }
    }
    free(table->buckets);
    *table = larger;
}

void
wg_table_insert(struct wg_table *table, struct wg_table_node *node, uint64_t hash)
{
    struct wg_table_node **home;

    if (table->count >= table->size)
        grow(table);
    home = bucket(table, hash);
    node->hash = hash;
    node->next = *home;
    *home = node;
    table->count++;
}

void
wg_table_remove(struct wg_table *table, struct wg_table_node *node)
{
    for (struct wg_table_node **at = bucket(table, node->hash); *at; at = &(*at)->next) {
        if (*at == node) {
            *at = node->next;
            node->next = NULL;
            table->count--;
            return;
        }
    }
}

static struct wg_table_node *
with_hash(struct wg_table_node *node, uint64_t hash)
{
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

struct wg_table_node *
wg_table_first(const struct wg_table *table, uint64_t hash)
{
    return with_hash(*bucket(table, hash), hash);
}

struct wg_table_node *
wg_table_next(const struct wg_table_node *node)
{
    return with_hash(node->next, node->hash);
}
