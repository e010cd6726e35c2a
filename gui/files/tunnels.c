/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The service's objects are asked for as a whole, once at first and again after each signal that
 * tells of a change. Not by GDBusObjectManagerClient: the service counts whoever asked for objects as
 * one who looks at counters, for as long as the asker is on the bus, and a file manager stays there
 * for days. So each question has a connection of its own, closed after the answer; the file manager's
 * connection only listens. */

#include "files/tunnels.h"

#include <gio/gio.h>

#include "dbus/names.h"

struct _WgwTunnels {
    GPtrArray *entries; /* WgwTunnelEntry; NULL: no answer yet */
    gboolean asking;
    gboolean again; /* something changed while asking */
    gboolean failed;
    void (*changed)(void); /* or NULL */
};

static void ask(WgwTunnels *tunnels);

static void
entry_free(gpointer data)
{
    WgwTunnelEntry *entry = data;

    g_free(entry->name);
    g_free(entry->state);
    g_free(entry);
}

static int
compare_entries(gconstpointer a, gconstpointer b)
{
    return g_utf8_collate((*(WgwTunnelEntry *const *)a)->name, (*(WgwTunnelEntry *const *)b)->name);
}

/* The state of the session at @path, or NULL. */
static char *
dup_state(GVariant *objects, const char *path)
{
    g_autoptr(GVariant) interfaces = NULL;
    g_autoptr(GVariant) session = NULL;
    char *state = NULL;

    interfaces = g_variant_lookup_value(objects, path, G_VARIANT_TYPE("a{sa{sv}}"));
    if (interfaces)
        session = g_variant_lookup_value(interfaces, WGW_SESSION_INTERFACE, G_VARIANT_TYPE_VARDICT);
    if (session)
        g_variant_lookup(session, "State", "s", &state);
    return state;
}

/* @objects NULL: as if there were none. */
static GPtrArray *
read_objects(GVariant *objects)
{
    GPtrArray *entries = g_ptr_array_new_with_free_func(entry_free);
    GVariant *interfaces;
    GVariantIter iter;

    if (!objects)
        return entries;
    g_variant_iter_init(&iter, objects);
    while (g_variant_iter_loop(&iter, "{&o@a{sa{sv}}}", NULL, &interfaces)) {
        g_autoptr(GVariant) profile =
            g_variant_lookup_value(interfaces, WGW_PROFILE_INTERFACE, G_VARIANT_TYPE_VARDICT);
        const char *name = NULL, *session = "/";
        gboolean valid = FALSE;
        WgwTunnelEntry *entry;

        if (!profile)
            continue;
        g_variant_lookup(profile, "Name", "&s", &name);
        g_variant_lookup(profile, "Valid", "b", &valid);
        g_variant_lookup(profile, "Session", "&o", &session);
        if (!name || !valid)
            continue;
        entry = g_new0(WgwTunnelEntry, 1);
        entry->name = g_strdup(name);
        entry->state = dup_state(objects, session);
        g_ptr_array_add(entries, entry);
    }
    g_ptr_array_sort(entries, compare_entries);
    return entries;
}

/* ---- Asking ---- */

/* Ends a question; @objects NULL: without an answer. */
static void
answer(WgwTunnels *tunnels, GVariant *objects)
{
    tunnels->asking = FALSE;
    tunnels->failed = objects == NULL;
    if (objects || !tunnels->entries) {
        g_clear_pointer(&tunnels->entries, g_ptr_array_unref);
        tunnels->entries = read_objects(objects);
        if (tunnels->changed)
            tunnels->changed();
    }
    if (tunnels->again)
        ask(tunnels);
}

static void
on_objects(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusConnection *connection = G_DBUS_CONNECTION(source);
    g_autoptr(GVariant) reply = g_dbus_connection_call_finish(connection, result, NULL);
    g_autoptr(GVariant) objects = reply ? g_variant_get_child_value(reply, 0) : NULL;

    g_dbus_connection_close(connection, NULL, NULL, NULL);
    answer(user_data, objects);
}

static void
on_connection(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwTunnels *tunnels = user_data;
    g_autoptr(GDBusConnection) connection = g_dbus_connection_new_for_address_finish(result, NULL);

    if (connection)
        g_dbus_connection_call(connection, WGW_BUS_NAME, WGW_OBJECT_PATH,
                               "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
                               G_VARIANT_TYPE("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                               on_objects, tunnels);
    else
        answer(tunnels, NULL);
}

static void
ask(WgwTunnels *tunnels)
{
    g_autofree char *address = NULL;

    tunnels->again = tunnels->asking;
    if (tunnels->asking)
        return;
    /* The file manager is on this bus already, so the address is known and nothing is started. */
    address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, NULL);
    if (!address)
        return;
    tunnels->asking = TRUE;
    g_dbus_connection_new_for_address(address,
                                      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                      NULL, NULL, on_connection, tunnels);
}

/* ---- Listening ---- */

static void
on_appeared(GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
    ask(user_data);
}

static void
on_objects_changed(GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
    ask(user_data);
}

/* Counters, which may change each second, are no reason to ask. */
static void
on_properties_changed(GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *signal,
                      GVariant *parameters,
                      gpointer user_data)
{
    static const char *const shown[] = {"State", "Valid"};
    g_autoptr(GVariant) properties = NULL;

    if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(sa{sv}as)")))
        return;
    properties = g_variant_get_child_value(parameters, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++) {
        g_autoptr(GVariant) value = g_variant_lookup_value(properties, shown[i], NULL);

        if (value) {
            ask(user_data);
            return;
        }
    }
}

static void
on_bus(GObject *source, GAsyncResult *result, gpointer tunnels)
{
    GDBusConnection *bus = g_bus_get_finish(result, NULL);

    if (!bus)
        return;
    g_dbus_connection_signal_subscribe(bus, WGW_BUS_NAME, "org.freedesktop.DBus.ObjectManager",
                                       NULL, WGW_OBJECT_PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                       on_objects_changed, tunnels, NULL);
    g_dbus_connection_signal_subscribe(bus, WGW_BUS_NAME, "org.freedesktop.DBus.Properties",
                                       "PropertiesChanged", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                       on_properties_changed, tunnels, NULL);
    g_bus_watch_name_on_connection(bus, WGW_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                   NULL, tunnels, NULL);
    ask(tunnels);
    /* The subscriptions are for as long as the process is, and so is the bus. */
}

WgwTunnels *
wgw_tunnels_new(void (*changed)(void))
{
    WgwTunnels *tunnels = g_new0(WgwTunnels, 1);

    tunnels->changed = changed;
    g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, tunnels);
    return tunnels;
}

const GPtrArray *
wgw_tunnels_look(WgwTunnels *tunnels)
{
    /* Whoever repairs the service looks again. */
    if (tunnels->failed)
        ask(tunnels);
    return tunnels->entries;
}
