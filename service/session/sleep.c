/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/sleep.h"

#include <gio/gio.h>

#define LOGIND    "org.freedesktop.login1"
#define PATH      "/org/freedesktop/login1"
#define INTERFACE "org.freedesktop.login1.Manager"

struct watch {
    void (*woke)(gpointer user_data);
    gpointer user_data;
};

static void
on_prepare(GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
    struct watch *watch = user_data;
    gboolean begins = TRUE;

    if (g_variant_is_of_type(parameters, G_VARIANT_TYPE("(b)")))
        g_variant_get(parameters, "(b)", &begins);
    if (!begins)
        watch->woke(watch->user_data);
}

static void
on_bus(GObject *source, GAsyncResult *result, gpointer user_data)
{
    /* Kept: it is the process's one connection to that bus. */
    GDBusConnection *bus = g_bus_get_finish(result, NULL);

    if (!bus) {
        g_free(user_data);
        return;
    }
    g_dbus_connection_set_exit_on_close(bus, FALSE);
    g_dbus_connection_signal_subscribe(bus, LOGIND, INTERFACE, "PrepareForSleep", PATH, NULL,
                                       G_DBUS_SIGNAL_FLAGS_NONE, on_prepare, user_data, g_free);
}

void
wgw_sleep_watch(void (*woke)(gpointer user_data), gpointer user_data)
{
    struct watch *watch = g_new(struct watch, 1);

    watch->woke = woke;
    watch->user_data = user_data;
    g_bus_get(G_BUS_TYPE_SYSTEM, NULL, on_bus, watch);
}
