/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/client.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"

/* A call that waits for a handshake may rightly take longer than GDBus's 25 seconds. */
static void
wait_forever(gpointer proxy)
{
    g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(proxy), G_MAXINT);
}

GDBusConnection *
wgw_client_bus(GError **error)
{
    g_autoptr(GError) reason = NULL;
    struct sigaction pipe_action;
    GDBusConnection *bus;

    /* So that the contract's errors arrive as what they are. */
    g_assert(wgw_error_quark() != 0);
    /* GIO's sockets ignore SIGPIPE for the whole process: but who reads what we print may be gone, and an
     * ignored signal outlives execve(). */
    sigaction(SIGPIPE, NULL, &pipe_action);
    bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &reason);
    sigaction(SIGPIPE, &pipe_action, NULL);
    if (bus)
        g_dbus_connection_set_exit_on_close(bus, FALSE);
    else if (geteuid() == 0 && g_getenv("SUDO_USER"))
        g_set_error_literal(
            error, WGW_ERROR, WGW_ERROR_FAILED,
            _("The session bus cannot be reached: it is not root's. Leave sudo away; tunnels need "
              "no root."));
    else
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED,
                    _("The session bus cannot be reached (%s). Log in to a desktop session, or use "
                      "dbus-run-session."),
                    reason->message);
    return bus;
}

WgwDbusManager *
wgw_client_manager(GError **error)
{
    g_autoptr(GDBusConnection) bus = wgw_client_bus(error);
    WgwDbusManager *manager;

    if (!bus)
        return NULL;
    manager = wgw_dbus_manager_proxy_new_sync(
        bus,
        G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES | G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS |
            G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION,
        WGW_BUS_NAME, WGW_OBJECT_PATH, NULL, error);
    if (manager)
        wait_forever(manager);
    return manager;
}

/* GDBus makes a proxy even where there is no service; say so now rather than by missing
 * properties. */
static gboolean
has_owner(gpointer proxy, GError **error)
{
    g_autofree char *owner = g_dbus_proxy_get_name_owner(proxy);

    if (!owner)
        g_set_error(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, "%s", WGW_BUS_NAME);
    return owner != NULL;
}

static void
set_no_such_profile(const char *name, GError **error)
{
    g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE,
                _("There is no profile “%s”; wg-wrap profile list shows those there are."), name);
}

static gboolean
is_named(WgwDbusProfile *profile, const char *name)
{
    return profile && g_strcmp0(wgw_dbus_profile_get_name(profile), name) == 0;
}

GVariant *
wgw_client_get_property(WgwDbusManager *manager, const char *name, GError **error)
{
    g_autoptr(GVariant) value = NULL;
    g_autoptr(GVariant) answer =
        g_dbus_proxy_call_sync(G_DBUS_PROXY(manager), "org.freedesktop.DBus.Properties.Get",
                               g_variant_new("(ss)", WGW_MANAGER_INTERFACE, name),
                               G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);

    if (answer)
        g_variant_get(answer, "(v)", &value);
    return g_steal_pointer(&value);
}

gboolean
wgw_client_set_property(WgwDbusManager *manager, const char *name, GVariant *value, GError **error)
{
    g_autoptr(GVariant) answer =
        g_dbus_proxy_call_sync(G_DBUS_PROXY(manager), "org.freedesktop.DBus.Properties.Set",
                               g_variant_new("(ssv)", WGW_MANAGER_INTERFACE, name, value),
                               G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);

    return answer != NULL;
}

WgwDbusProfile *
wgw_client_profile(const char *name, GError **error)
{
    g_autoptr(GDBusConnection) bus = wgw_client_bus(error);
    g_autoptr(WgwDbusProfile) profile = NULL;
    g_autofree char *path = wgw_path_for_profile(name);

    if (!bus)
        return NULL;
    /* The empty name's path is none, and GDBus would wait for it forever. Twice: a service that has
     * just died has no properties either, and the bus starts another. */
    for (int look = 0; *name && look < 2 && !is_named(profile, name); look++) {
        g_clear_object(&profile);
        profile = wgw_dbus_profile_proxy_new_sync(bus, G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS,
                                                  WGW_BUS_NAME, path, NULL, error);
        if (!profile || !has_owner(profile, error))
            return NULL;
    }
    if (!is_named(profile, name)) {
        set_no_such_profile(name, error);
        return NULL;
    }
    wait_forever(profile);
    return g_steal_pointer(&profile);
}

WgwDbusSession *
wgw_client_session(WgwDbusProfile *profile, GError **error)
{
    const char *path = wgw_dbus_profile_get_session(profile);
    g_autoptr(WgwDbusSession) session = NULL;

    if (path && !g_str_equal(path, "/")) {
        session = wgw_dbus_session_proxy_new_sync(
            g_dbus_proxy_get_connection(G_DBUS_PROXY(profile)),
            G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS, WGW_BUS_NAME, path, NULL, error);
        if (!session)
            return NULL;
    }
    /* One that has ended meanwhile has no properties. */
    if (!session || !wgw_dbus_session_get_programs(session)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_SESSION, _("The tunnel “%s” is not up."),
                    wgw_dbus_profile_get_name(profile));
        return NULL;
    }
    wait_forever(session);
    return g_steal_pointer(&session);
}

GDBusObjectManager *
wgw_client_objects(GError **error)
{
    g_autoptr(GDBusConnection) bus = wgw_client_bus(error);
    g_autoptr(GDBusObjectManager) objects = NULL;
    g_autofree char *owner = NULL;

    if (!bus)
        return NULL;
    objects = wgw_dbus_object_manager_client_new_sync(bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE,
                                                      WGW_BUS_NAME, WGW_OBJECT_PATH, NULL, error);
    if (!objects)
        return NULL;
    owner = g_dbus_object_manager_client_get_name_owner(G_DBUS_OBJECT_MANAGER_CLIENT(objects));
    if (!owner) {
        g_set_error(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, "%s", WGW_BUS_NAME);
        return NULL;
    }
    return g_steal_pointer(&objects);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return g_utf8_collate(wgw_dbus_profile_get_name(*(WgwDbusProfile *const *)a),
                          wgw_dbus_profile_get_name(*(WgwDbusProfile *const *)b));
}

GPtrArray *
wgw_client_list_profiles(GDBusObjectManager *objects)
{
    GPtrArray *profiles = g_ptr_array_new_with_free_func(g_object_unref);
    GList *all = g_dbus_object_manager_get_objects(objects);

    for (GList *object = all; object; object = object->next) {
        WgwDbusProfile *profile = wgw_dbus_object_get_profile(WGW_DBUS_OBJECT(object->data));

        if (profile && wgw_dbus_profile_get_name(profile))
            g_ptr_array_add(profiles, profile);
        else
            g_clear_object(&profile);
    }
    g_list_free_full(all, g_object_unref);
    g_ptr_array_sort(profiles, compare_names);
    return profiles;
}

gboolean
wgw_client_check_profile(GDBusObjectManager *objects, const char *name, GError **error)
{
    g_autoptr(GPtrArray) profiles = wgw_client_list_profiles(objects);

    for (guint i = 0; i < profiles->len; i++) {
        if (g_str_equal(wgw_dbus_profile_get_name(profiles->pdata[i]), name))
            return TRUE;
    }
    set_no_such_profile(name, error);
    return FALSE;
}

WgwDbusSession *
wgw_client_find_session(GDBusObjectManager *objects, WgwDbusProfile *profile)
{
    const char *path = wgw_dbus_profile_get_session(profile);
    g_autoptr(GDBusObject) object = path ? g_dbus_object_manager_get_object(objects, path) : NULL;

    return object ? wgw_dbus_object_get_session(WGW_DBUS_OBJECT(object)) : NULL;
}
