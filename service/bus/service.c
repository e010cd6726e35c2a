/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/service.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "bus/choices.h"
#include "bus/manager.h"
#include "bus/profile-object.h"
#include "bus/search.h"
#include "bus/session-object.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "session/sleep.h"

struct start {
    WgwService *service;
    void (*ready)(gpointer user_data);
    gpointer user_data;
};

static void
watch(WgwService *service, WgwMirror *mirror)
{
    wgw_dbus_supervisor1_call_watch(wgw_mirror_get_proxy(mirror),
                                    wgw_callers_are_listening(service->callers), NULL, NULL, NULL);
}

static void
on_listening(gboolean listening, gpointer user_data)
{
    WgwService *service = user_data;
    g_autoptr(GPtrArray) mirrors = wgw_registry_list(service->registry);

    for (guint i = 0; i < mirrors->len; i++)
        watch(service, mirrors->pdata[i]);
}

/* ---- What appears, changes and goes ---- */

static void
on_profile_added(WgwProfileStore *store, WgwProfile *profile, gpointer user_data)
{
    WgwService *service = user_data;

    wgw_profile_object_add(service, profile);
    /* It may be back: a session outlives its profile's file. */
    wgw_registry_profile_changed(service->registry, profile);
}

static void
on_profile_changed(WgwProfileStore *store, WgwProfile *profile, gpointer user_data)
{
    WgwService *service = user_data;

    wgw_profile_object_update(service, profile);
    wgw_registry_profile_changed(service->registry, profile);
}

static void
on_profile_removed(WgwProfileStore *store, WgwProfile *profile, gpointer user_data)
{
    WgwService *service = user_data;
    const char *name = wgw_profile_get_name(profile);

    wgw_launchers_look(service->launchers);
    if (wgw_registry_lookup(service->registry, name)) {
        wgw_profile_object_outlive(service, name);
        return;
    }
    wgw_profile_object_remove(service, name);
    wgw_logs_forget(service->logs, name);
}

static void
update_profile_of(WgwService *service, WgwMirror *mirror)
{
    const char *name = wgw_mirror_get_name(mirror);
    WgwProfile *profile = wgw_profile_store_lookup(service->store, name);

    if (profile)
        wgw_profile_object_update(service, profile);
    else if (wgw_registry_lookup(service->registry, name))
        wgw_profile_object_outlive(service, name);
    else
        wgw_profile_object_remove(service, name);
}

static void
on_choices_applied(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwMirror *mirror = WGW_MIRROR(source);
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_mirror_call_finish(mirror, result, NULL, &error);

    if (!reply && !wgw_mirror_is_ended(error) && !wgw_mirror_get_foreign(mirror))
        wgw_dbus_supervisor1_call_log(wgw_mirror_get_proxy(mirror), TRUE, error->message, NULL,
                                      NULL, NULL);
}

static void
on_session_added(WgwRegistry *registry, WgwMirror *mirror, gpointer user_data)
{
    WgwService *service = user_data;

    /* Before anything else is asked of it. */
    wgw_choices_apply_async(mirror, on_choices_applied, NULL);
    wgw_session_object_add(service, mirror);
    update_profile_of(service, mirror);
    watch(service, mirror);
}

static void
on_session_removed(WgwRegistry *registry, WgwMirror *mirror, gpointer user_data)
{
    WgwService *service = user_data;

    wgw_session_object_remove(service, mirror);
    update_profile_of(service, mirror);
}

static void
on_adopted(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct start *start = user_data;
    WgwService *service = start->service;
    g_autoptr(GPtrArray) profiles = wgw_profile_store_dup_profiles(service->store);

    wgw_registry_adopt_finish(service->registry, result);
    wgw_bridge_settle(service->bridge);
    /* What was edited while no service ran. */
    for (guint i = 0; i < profiles->len; i++)
        wgw_registry_profile_changed(service->registry, profiles->pdata[i]);
    start->ready(start->user_data);
    g_free(start);
}

static void
on_woke(gpointer user_data)
{
    WgwService *service = user_data;

    wgw_registry_wake(service->registry);
}

static void
on_bus_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
    WgwService *service = user_data;

    wgw_bridge_close(service->bridge);
}

gboolean
wgw_service_start(GDBusConnection *connection,
                  void (*ready)(gpointer user_data),
                  gpointer user_data,
                  GError **error)
{
    WgwService *service = g_new0(WgwService, 1);
    struct start *start;

    service->connection = g_object_ref(connection);
    service->objects = g_dbus_object_manager_server_new(WGW_OBJECT_PATH);
    service->store = wgw_profile_store_new(NULL);
    service->logs = wgw_logs_new();
    service->bridge = wgw_bridge_new(g_getenv("DBUS_SESSION_BUS_ADDRESS"));
    service->registry = wgw_registry_new(service->store, service->logs, service->bridge);
    service->demo = wgw_demo_new(service->store);
    service->launchers = wgw_launchers_new(service->store);
    service->callers = wgw_callers_new(connection, on_listening, service);
    g_signal_connect(service->store, "profile-added", G_CALLBACK(on_profile_added), service);
    g_signal_connect(service->store, "profile-changed", G_CALLBACK(on_profile_changed), service);
    g_signal_connect(service->store, "profile-removed", G_CALLBACK(on_profile_removed), service);
    g_signal_connect(service->logs, "logged", G_CALLBACK(wgw_profile_object_logged), service);
    g_signal_connect(service->registry, "added", G_CALLBACK(on_session_added), service);
    g_signal_connect(connection, "closed", G_CALLBACK(on_bus_closed), service);
    g_signal_connect(service->registry, "removed", G_CALLBACK(on_session_removed), service);

    if (!wgw_profile_store_open(service->store, error) || !wgw_manager_export(service, error) ||
        !wgw_search_export(service, error))
        return FALSE;
    g_dbus_object_manager_server_set_connection(service->objects, connection);

    wgw_sleep_watch(on_woke, service);
    start = g_new0(struct start, 1);
    start->service = service;
    start->ready = ready;
    start->user_data = user_data;
    wgw_registry_adopt_async(service->registry, on_adopted, start);
    return TRUE;
}

WgwProfile *
wgw_service_find_profile(WgwService *service, const char *name, GError **error)
{
    gboolean is_default = *name == '\0';
    const char *wanted = is_default ? service->default_profile : name;
    WgwProfile *profile = wgw_profile_store_lookup(service->store, wanted);

    if (profile)
        return profile;
    if (is_default)
        g_set_error(
            error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE,
            _("No profile was named, and there is none called “%s”. Name one, or import one "
              "with: wg-wrap profile import FILE --name %s"),
            wanted, wanted);
    else
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE,
                    _("There is no profile “%s”. See which there are with: wg-wrap profile list"),
                    wanted);
    return NULL;
}

void
wgw_service_return_error(GDBusMethodInvocation *invocation, GError *error)
{
    g_dbus_error_strip_remote_error(error);
    /* What has no name in the contract (a file that cannot be read, say) gets the general one. */
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
        g_dbus_method_invocation_return_error(invocation, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                                              "%s. %s", error->message,
                                              wgw_error_advice_on(EMFILE));
    else if (error->domain != WGW_ERROR)
        g_dbus_method_invocation_return_error(invocation, WGW_ERROR, WGW_ERROR_FAILED, "%s",
                                              error->message);
    else
        g_dbus_method_invocation_return_gerror(invocation, error);
    g_error_free(error);
}
