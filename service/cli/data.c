/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * profile data: what programs keep for profiles. */
#include <glib/gi18n.h>
#include <stdio.h>

#include "cli/client.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/verb.h"

static void
print_row(WgwTable *table, GVariant *row, gboolean with_profile)
{
    const char *profile = "", *recipe = "", *name = "";
    guint64 size = 0, changed = 0;
    gboolean removed = FALSE;
    g_autofree char *marked = NULL;
    g_autofree char *shown_size = NULL;
    g_autofree char *age = NULL;
    g_autofree char *ago = NULL;

    g_variant_lookup(row, "profile", "&s", &profile);
    g_variant_lookup(row, "removed", "b", &removed);
    g_variant_lookup(row, "recipe", "&s", &recipe);
    g_variant_lookup(row, "name", "&s", &name);
    g_variant_lookup(row, "size", "t", &size);
    g_variant_lookup(row, "changed", "t", &changed);
    /* Translators: a profile's name; the profile was removed */
    marked = removed ? g_strdup_printf(_("%s (removed)"), profile) : g_strdup(profile);
    shown_size = g_format_size(size);
    age = wgw_format_seconds(g_get_real_time() / G_USEC_PER_SEC - (gint64)changed);
    /* Translators: "12 s ago" */
    ago = g_strdup_printf(_("%s ago"), age);
    if (with_profile)
        wgw_table_add(table, marked, recipe, name, shown_size, ago);
    else
        wgw_table_add(table, recipe, name, shown_size, ago);
}

static void
print_list(GVariant *rows, gboolean with_profile)
{
    g_autoptr(WgwTable) table = wgw_table_new(with_profile ? 5 : 4);

    if (with_profile)
        wgw_table_add(table, _("PROFILE"), _("DATA"), _("APPLICATION"), _("SIZE"), _("CHANGED"));
    else
        wgw_table_add(table, _("DATA"), _("APPLICATION"), _("SIZE"), _("CHANGED"));
    for (gsize i = 0; i < g_variant_n_children(rows); i++) {
        g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

        print_row(table, row, with_profile);
    }
    wgw_table_print(table);
}

int
wgw_verb_profile_data(const WgwVerb *verb, char **argv)
{
    static char *everything[] = {NULL};
    gboolean json = FALSE, all = FALSE;
    g_auto(GStrv) removed = NULL;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(GVariant) rows = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"remove", 0, 0, G_OPTION_ARG_STRING_ARRAY, &removed,
         N_("Delete it, for good; may be given several times"), N_("DATA")},
        {"remove-all", 0, 0, G_OPTION_ARG_NONE, &all, N_("Delete all of the profile's, for good"),
         NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("For programs"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 0, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if ((removed || all) && !operands[0])
        return wgw_verb_usage_error(verb, _("Of which profile?"));
    if (removed && all)
        return wgw_verb_usage_error(verb, _("Either --remove or --remove-all"));
    if (operands[0] && !g_utf8_validate(operands[0], -1, NULL))
        return wgw_verb_usage_error(verb, _("A profile's name is UTF-8, unlike “%s”"), operands[0]);
    manager = wgw_client_manager(&error);
    if (!manager)
        return wgw_fail(error);
    if (removed || all)
        return wgw_dbus_manager_call_remove_private_data_sync(
                   manager, operands[0], (const char *const *)(all ? everything : removed), NULL,
                   &error)
                   ? 0
                   : wgw_fail(error);
    if (!wgw_dbus_manager_call_list_private_data_sync(manager, (const char *const *)operands, &rows,
                                                      NULL, &error))
        return wgw_fail(error);
    if (json)
        wgw_json_print(rows, TRUE);
    else if (g_variant_n_children(rows) > 0)
        print_list(rows, !operands[0]);
    else
        puts(_("Programs keep nothing."));
    return 0;
}
