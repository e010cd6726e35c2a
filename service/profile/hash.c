/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/hash.h"

#include <sodium.h>
#include <string.h>

guint
wgw_hash_bytes(const void *bytes, gsize len)
{
    static guint8 key[crypto_shorthash_KEYBYTES];
    static gsize have_key;
    guint8 hash[crypto_shorthash_BYTES];
    guint result;

    if (g_once_init_enter(&have_key)) {
        crypto_shorthash_keygen(key);
        g_once_init_leave(&have_key, 1);
    }
    crypto_shorthash(hash, bytes, len, key);
    memcpy(&result, hash, sizeof result);
    return result;
}
