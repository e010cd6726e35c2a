/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/keypair.h"

#include <stdlib.h>

#include "wireguard/device-private.h"

uint32_t
wg_index_add(struct wg_table *indices, const struct wg_random *random, struct wg_index *index)
{
    uint32_t number;

    do {
        random->fill(random->context, &number, sizeof number);
    } while (wg_table_first(indices, number));
    wg_table_insert(indices, &index->node, number);
    return number;
}

void
wg_index_remove(struct wg_table *indices, struct wg_index *index)
{
    wg_table_remove(indices, &index->node);
}

void
wg_index_replace(struct wg_table *indices, struct wg_index *from, struct wg_index *to)
{
    wg_table_remove(indices, &from->node);
    wg_table_insert(indices, &to->node, from->node.hash);
}

struct wg_index *
wg_index_find(const struct wg_table *indices, uint32_t number)
{
    struct wg_table_node *node = wg_table_first(indices, number);

    return node ? wg_container_of(node, struct wg_index, node) : NULL;
}

struct wg_keypair *
wg_keypair_new(struct wg_device *device, struct wg_peer *peer)
{
    struct wg_keypair *keypair = calloc(1, sizeof *keypair);

    if (!keypair)
        return NULL;
    keypair->keys = wg_secrets_take(&device->keys);
    if (!keypair->keys) {
        free(keypair);
        return NULL;
    }
    keypair->device = device;
    keypair->peer = peer;
    keypair->refs = 1;
    keypair->index = (struct wg_index){.peer = peer, .keypair = keypair};
    return keypair;
}

struct wg_keypair *
wg_keypair_ref(struct wg_keypair *keypair)
{
    keypair->refs++;
    return keypair;
}

void
wg_keypair_unref(struct wg_keypair *keypair)
{
    if (--keypair->refs > 0)
        return;
    wg_secrets_give(&keypair->device->keys, keypair->keys);
    free(keypair);
}

bool
wg_keypair_may_send(const struct wg_keypair *keypair, uint64_t mono, unsigned count)
{
    return keypair && keypair->can_send && mono < keypair->birth + WG_REJECT_AFTER_TIME &&
           keypair->sending_counter <= WG_REJECT_AFTER_MESSAGES - count;
}

/* Out of its place: nothing can be received with it any more. */
static void
retire(struct wg_keypair **place)
{
    struct wg_keypair *keypair = *place;

    *place = NULL;
    if (!keypair)
        return;
    wg_index_remove(&keypair->device->indices, &keypair->index);
    keypair->peer = NULL;
    wg_keypair_unref(keypair);
}

void
wg_keypairs_add(struct wg_keypairs *keypairs, struct wg_keypair *keypair)
{
    retire(&keypairs->previous);
    if (keypair->is_initiator) {
        /* A next one that was never confirmed is newer than the current one: the other end
         * may be sending with it. */
        if (keypairs->next) {
            keypairs->previous = keypairs->next;
            keypairs->next = NULL;
            retire(&keypairs->current);
        } else {
            keypairs->previous = keypairs->current;
        }
        keypairs->current = keypair;
    } else {
        retire(&keypairs->next);
        keypairs->next = keypair;
    }
}

bool
wg_keypairs_confirm(struct wg_keypairs *keypairs, struct wg_keypair *keypair)
{
    if (keypair != keypairs->next)
        return false;
    retire(&keypairs->previous);
    keypairs->previous = keypairs->current;
    keypairs->current = keypairs->next;
    keypairs->next = NULL;
    return true;
}

void
wg_keypairs_expire(struct wg_keypairs *keypairs)
{
    if (keypairs->current)
        keypairs->current->can_send = false;
    if (keypairs->next)
        keypairs->next->can_send = false;
}

void
wg_keypairs_clear(struct wg_keypairs *keypairs)
{
    retire(&keypairs->previous);
    retire(&keypairs->current);
    retire(&keypairs->next);
}
