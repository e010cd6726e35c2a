/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/deadlines.h"

#include <errno.h>
#include <stdlib.h>

int
wg_deadlines_reserve(struct wg_deadlines *deadlines, size_t count)
{
    size_t size = deadlines->size ? deadlines->size : 16;
    struct wg_deadline **heap;

    while (size <= count) /* place 0 stays empty */
        size *= 2;
    if (size == deadlines->size)
        return 0;
    heap = realloc(deadlines->heap, size * sizeof(struct wg_deadline *));
    if (!heap)
        return -ENOMEM;
    deadlines->heap = heap;
    deadlines->size = size;
    return 0;
}

void
wg_deadlines_clear(struct wg_deadlines *deadlines)
{
    free(deadlines->heap);
    *deadlines = (struct wg_deadlines){0};
}

static void
put(struct wg_deadlines *deadlines, size_t position, struct wg_deadline *deadline)
{
    deadlines->heap[position] = deadline;
    deadline->position = position;
}

/* Find the right place for a deadline, whose own one, hole, is free. */
static void
settle(struct wg_deadlines *deadlines, size_t hole, struct wg_deadline *deadline)
{
    struct wg_deadline **heap = deadlines->heap;

    while (hole > 1 && heap[hole / 2]->at > deadline->at) {
        put(deadlines, hole, heap[hole / 2]);
        hole /= 2;
    }
    for (size_t child; (child = hole * 2) <= deadlines->count; hole = child) {
        if (child < deadlines->count && heap[child + 1]->at < heap[child]->at)
            child++;
        if (heap[child]->at >= deadline->at)
            break;
        put(deadlines, hole, heap[child]);
    }
    put(deadlines, hole, deadline);
}

void
wg_deadlines_set(struct wg_deadlines *deadlines, struct wg_deadline *deadline, uint64_t at)
{
    size_t hole = deadline->position;

    deadline->at = at;
    if (at != WG_NEVER) {
        settle(deadlines, hole ? hole : ++deadlines->count, deadline);
    } else if (hole) {
        struct wg_deadline *last = deadlines->heap[deadlines->count--];

        deadline->position = 0;
        if (last != deadline)
            settle(deadlines, hole, last);
    }
}

struct wg_deadline *
wg_deadlines_first(const struct wg_deadlines *deadlines)
{
    return deadlines->count > 0 ? deadlines->heap[1] : NULL;
}
