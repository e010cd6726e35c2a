/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/session-object.h"

#include <glib/gi18n.h>

#include "bus/launch.h"
#include "bus/leak-check.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"
#include "dbus/wgw-dbus.h"
#include "diagnostics/checks.h"

/* What the handlers of one object share; goes with the object. */
struct object {
    WgwService *service;
    WgwMirror *mirror;
};

/* Same name and type on both sides. */
static const char *const mirrored[] = {"state",    "reason",   "since", "peers",      "rx-bytes",
                                       "tx-bytes", "programs", "held",  "local-ports"};

static void
object_free(gpointer data, GClosure *closure)
{
    struct object *object = data;

    g_object_unref(object->mirror);
    g_free(object);
}

static void
on_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    GError *error = NULL;
    g_autoptr(GVariant) reply = wgw_mirror_call_finish(WGW_MIRROR(source), result, NULL, &error);

    if (reply)
        g_dbus_method_invocation_return_value(invocation, NULL);
    else
        wgw_service_return_error(invocation, error);
}

static void
on_ended(WgwMirror *mirror, GDBusMethodInvocation *invocation)
{
    g_signal_handlers_disconnect_by_data(mirror, invocation);
    g_dbus_method_invocation_return_value(invocation, NULL);
}

/* Answered once the object is gone from the bus, so that the caller sees what it asked for; or at once,
 * if only the hold was released. */
static void
on_close_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    WgwMirror *mirror = WGW_MIRROR(source);
    WgwDbusSupervisor1 *proxy = wgw_mirror_get_proxy(mirror);
    GError *error = NULL;
    g_autoptr(GVariant) reply = wgw_mirror_call_finish(mirror, result, NULL, &error);
    gboolean ended = reply ? g_strcmp0(wgw_dbus_supervisor1_get_state(proxy), "closing") == 0
                           : wgw_mirror_is_ended(error);

    if (ended && !wgw_mirror_is_closed(mirror))
        g_signal_connect_after(mirror, "closed", G_CALLBACK(on_ended), invocation);
    else if (reply || ended)
        g_dbus_method_invocation_return_value(invocation, NULL);
    else {
        wgw_service_return_error(invocation, error);
        return;
    }
    g_clear_error(&error);
}

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    GError *error = NULL;
    guint pid = wgw_launch_finish(result, &error);

    if (error)
        wgw_service_return_error(invocation, error);
    else
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(u)", pid));
}

static gboolean
on_launch(WgwDbusSession *skeleton,
          GDBusMethodInvocation *invocation,
          GUnixFDList *fds,
          const char *const *argv,
          GVariant *options,
          gpointer user_data)
{
    struct object *object = user_data;
    GError *error = NULL;
    WgwProfile *profile =
        wgw_service_find_profile(object->service, wgw_mirror_get_name(object->mirror), &error);

    if (!profile)
        wgw_service_return_error(invocation, error);
    else
        wgw_launch_command_async(object->service, profile, argv, options, fds, on_launched,
                                 invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_signal(WgwDbusSession *skeleton,
          GDBusMethodInvocation *invocation,
          guint pid,
          int number,
          gpointer user_data)
{
    struct object *object = user_data;

    wgw_mirror_call_async(object->mirror, "Signal", g_variant_new("(ui)", pid, number), NULL,
                          on_reply, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_reconnect(WgwDbusSession *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
    struct object *object = user_data;

    wgw_registry_reconnect(object->service->registry, object->mirror);
    wgw_dbus_session_complete_reconnect(skeleton, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_checked(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    GError *error = NULL;
    g_autoptr(GVariant) checks = wgw_leak_check_finish(result, &error);

    if (checks) {
        gboolean ids = g_str_equal(g_dbus_method_invocation_get_method_name(invocation), "Examine");
        GVariant *value = ids ? checks : wgw_checks_drop_ids(checks);

        g_dbus_method_invocation_return_value(invocation, g_variant_new_tuple(&value, 1));
    } else
        wgw_service_return_error(invocation, error);
}

static gboolean
on_check(WgwDbusSession *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
    struct object *object = user_data;

    wgw_leak_check_async(object->service, object->mirror, on_checked, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_close(WgwDbusSession *skeleton,
         GDBusMethodInvocation *invocation,
         gboolean force,
         gpointer user_data)
{
    struct object *object = user_data;

    wgw_mirror_call_async(object->mirror, "Close", g_variant_new("(b)", force), NULL,
                          on_close_reply, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_program_exited(
    WgwDbusSupervisor1 *proxy, guint pid, int status, const char *message, WgwDbusSession *skeleton)
{
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(skeleton)); /* Programs without it */
    wgw_dbus_session_emit_program_exited(skeleton, pid, status, message);
}

/* The one property that clients write: handed on, and shown when the supervisor has it. Of a foreign one
 * (wgw_mirror_get_foreign) nothing more is asked. */
static void
on_linger_written(WgwDbusSession *skeleton, GParamSpec *pspec, gpointer user_data)
{
    struct object *object = user_data;
    WgwDbusSupervisor1 *proxy = wgw_mirror_get_proxy(object->mirror);
    guint current = wgw_dbus_supervisor1_get_linger(proxy);
    guint wanted = MIN(wgw_dbus_session_get_linger(skeleton), WGW_SESSION_MAX_LINGER);
    guint seconds = wgw_mirror_get_foreign(object->mirror) ? current : wanted;

    if (seconds != current)
        wgw_dbus_supervisor1_set_linger(proxy, seconds);
    if (seconds != wgw_dbus_session_get_linger(skeleton))
        wgw_dbus_session_set_linger(skeleton, seconds);
}

/* Not "notify::linger", which a proxy emits for its own writing too, with the value from before. */
static void
on_proxy_changed(WgwDbusSupervisor1 *proxy,
                 GVariant *changed,
                 const char *const *invalidated,
                 WgwDbusSession *skeleton)
{
    guint seconds;

    if (g_variant_lookup(changed, "Linger", "u", &seconds) &&
        seconds != wgw_dbus_session_get_linger(skeleton))
        wgw_dbus_session_set_linger(skeleton, seconds);
}

void
wgw_session_object_add(WgwService *service, WgwMirror *mirror)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {"handle-launch", G_CALLBACK(on_launch)},          {"handle-signal", G_CALLBACK(on_signal)},
        {"handle-reconnect", G_CALLBACK(on_reconnect)},    {"handle-check", G_CALLBACK(on_check)},
        {"handle-examine", G_CALLBACK(on_check)},          {"handle-close", G_CALLBACK(on_close)},
        {"notify::linger", G_CALLBACK(on_linger_written)},
    };
    const char *name = wgw_mirror_get_name(mirror);
    WgwDbusSupervisor1 *proxy = wgw_mirror_get_proxy(mirror);
    g_autofree char *path = wgw_path_for_session(name);
    g_autofree char *profile_path = wgw_path_for_profile(name);
    g_autoptr(WgwDbusObjectSkeleton) object = wgw_dbus_object_skeleton_new(path);
    g_autoptr(WgwDbusSession) skeleton = wgw_dbus_session_skeleton_new();

    wgw_dbus_session_set_profile(skeleton, profile_path);
    wgw_dbus_session_set_reason(skeleton, wgw_mirror_get_foreign(mirror));
    wgw_dbus_session_set_linger(skeleton, wgw_dbus_supervisor1_get_linger(proxy));
    for (gsize i = 0; i < G_N_ELEMENTS(mirrored); i++)
        if (!wgw_mirror_get_foreign(mirror) || !g_str_equal(mirrored[i], "reason"))
            g_object_bind_property(proxy, mirrored[i], skeleton, mirrored[i],
                                   G_BINDING_SYNC_CREATE);
    /* A supervisor from before there was such a thing. */
    if (!wgw_dbus_session_get_local_ports(skeleton))
        wgw_dbus_session_set_local_ports(skeleton, g_variant_new("a(sqs)", NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++) {
        struct object *data = g_new(struct object, 1);

        data->service = service;
        data->mirror = g_object_ref(mirror);
        g_signal_connect_data(skeleton, handlers[i].signal, handlers[i].handler, data, object_free,
                              0);
    }
    g_signal_connect_object(proxy, "program-exited", G_CALLBACK(on_program_exited), skeleton, 0);
    g_signal_connect_object(proxy, "g-properties-changed", G_CALLBACK(on_proxy_changed), skeleton,
                            0);
    wgw_dbus_object_skeleton_set_session(object, skeleton);
    g_dbus_object_manager_server_export(service->objects, G_DBUS_OBJECT_SKELETON(object));
}

void
wgw_session_object_remove(WgwService *service, WgwMirror *mirror)
{
    g_autofree char *path = wgw_path_for_session(wgw_mirror_get_name(mirror));

    g_dbus_object_manager_server_unexport(service->objects, path);
}
