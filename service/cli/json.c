/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/json.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

void
wgw_json_print(GVariant *value, gboolean pretty)
{
    g_autoptr(GVariant) owned = g_variant_ref_sink(value);
    g_autoptr(JsonNode) node = json_gvariant_serialize(owned);
    g_autofree char *text = json_to_string(node, pretty);

    puts(text);
    fflush(stdout);
}
