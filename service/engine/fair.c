/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/fair.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/inner.h"

enum {
    FLOWS = 256,
    QUANTUM = 3000, /* bytes: two packets of usual size */
};

struct flow {
    struct fair_packet *first, **end;
    size_t bytes;
    ssize_t deficit; /* what it may still send before the others; RFC 8290 calls it credits */
    bool is_listed;
    struct flow *next; /* in its list */
};

struct list {
    struct flow *first, **end;
};

struct fair {
    uint8_t key[crypto_shorthash_KEYBYTES]; /* so that nobody can choose whose flow to share */
    struct list fresh, old;
    struct fair_packet *lone; /* the only one, and not in any flow yet; or NULL */
    size_t bytes;
    struct fair_packet *free; /* the last one released first, for its memory is warm */
    struct fair_packet packets[FAIR_PACKETS];
    struct flow flows[FLOWS];
};

static void
append(struct list *list, struct flow *flow)
{
    flow->next = NULL;
    *list->end = flow;
    list->end = &flow->next;
}

static struct flow *
remove_first(struct list *list)
{
    struct flow *flow = list->first;

    list->first = flow->next;
    if (!list->first)
        list->end = &list->first;
    return flow;
}

/* Addresses, protocol, and ports where each packet has them: fragments of a flow are another one. */
static struct flow *
find_flow(struct fair *fair, const struct fair_packet *packet)
{
    const uint8_t *data = packet->tun.data;
    uint8_t id[16 + 16 + 1 + 4] = {0}, hash[crypto_shorthash_BYTES];
    size_t transport = 0;

    if (packet->len >= 20 && data[0] >> 4 == 4) {
        memcpy(id, data + 12, 8);
        id[32] = data[9];
        if (!inner_is_fragment(data))
            transport = (data[0] & 0xf) * 4u;
    } else if (packet->len >= 40 && data[0] >> 4 == 6) {
        memcpy(id, data + 8, 32);
        id[32] = data[6];
        transport = 40;
    }
    if ((id[32] == IPPROTO_TCP || id[32] == IPPROTO_UDP) && transport > 0 &&
        packet->len >= transport + 4)
        memcpy(id + 33, data + transport, 4);
    crypto_shorthash(hash, id, sizeof id, fair->key);
    return &fair->flows[hash[0] % FLOWS];
}

static struct fair_packet *
take(struct fair *fair, struct flow *flow)
{
    struct fair_packet *packet = flow->first;

    flow->first = packet->next;
    if (!flow->first)
        flow->end = &flow->first;
    flow->bytes -= packet->len;
    fair->bytes -= packet->len;
    return packet;
}

/* The oldest of the flow that has most, so that who sends too much learns of it soon. */
static void
drop(struct fair *fair)
{
    struct flow *most = fair->flows;

    for (struct flow *flow = fair->flows; flow < fair->flows + FLOWS; flow++)
        if (flow->bytes > most->bytes)
            most = flow;
    fair_release(fair, take(fair, most));
}

struct fair *
fair_new(void)
{
    struct fair *fair = calloc(1, sizeof *fair);

    if (!fair)
        return NULL;
    crypto_shorthash_keygen(fair->key);
    fair->fresh.end = &fair->fresh.first;
    fair->old.end = &fair->old.first;
    for (unsigned i = 0; i < FLOWS; i++)
        fair->flows[i].end = &fair->flows[i].first;
    for (unsigned i = FAIR_PACKETS; i > 0; i--)
        fair_release(fair, &fair->packets[i - 1]);
    return fair;
}

void
fair_free(struct fair *fair)
{
    free(fair);
}

struct fair_packet *
fair_get_room(struct fair *fair)
{
    struct fair_packet *packet = fair->free;

    if (packet)
        fair->free = packet->next;
    return packet;
}

static void
enqueue(struct fair *fair, struct fair_packet *packet)
{
    struct flow *flow = find_flow(fair, packet);

    packet->next = NULL;
    *flow->end = packet;
    flow->end = &packet->next;
    flow->bytes += packet->len;
    fair->bytes += packet->len;
    if (!flow->is_listed) {
        flow->is_listed = true;
        flow->deficit = QUANTUM;
        append(&fair->fresh, flow);
    }
    while (fair->bytes > FAIR_BYTES)
        drop(fair);
}

void
fair_add(struct fair *fair, struct fair_packet *packet)
{
    struct fair_packet *lone = fair->lone;

    if (!lone && fair->bytes == 0) {
        fair->lone = packet;
        return;
    }
    fair->lone = NULL;
    if (lone)
        enqueue(fair, lone);
    enqueue(fair, packet);
}

struct fair_packet *
fair_next(struct fair *fair)
{
    struct fair_packet *lone = fair->lone;

    fair->lone = NULL;
    while (!lone) {
        struct list *list = fair->fresh.first ? &fair->fresh : &fair->old;
        struct flow *flow = list->first;
        struct fair_packet *packet;

        if (!flow)
            return NULL;
        if (flow->deficit <= 0) {
            flow->deficit += QUANTUM;
            append(&fair->old, remove_first(list));
            continue;
        }
        if (!flow->first) {
            remove_first(list);
            /* Not fresh again at once, else it would always be. */
            if (list == &fair->fresh && fair->old.first)
                append(&fair->old, flow);
            else
                flow->is_listed = false;
            continue;
        }
        packet = take(fair, flow);
        flow->deficit -= (ssize_t)packet->len;
        return packet;
    }
    return lone;
}

void
fair_release(struct fair *fair, struct fair_packet *packet)
{
    packet->next = fair->free;
    fair->free = packet;
}
