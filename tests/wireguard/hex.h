/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <stdint.h>

/* unhex - bytes of a string of hexadecimal digits, owned by the caller. */
static inline uint8_t *
unhex(const char *hex, size_t *ret_len)
{
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = g_malloc(len + 1);

    for (size_t i = 0; i < len; i++)
        bytes[i] = g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]);
    if (ret_len)
        *ret_len = len;
    return bytes;
}

static inline char *
tohex(const void *data, size_t len)
{
    GString *hex = g_string_new(NULL);

    for (size_t i = 0; i < len; i++)
        g_string_append_printf(hex, "%02x", ((const uint8_t *)data)[i]);
    return g_string_free(hex, FALSE);
}

#define assert_hex(data, len, expected)           \
    do {                                          \
        g_autofree char *hex_ = tohex(data, len); \
        g_assert_cmpstr(hex_, ==, expected);      \
    } while (0)
