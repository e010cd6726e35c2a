/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/ratelimit.h"

#include <stdlib.h>

#include "wireguard/crypto.h"

enum {
    PER_SECOND = 20,
    BURST = 5,
    SETS = 1024,
    WAYS = 4,
};

#define COST (WG_SECOND / PER_SECOND)
#define FULL (COST * BURST)

/* A bucket of nanoseconds that fills as time goes by, and from which each handshake takes COST. */
struct wg_ratelimit_entry {
    uint64_t source[2]; /* both zero: never used */
    uint64_t last;      /* mono */
    uint64_t tokens;
};

void
wg_ratelimit_init(struct wg_ratelimit *limit, const uint8_t hash_key[16])
{
    *limit = (struct wg_ratelimit){0};
    memcpy(limit->hash_key, hash_key, sizeof limit->hash_key);
}

void
wg_ratelimit_clear(struct wg_ratelimit *limit)
{
    free(limit->entries);
    limit->entries = NULL;
}

static void
source_key(const struct wg_endpoint *source, uint64_t ret[2])
{
    ret[0] = source->addr.sa_family;
    ret[1] = 0;
    if (source->addr.sa_family == AF_INET6)
        memcpy(&ret[1], &source->in6.sin6_addr, 8);
    else
        memcpy(&ret[1], &source->in4.sin_addr, 4);
}

bool
wg_ratelimit_allow(struct wg_ratelimit *limit, uint64_t mono, const struct wg_endpoint *source)
{
    struct wg_ratelimit_entry *set, *entry = NULL;
    uint64_t key[2];

    if (!limit->entries)
        limit->entries = calloc((size_t)SETS * WAYS, sizeof *limit->entries);
    if (!limit->entries)
        return true;
    source_key(source, key);
    set = limit->entries + wg_siphash(limit->hash_key, key, sizeof key) % SETS * WAYS;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].source[0] == key[0] && set[i].source[1] == key[1]) {
            entry = &set[i];
            break;
        }
        if (!entry && mono >= set[i].last + WG_SECOND)
            entry = &set[i];
    }
    if (!entry)
        return false;
    if (entry->source[0] != key[0] || entry->source[1] != key[1]) {
        *entry = (struct wg_ratelimit_entry){.source = {key[0], key[1]}, .tokens = FULL};
    } else if (mono > entry->last) {
        entry->tokens += mono - entry->last;
        if (entry->tokens > FULL)
            entry->tokens = FULL;
    }
    entry->last = mono;
    if (entry->tokens < COST)
        return false;
    entry->tokens -= COST;
    return true;
}
