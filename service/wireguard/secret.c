/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/secret.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SLAB_SIZE = 16384 };

/* The list of slabs lies outside of them, so that they hold nothing but secrets. */
struct wg_secret_slab {
    struct wg_secret_slab *next;
    uint8_t *memory;
};

void
wg_secrets_init(struct wg_secrets *secrets, size_t size)
{
    size_t align = _Alignof(max_align_t);

    *secrets = (struct wg_secrets){.size = (size + align - 1) / align * align};
}

static void
add_slab(struct wg_secrets *secrets)
{
    struct wg_secret_slab *slab = malloc(sizeof *slab);

    if (!slab)
        return;
    slab->memory = sodium_malloc(SLAB_SIZE);
    if (!slab->memory) {
        free(slab);
        return;
    }
    slab->next = secrets->slabs;
    secrets->slabs = slab;
    for (size_t at = 0; at + secrets->size <= SLAB_SIZE; at += secrets->size) {
        memcpy(slab->memory + at, &secrets->unused, sizeof secrets->unused);
        secrets->unused = slab->memory + at;
    }
}

void *
wg_secrets_take(struct wg_secrets *secrets)
{
    void *secret;

    if (!secrets->unused)
        add_slab(secrets);
    secret = secrets->unused;
    if (!secret)
        return NULL;
    memcpy(&secrets->unused, secret, sizeof secrets->unused);
    memset(secret, 0, secrets->size);
    return secret;
}

void
wg_secrets_give(struct wg_secrets *secrets, void *secret)
{
    if (!secret)
        return;
    sodium_memzero(secret, secrets->size);
    memcpy(secret, &secrets->unused, sizeof secrets->unused);
    secrets->unused = secret;
}

void
wg_secrets_clear(struct wg_secrets *secrets)
{
    struct wg_secret_slab *next;

    for (struct wg_secret_slab *slab = secrets->slabs; slab; slab = next) {
        next = slab->next;
        sodium_free(slab->memory); /* wipes */
        free(slab);
    }
    secrets->slabs = NULL;
    secrets->unused = NULL;
}
