/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A profile's text with its keys: wiped when it is freed. */
typedef char WgwConfigText;

/* wgw_config_text_take - the text in @reply, the answer to wgw_client_get_config(), which is wiped
 * there. (transfer full) */
WgwConfigText *wgw_config_text_take(GVariant *reply);

/* wgw_config_text_free - NULL is taken as well. */
void wgw_config_text_free(WgwConfigText *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwConfigText, wgw_config_text_free)
