/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/callers.h"

#include <string.h>

struct _WgwCallers {
    GDBusConnection *connection;
    GHashTable *names; /* unique name -> watch ID of g_bus_watch_name */
    void (*changed)(gboolean listening, gpointer user_data);
    gpointer user_data;
};

struct arrival {
    WgwCallers *callers;
    char *name;
};

static void
on_vanished(GDBusConnection *connection, const char *name, gpointer user_data)
{
    WgwCallers *callers = user_data;
    gpointer watch;
    g_autofree char *own = NULL;

    /* `name` is the watch's own, which goes with it. */
    own = g_strdup(name);
    watch = g_hash_table_lookup(callers->names, own);
    if (!watch)
        return;
    g_hash_table_remove(callers->names, own);
    g_bus_unwatch_name(GPOINTER_TO_UINT(watch));
    if (g_hash_table_size(callers->names) == 0)
        callers->changed(FALSE, callers->user_data);
}

static gboolean
on_arrival(gpointer user_data)
{
    struct arrival *arrival = user_data;
    WgwCallers *callers = arrival->callers;

    if (!g_hash_table_contains(callers->names, arrival->name)) {
        guint watch = g_bus_watch_name_on_connection(callers->connection, arrival->name,
                                                     G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                     on_vanished, callers, NULL);

        g_hash_table_insert(callers->names, g_strdup(arrival->name), GUINT_TO_POINTER(watch));
        if (g_hash_table_size(callers->names) == 1)
            callers->changed(TRUE, callers->user_data);
    }
    g_free(arrival->name);
    g_free(arrival);
    return G_SOURCE_REMOVE;
}

/* Runs in GDBus's own thread: looks, and passes on. */
static GDBusMessage *
filter(GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
    const char *interface;

    if (!incoming || g_dbus_message_get_message_type(message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
        return message;
    interface = g_dbus_message_get_interface(message);
    if (interface && g_dbus_message_get_sender(message) &&
        (strcmp(interface, "org.freedesktop.DBus.ObjectManager") == 0 ||
         strcmp(interface, "org.freedesktop.DBus.Properties") == 0)) {
        struct arrival *arrival = g_new(struct arrival, 1);

        arrival->callers = user_data;
        arrival->name = g_strdup(g_dbus_message_get_sender(message));
        g_main_context_invoke(NULL, on_arrival, arrival);
    }
    return message;
}

WgwCallers *
wgw_callers_new(GDBusConnection *connection,
                void (*changed)(gboolean listening, gpointer user_data),
                gpointer user_data)
{
    WgwCallers *callers = g_new0(WgwCallers, 1);

    callers->connection = g_object_ref(connection);
    callers->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    callers->changed = changed;
    callers->user_data = user_data;
    g_dbus_connection_add_filter(connection, filter, callers, NULL);
    return callers;
}

gboolean
wgw_callers_are_listening(WgwCallers *callers)
{
    return g_hash_table_size(callers->names) > 0;
}
