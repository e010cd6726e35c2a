/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/config-text.h"

#include <string.h>

WgwConfigText *
wgw_config_text_take(GVariant *reply)
{
    const char *shown;
    WgwConfigText *text;

    g_variant_get(reply, "(&s)", &shown);
    text = g_strdup(shown);
    /* The answer is the caller's alone, and nobody reads it again. */
    explicit_bzero((char *)shown, strlen(shown));
    return text;
}

void
wgw_config_text_free(WgwConfigText *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    g_free(text);
}
