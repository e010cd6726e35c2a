/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * logs: what has happened to tunnels, and what happens from now on. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/verb.h"
#include "dbus/names.h"

typedef struct {
    const char *profile; /* NULL for all */
    gboolean json;
    gboolean follow;
    GHashTable *last; /* a profile's name -> guint64, the time of the last entry that was read */
} Logs;

/* An entry, and whose it is. */
#define ROW_TYPE "(stss)"

static gboolean
is_wanted(Logs *logs, const char *name)
{
    return name && (!logs->profile || strcmp(logs->profile, name) == 0);
}

/* FALSE if it was read before: a service that was started anew tells what the one before had told. */
static gboolean
advance(Logs *logs, const char *name, guint64 time)
{
    guint64 *last = g_hash_table_lookup(logs->last, name);

    if (!last) {
        last = g_new0(guint64, 1);
        g_hash_table_insert(logs->last, g_strdup(name), last);
    }
    if (time <= *last)
        return FALSE;
    *last = time;
    return TRUE;
}

/* Add to @rows what there is of @profile and was not read yet. Not by the proxy: one that GDBus makes while
 * it still asks a new service for its objects has no destination. */
static gboolean
read_log(Logs *logs, WgwDbusProfile *profile, GPtrArray *rows, GError **error)
{
    const char *name = wgw_dbus_profile_get_name(profile);
    const guint64 *last = g_hash_table_lookup(logs->last, name);
    g_autoptr(GVariant) answer = NULL;
    g_autoptr(GVariant) entries = NULL;
    GVariantIter iter;
    guint64 time;
    const char *severity;
    const char *message;

    answer = g_dbus_connection_call_sync(
        g_dbus_proxy_get_connection(G_DBUS_PROXY(profile)), WGW_BUS_NAME,
        g_dbus_proxy_get_object_path(G_DBUS_PROXY(profile)), WGW_PROFILE_INTERFACE, "GetLog",
        g_variant_new("(t)", last ? *last : 0), G_VARIANT_TYPE("(a(tss))"), G_DBUS_CALL_FLAGS_NONE,
        -1, NULL, error);
    if (!answer)
        return FALSE;
    entries = g_variant_get_child_value(answer, 0);
    g_variant_iter_init(&iter, entries);
    while (g_variant_iter_next(&iter, "(t&s&s)", &time, &severity, &message))
        if (advance(logs, name, time))
            g_ptr_array_add(
                rows, g_variant_ref_sink(g_variant_new(ROW_TYPE, name, time, severity, message)));
    return TRUE;
}

/* TRUE if all were read. */
static gboolean
read_logs(Logs *logs, GDBusObjectManager *objects, GPtrArray *rows, GError **error)
{
    g_autoptr(GPtrArray) profiles = wgw_client_list_profiles(objects);

    for (guint i = 0; i < profiles->len; i++) {
        if (is_wanted(logs, wgw_dbus_profile_get_name(profiles->pdata[i])) &&
            !read_log(logs, profiles->pdata[i], rows, error))
            return FALSE;
    }
    return TRUE;
}

static GVariant *
row_to_dict(GVariant *row)
{
    GVariantDict dict = G_VARIANT_DICT_INIT(NULL);
    const char *name;
    guint64 time;
    const char *severity;
    const char *message;

    g_variant_get(row, "(&st&s&s)", &name, &time, &severity, &message);
    g_variant_dict_insert(&dict, "profile", "s", name);
    g_variant_dict_insert(&dict, "time", "t", time);
    g_variant_dict_insert(&dict, "severity", "s", severity);
    g_variant_dict_insert(&dict, "message", "s", message);
    return g_variant_dict_end(&dict);
}

static void
print_row(Logs *logs, GVariant *row)
{
    const char *name;
    guint64 time;
    const char *severity;
    const char *message;
    const char *colour = "";
    g_autoptr(GDateTime) date = NULL;
    g_autofree char *when = NULL;
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    g_variant_get(row, "(&st&s&s)", &name, &time, &severity, &message);
    date = g_date_time_new_from_unix_local((gint64)(time / G_USEC_PER_SEC));
    when = date ? g_date_time_format(date, "%F %T") : g_strdup("?");
    text = logs->profile ? g_strdup(message) : g_strdup_printf("%s: %s", name, message);
    line = wgw_format_line(text);
    if (strcmp(severity, "error") == 0)
        colour = wgw_format_bad();
    else if (strcmp(severity, "warning") == 0)
        colour = wgw_format_bold();
    printf("%s  %s%s%s\n", when, colour, line, *colour ? wgw_format_plain() : "");
}

static int
compare_times(gconstpointer a, gconstpointer b)
{
    guint64 x, y;

    g_variant_get_child(*(GVariant *const *)a, 1, "t", &x);
    g_variant_get_child(*(GVariant *const *)b, 1, "t", &y);
    return x < y ? -1 : x > y;
}

static void
print_rows(Logs *logs, GPtrArray *rows)
{
    GVariantBuilder list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));

    g_ptr_array_sort(rows, compare_times);
    for (guint i = 0; i < rows->len; i++) {
        if (!logs->json)
            print_row(logs, rows->pdata[i]);
        else if (logs->follow) /* a reader takes a line for a whole */
            wgw_json_print(row_to_dict(rows->pdata[i]), FALSE);
        else
            g_variant_builder_add_value(&list, row_to_dict(rows->pdata[i]));
    }
    if (logs->json && !logs->follow)
        wgw_json_print(g_variant_builder_end(&list), TRUE);
    else
        g_variant_builder_clear(&list);
    fflush(stdout);
}

static GPtrArray *
rows_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
}

static void
on_signal(GDBusObjectManager *objects,
          GDBusObjectProxy *object,
          GDBusProxy *proxy,
          const char *sender,
          const char *signal,
          GVariant *parameters,
          Logs *logs)
{
    g_autoptr(GPtrArray) rows = NULL;
    const char *name;
    guint64 time;
    const char *severity;
    const char *message;

    if (!WGW_DBUS_IS_PROFILE(proxy) || strcmp(signal, "Logged") != 0 ||
        !g_variant_is_of_type(parameters, G_VARIANT_TYPE("(tss)")))
        return;
    name = wgw_dbus_profile_get_name(WGW_DBUS_PROFILE(proxy));
    g_variant_get(parameters, "(t&s&s)", &time, &severity, &message);
    if (!is_wanted(logs, name) || !advance(logs, name, time))
        return;
    rows = rows_new();
    g_ptr_array_add(rows,
                    g_variant_ref_sink(g_variant_new(ROW_TYPE, name, time, severity, message)));
    print_rows(logs, rows);
}

static void
on_object_added(GDBusObjectManager *objects, GDBusObject *object, Logs *logs)
{
    g_autoptr(WgwDbusProfile) profile = wgw_dbus_object_get_profile(WGW_DBUS_OBJECT(object));
    g_autoptr(GPtrArray) rows = rows_new();

    if (profile && is_wanted(logs, wgw_dbus_profile_get_name(profile)) &&
        read_log(logs, profile, rows, NULL))
        print_rows(logs, rows);
}

/* What a new service has told before it had its name, it has told nobody. */
static void
on_owner(GDBusObjectManager *objects, GParamSpec *pspec, Logs *logs)
{
    g_autofree char *owner =
        g_dbus_object_manager_client_get_name_owner(G_DBUS_OBJECT_MANAGER_CLIENT(objects));
    g_autoptr(GPtrArray) rows = rows_new();

    if (!owner)
        return;
    read_logs(logs, objects, rows, NULL);
    print_rows(logs, rows);
}

int
wgw_verb_logs(const WgwVerb *verb, char **argv)
{
    Logs logs = {0};
    g_auto(GStrv) operands = NULL;
    g_autoptr(GDBusObjectManager) objects = NULL;
    g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) rows = rows_new();
    g_autoptr(GMainLoop) loop = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"follow", 'f', 0, G_OPTION_ARG_NONE, &logs.follow, N_("Go on with what happens"), NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &logs.json, N_("For programs"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 0, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    objects = wgw_client_objects(&error);
    if (!objects || (operands[0] && !wgw_client_check_profile(objects, operands[0], &error)))
        return wgw_fail(error);
    logs.profile = operands[0];
    logs.last = last;
    if (!read_logs(&logs, objects, rows, &error))
        return wgw_fail(error);
    if (rows->len == 0 && !logs.json && !logs.follow)
        puts(_("Nothing has happened yet."));
    else
        print_rows(&logs, rows);
    if (!logs.follow)
        return 0;
    g_signal_connect(objects, "interface-proxy-signal", G_CALLBACK(on_signal), &logs);
    g_signal_connect(objects, "object-added", G_CALLBACK(on_object_added), &logs);
    g_signal_connect(objects, "notify::name-owner", G_CALLBACK(on_owner), &logs);
    loop = g_main_loop_new(NULL, FALSE);
    g_main_loop_run(loop);
    return 0;
}
