/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* When which peer has something to do: a binary heap, so that looking at the earliest is free, and
 * moving one costs log2 of how many there are. */
#define WG_NEVER UINT64_MAX

struct wg_deadline {
    uint64_t at;     /* mono */
    size_t position; /* in the heap, from 1; 0: at is WG_NEVER, it is not there */
};

struct wg_deadlines {
    struct wg_deadline **heap; /* the children of n, from 1, are 2n and 2n + 1 */
    size_t count, size;
};

/* wg_deadlines_reserve - room for so many, so that setting one cannot fail. -ENOMEM. */
int wg_deadlines_reserve(struct wg_deadlines *deadlines, size_t count);
void wg_deadlines_clear(struct wg_deadlines *deadlines);

/* wg_deadlines_set - move, enter, or with WG_NEVER take out. */
void wg_deadlines_set(struct wg_deadlines *deadlines, struct wg_deadline *deadline, uint64_t at);

/* wg_deadlines_first - lent; NULL: none. */
struct wg_deadline *wg_deadlines_first(const struct wg_deadlines *deadlines);
