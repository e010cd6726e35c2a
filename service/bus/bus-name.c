/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/bus-name.h"

struct look {
    char *name;
    guint owner;
};

static void
look_free(gpointer data)
{
    struct look *look = data;

    g_free(look->name);
    g_free(look);
}

static void
ask(GDBusConnection *connection,
    const char *method,
    GVariant *parameters,
    const char *type,
    GAsyncReadyCallback callback,
    GTask *task)
{
    g_dbus_connection_call(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", method, parameters, G_VARIANT_TYPE(type),
                           G_DBUS_CALL_FLAGS_NONE, -1, NULL, callback, task);
}

static void
on_activatable(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    const struct look *look = g_task_get_task_data(task);
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
    g_autofree const char **names = NULL;

    if (reply)
        g_variant_get(reply, "(^a&s)", &names);
    g_task_return_boolean(task, !names || g_strv_contains(names, look->name));
}

static void
on_owner(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    struct look *look = g_task_get_task_data(task);
    GDBusConnection *connection = G_DBUS_CONNECTION(source);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = g_dbus_connection_call_finish(connection, result, &error);

    if (reply)
        g_variant_get(reply, "(u)", &look->owner);
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
        ask(connection, "ListActivatableNames", NULL, "(as)", on_activatable,
            g_steal_pointer(&task));
    else
        g_task_return_boolean(task, TRUE);
}

void
wgw_bus_name_look_async(GDBusConnection *connection,
                        const char *name,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    struct look *look = g_new0(struct look, 1);

    look->name = g_strdup(name);
    g_task_set_task_data(task, look, look_free);
    ask(connection, "GetConnectionUnixProcessID", g_variant_new("(s)", name), "(u)", on_owner,
        task);
}

gboolean
wgw_bus_name_look_finish(GAsyncResult *result, guint *ret_owner)
{
    const struct look *look = g_task_get_task_data(G_TASK(result));

    if (ret_owner)
        *ret_owner = look->owner;
    return g_task_propagate_boolean(G_TASK(result), NULL);
}
