/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/key.h"

#include <sodium.h>
#include <string.h>

#include "profile/hash.h"

G_STATIC_ASSERT(WGW_KEY_LEN == crypto_scalarmult_SCALARBYTES);
G_STATIC_ASSERT(WGW_KEY_BASE64_LEN + 1 ==
                sodium_base64_ENCODED_LEN(WGW_KEY_LEN, sodium_base64_VARIANT_ORIGINAL));

gboolean
wgw_key_from_base64(const char *base64, gsize len, guint8 key[WGW_KEY_LEN])
{
    guint8 bytes[WGW_KEY_LEN];
    guint8 high = 0;
    gboolean ok;
    size_t n;

    /* libsodium takes some bytes above 127 for letters. */
    for (gsize i = 0; i < len; i++)
        high |= base64[i] & 0x80;
    ok = len == WGW_KEY_BASE64_LEN && !high &&
         sodium_base642bin(bytes, sizeof bytes, base64, len, NULL, &n, NULL,
                           sodium_base64_VARIANT_ORIGINAL) == 0 &&
         n == sizeof bytes;

    if (ok)
        memcpy(key, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return ok;
}

void
wgw_key_to_base64(const guint8 key[WGW_KEY_LEN], char base64[WGW_KEY_BASE64_LEN + 1])
{
    sodium_bin2base64(base64, WGW_KEY_BASE64_LEN + 1, key, WGW_KEY_LEN,
                      sodium_base64_VARIANT_ORIGINAL);
}

void
wgw_key_generate(guint8 private_key[WGW_KEY_LEN])
{
    randombytes_buf(private_key, WGW_KEY_LEN);
    private_key[0] &= 248;
    private_key[31] = (private_key[31] & 127) | 64;
}

void
wgw_key_derive_public(const guint8 private_key[WGW_KEY_LEN], guint8 public_key[WGW_KEY_LEN])
{
    /* Fails only for a missing implementation. */
    int r = crypto_scalarmult_base(public_key, private_key);

    g_assert(r == 0);
}

guint
wgw_key_hash(gconstpointer public_key)
{
    return wgw_hash_bytes(public_key, WGW_KEY_LEN);
}

gboolean
wgw_key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, WGW_KEY_LEN) == 0;
}
