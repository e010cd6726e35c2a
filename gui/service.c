/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* GDBusObjectManagerClient follows a name by itself, but takes a new owner that does not tell its objects
 * for one that has none. So there is one for each owner, by the unique name, which never comes again; GIO
 * makes it in a thread. */

#include "gui/service.h"

#include <glib/gi18n.h>

#include "dbus/names.h"
#include "dbus/wgw-dbus.h"

struct _WgwService {
    GObject parent_instance;

    GCancellable *cancellable; /* of all but what follows */
    GCancellable *asking; /* of the question for the objects that is under way; NULL: none is */
    GDBusConnection *connection;
    guint watch;
    char *owner; /* of the service's name, NULL: it has none */
    GDBusObjectManager *objects;
    char *error;
};

G_DEFINE_FINAL_TYPE(WgwService, wgw_service, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* @error and @objects are consumed; at most one of them is not NULL. */
static void
change(WgwService *service, GDBusObjectManager *objects, char *error)
{
    g_clear_object(&service->objects);
    service->objects = objects;
    g_free(service->error);
    service->error = error;
    g_signal_emit(service, signals[CHANGED], 0);
}

static void ask(WgwService *service);

static void
on_objects(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwService) service = user_data;
    g_autoptr(GError) error = NULL;
    GDBusObjectManager *objects = wgw_dbus_object_manager_client_new_finish(result, &error);

    /* The owner has gone meanwhile: there may be another question already. */
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    g_clear_object(&service->asking);
    change(service, objects, objects ? NULL : g_strdup(_("The wg-wrap service does not answer.")));
    /* It hangs, and may go on. */
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        ask(service);
}

static void
ask(WgwService *service)
{
    if (!service->owner || service->asking || service->objects)
        return;
    service->asking = g_cancellable_new();
    wgw_dbus_object_manager_client_new(service->connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                       service->owner, WGW_OBJECT_PATH, service->asking, on_objects,
                                       g_object_ref(service));
}

static void
stop_asking(WgwService *service)
{
    g_cancellable_cancel(service->asking);
    g_clear_object(&service->asking);
}

static void
on_appeared(GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
    WgwService *service = user_data;

    service->owner = g_strdup(owner);
    ask(service);
}

static void
on_vanished(GDBusConnection *connection, const char *name, gpointer user_data)
{
    WgwService *service = user_data;

    /* Said once at the beginning, too, of a service that is only being started. */
    if (!service->owner)
        return;
    g_clear_pointer(&service->owner, g_free);
    stop_asking(service);
    change(service, NULL,
           g_strdup(_("The wg-wrap service has stopped. Running tunnels go on without it.")));
}

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwService) service = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);

    if (reply || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || service->owner)
        return;
    g_dbus_error_strip_remote_error(error);
    change(service, NULL, g_strdup(error->message));
}

static void
on_bus(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwService) service = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusConnection) connection = g_bus_get_finish(result, &error);

    if (connection && !service->connection) {
        service->connection = g_steal_pointer(&connection);
        service->watch = g_bus_watch_name_on_connection(service->connection, WGW_BUS_NAME,
                                                        G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                                        on_vanished, service, NULL);
        wgw_service_start(service);
    } else if (error && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        change(service, NULL, g_strdup(error->message));
}

/* ---- Class ---- */

static void
wgw_service_dispose(GObject *object)
{
    WgwService *service = WGW_SERVICE(object);

    g_cancellable_cancel(service->cancellable);
    stop_asking(service);
    g_clear_handle_id(&service->watch, g_bus_unwatch_name);
    g_clear_object(&service->objects);
    g_clear_object(&service->connection);
    G_OBJECT_CLASS(wgw_service_parent_class)->dispose(object);
}

static void
wgw_service_finalize(GObject *object)
{
    WgwService *service = WGW_SERVICE(object);

    g_clear_object(&service->cancellable);
    g_free(service->owner);
    g_free(service->error);
    G_OBJECT_CLASS(wgw_service_parent_class)->finalize(object);
}

static void
wgw_service_class_init(WgwServiceClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);

    object_class->dispose = wgw_service_dispose;
    object_class->finalize = wgw_service_finalize;
    signals[CHANGED] = g_signal_new("changed", WGW_TYPE_SERVICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void
wgw_service_init(WgwService *service)
{
    service->cancellable = g_cancellable_new();
}

WgwService *
wgw_service_new(void)
{
    return g_object_new(WGW_TYPE_SERVICE, NULL);
}

void
wgw_service_start(WgwService *service)
{
    if (!service->connection) {
        g_bus_get(G_BUS_TYPE_SESSION, service->cancellable, on_bus, g_object_ref(service));
        return;
    }
    ask(service);
    g_dbus_connection_call(service->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", "StartServiceByName",
                           g_variant_new("(su)", WGW_BUS_NAME, 0), G_VARIANT_TYPE("(u)"),
                           G_DBUS_CALL_FLAGS_NONE, G_MAXINT, service->cancellable, on_started,
                           g_object_ref(service));
}

GDBusConnection *
wgw_service_get_connection(WgwService *service)
{
    return service->connection;
}

GDBusObjectManager *
wgw_service_get_objects(WgwService *service)
{
    return service->objects;
}

const char *
wgw_service_get_error(WgwService *service)
{
    return service->error;
}
