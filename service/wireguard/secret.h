/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>

/* Memory for secrets of one size: locked, left out of core files, between guard pages, wiped when given
 * back. It comes in slabs, for a slab's guard pages cost more than a key; and where RLIMIT_MEMLOCK is
 * used up, further slabs are simply not locked: a tunnel that works is worth more than one key less in
 * the swap of a machine that swaps. */
struct wg_secrets {
    size_t size; /* of one secret */
    struct wg_secret_slab *slabs;
    void *unused; /* each begins with a pointer to the next */
};

void wg_secrets_init(struct wg_secrets *secrets, size_t size);

/* wg_secrets_take - zeroed; NULL: no memory. */
void *wg_secrets_take(struct wg_secrets *secrets);

/* wg_secrets_give - back, wiped; NULL is fine. */
void wg_secrets_give(struct wg_secrets *secrets, void *secret);

/* wg_secrets_clear - frees and wipes all of them. */
void wg_secrets_clear(struct wg_secrets *secrets);
