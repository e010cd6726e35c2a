/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/key.h"

#include <string.h>

#include "samples.h"

static void
test_derive(void)
{
    /* RFC 7748, section 6.1: Alice's keys. */
    static const char private_base64[] = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
    static const char public_base64[] = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
    guint8 private_key[WGW_KEY_LEN], public_key[WGW_KEY_LEN];
    char base64[WGW_KEY_BASE64_LEN + 1];

    g_assert_true(wgw_key_from_base64(private_base64, strlen(private_base64), private_key));
    wgw_key_derive_public(private_key, public_key);
    wgw_key_to_base64(public_key, base64);
    g_assert_cmpstr(base64, ==, public_base64);
}

static void
test_strict(void)
{
    static const char *const bad[] = {
        "",
        "=",
        "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92s",   /* no padding */
        "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92sA",  /* 33 bytes */
        "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92==",  /* 31 bytes */
        "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92t=",  /* stray bits */
        "WAri3pMA0yxCvN-a5COV_KfAS4D1UHJMcATuG9Mn92s=",  /* the other alphabet */
        " WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92s=", /* a blank */
        "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92s\n=",
        "WAri3pMA0yxCvN+a5COV/KfAS4D1U\xc3\xa9McATuG9Mn92s=",
        "WAri3pMA0yxCvN+a5COV/KfAS4D\xb1UHJMcATuG9Mn92s=", /* "1", and the eighth bit */
    };
    guint8 key[WGW_KEY_LEN] = {1, 2, 3}, before[WGW_KEY_LEN] = {1, 2, 3};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(wgw_key_from_base64(bad[i], strlen(bad[i]), key));
        g_assert_cmpmem(key, sizeof key, before, sizeof before);
    }
    g_assert_true(wgw_key_from_base64(PRIVATE, strlen(PRIVATE), key));
}

static void
test_generate(void)
{
    g_autoptr(GHashTable) keys = g_hash_table_new_full(wgw_key_hash, wgw_key_equal, g_free, NULL);

    for (int i = 0; i < 100; i++) {
        guint8 *key = g_malloc(WGW_KEY_LEN), copy[WGW_KEY_LEN];
        char base64[WGW_KEY_BASE64_LEN + 1];

        wgw_key_generate(key);
        g_assert_cmpuint(key[0] & 7, ==, 0);
        g_assert_cmpuint(key[31] & 0xc0, ==, 0x40);
        wgw_key_to_base64(key, base64);
        g_assert_true(wgw_key_from_base64(base64, strlen(base64), copy));
        g_assert_cmpmem(key, WGW_KEY_LEN, copy, WGW_KEY_LEN);
        g_assert_true(g_hash_table_add(keys, key));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/key/public-keys-are-derived", test_derive);
    g_test_add_func("/key/base64-is-strict", test_strict);
    g_test_add_func("/key/generated-keys-are-clamped-and-differ", test_generate);
    return g_test_run();
}
