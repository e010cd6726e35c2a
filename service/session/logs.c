/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/logs.h"

struct _WgwLogs {
    GObject parent_instance;

    GHashTable *table; /* name (owned) -> WgwLog (owned) */
};

G_DEFINE_FINAL_TYPE(WgwLogs, wgw_logs, G_TYPE_OBJECT)

enum { LOGGED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* A supervisor that is being caught up with. What it says meanwhile comes after what it has said. */
struct follower {
    WgwLogs *logs;
    char *name;
    GPtrArray *early; /* GVariant; NULL once that is done */
    void (*caught_up)(gpointer user_data);
    gpointer user_data;
};

static void
follower_free(gpointer data, GClosure *closure)
{
    struct follower *follower = data;

    g_clear_pointer(&follower->early, g_ptr_array_unref);
    g_object_unref(follower->logs);
    g_free(follower->name);
    g_free(follower);
}

static WgwLog *
ensure(WgwLogs *logs, const char *name)
{
    WgwLog *log = g_hash_table_lookup(logs->table, name);

    if (!log) {
        log = wgw_log_new(name);
        g_hash_table_insert(logs->table, g_strdup(name), log);
    }
    return log;
}

static void
announce(WgwLogs *logs, const char *name, GVariant *entry)
{
    const char *severity, *message;
    guint64 time;

    if (!entry)
        return;
    g_variant_get(entry, "(t&s&s)", &time, &severity, &message);
    g_signal_emit(logs, signals[LOGGED], 0, name, time, severity, message);
}

static void
take_over(struct follower *follower, GVariant *entry)
{
    announce(follower->logs, follower->name,
             wgw_log_append(ensure(follower->logs, follower->name), entry));
}

static void
on_logged(WgwDbusSupervisor1 *proxy,
          guint64 time,
          const char *severity,
          const char *message,
          gpointer user_data)
{
    struct follower *follower = user_data;
    GVariant *entry = g_variant_ref_sink(g_variant_new("(tss)", time, severity, message));

    if (follower->early)
        g_ptr_array_add(follower->early, g_variant_ref(entry));
    else
        take_over(follower, entry);
    g_variant_unref(entry);
}

static void
on_log(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct follower *follower = user_data;
    g_autoptr(GVariant) entries = NULL;

    /* A supervisor that has just ended has said its last words without being asked. */
    wgw_dbus_supervisor1_call_get_log_finish(WGW_DBUS_SUPERVISOR1(source), &entries, result, NULL);
    for (gsize i = 0; entries && i < g_variant_n_children(entries); i++) {
        g_autoptr(GVariant) entry = g_variant_get_child_value(entries, i);

        take_over(follower, entry);
    }
    for (guint i = 0; i < follower->early->len; i++)
        take_over(follower, g_ptr_array_index(follower->early, i));
    g_clear_pointer(&follower->early, g_ptr_array_unref);
    if (follower->caught_up)
        follower->caught_up(follower->user_data);
}

static void
wgw_logs_finalize(GObject *object)
{
    g_hash_table_unref(WGW_LOGS(object)->table);
    G_OBJECT_CLASS(wgw_logs_parent_class)->finalize(object);
}

static void
wgw_logs_class_init(WgwLogsClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_logs_finalize;
    signals[LOGGED] =
        g_signal_new("logged", WGW_TYPE_LOGS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                     4, G_TYPE_STRING, G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING);
}

static void
wgw_logs_init(WgwLogs *logs)
{
    logs->table =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)wgw_log_free);
}

WgwLogs *
wgw_logs_new(void)
{
    return g_object_new(WGW_TYPE_LOGS, NULL);
}

void
wgw_logs_add(WgwLogs *logs, const char *name, WgwLogSeverity severity, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    announce(logs, name, wgw_log_add(ensure(logs, name), severity, message));
}

void
wgw_logs_follow(WgwLogs *logs,
                WgwMirror *mirror,
                void (*caught_up)(gpointer user_data),
                gpointer user_data)
{
    WgwDbusSupervisor1 *proxy = wgw_mirror_get_proxy(mirror);
    struct follower *follower = g_new0(struct follower, 1);

    follower->logs = g_object_ref(logs);
    follower->name = g_strdup(wgw_mirror_get_name(mirror));
    follower->early = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
    follower->caught_up = caught_up;
    follower->user_data = user_data;
    /* Both have the proxy live, and the follower with it. */
    g_signal_connect_data(proxy, "logged", G_CALLBACK(on_logged), follower, follower_free, 0);
    wgw_dbus_supervisor1_call_get_log(proxy, 0, NULL, on_log, follower);
}

GVariant *
wgw_logs_to_variant(WgwLogs *logs, const char *name, guint64 after)
{
    WgwLog *log = g_hash_table_lookup(logs->table, name);

    return log ? wgw_log_to_variant(log, after) : g_variant_new("a(tss)", NULL);
}

void
wgw_logs_restore(WgwLogs *logs, const char *name, GVariant *entries)
{
    for (gsize i = 0; i < g_variant_n_children(entries); i++) {
        g_autoptr(GVariant) entry = g_variant_get_child_value(entries, i);

        wgw_log_append(ensure(logs, name), entry);
    }
}

void
wgw_logs_forget(WgwLogs *logs, const char *name)
{
    g_hash_table_remove(logs->table, name);
}
