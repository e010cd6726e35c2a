/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A Curve25519 or preshared key: 32 bytes, written as 44 characters of base64. Where a key is
 * private, its bytes and its base64 belong in a WgwSecret or another place that is wiped. */
#define WGW_KEY_LEN        32
#define WGW_KEY_BASE64_LEN 44

/* wgw_key_from_base64 - read a key as strictly as wg(8) does: exactly 44 characters, the standard
 * alphabet, one "=" and no stray bits before it. Time depends on nothing but len and success.
 * FALSE, and key is untouched, if it is not one. */
gboolean wgw_key_from_base64(const char *base64, gsize len, guint8 key[WGW_KEY_LEN]);

/* wgw_key_to_base64 - write 44 characters and a NUL. Constant time. */
void wgw_key_to_base64(const guint8 key[WGW_KEY_LEN], char base64[WGW_KEY_BASE64_LEN + 1]);

/* wgw_key_generate - a new private key, clamped (RFC 7748, section 5). */
void wgw_key_generate(guint8 private_key[WGW_KEY_LEN]);

/* wgw_key_derive_public - the public key that belongs to private_key. */
void wgw_key_derive_public(const guint8 private_key[WGW_KEY_LEN], guint8 public_key[WGW_KEY_LEN]);

/* For a GHashTable whose keys are public keys. Hashes cannot be made to collide on purpose. */
guint wgw_key_hash(gconstpointer public_key);
gboolean wgw_key_equal(gconstpointer a, gconstpointer b);
