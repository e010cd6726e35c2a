/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* org.wgwrap.Supervisor1, peer to peer on "bus" in the session's directory. The service may go and
 * another come: a connection that closes means nothing to the session. */

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "supervisor/session-private.h"

#define MAX_LINGER 3600

static void
return_error(GDBusMethodInvocation *invocation, GError *error)
{
    g_dbus_method_invocation_take_error(invocation, error);
}

/* The descriptor number @handle of a message; the caller's, or -1 with @error set. */
static int
take_fd(GUnixFDList *fds, gint32 handle, GError **error)
{
    int fd = fds ? g_unix_fd_list_get(fds, handle, NULL) : -1;

    if (fd < 0)
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("The message has no descriptor %d."), handle);
    return fd;
}

static gboolean
on_launch(WgwDbusSupervisor1 *bus,
          GDBusMethodInvocation *invocation,
          GUnixFDList *fds,
          const char *const *argv,
          const char *const *environment,
          const char *cwd,
          const char *name,
          const char *desktop_id,
          GVariant *stdio,
          gpointer user_data)
{
    WgwSession *session = user_data;
    int descriptors[3] = {-1, -1, -1};
    GError *error = NULL;
    pid_t pid = -1;

    if (!wgw_session_check_open(session, &error))
        goto out;
    if (!argv[0] || g_variant_n_children(stdio) != G_N_ELEMENTS(descriptors)) {
        error = g_error_new(WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                            _("A command and three descriptors are needed."));
        goto out;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(descriptors); i++) {
        gint32 handle;

        g_variant_get_child(stdio, i, "h", &handle);
        descriptors[i] = take_fd(fds, handle, &error);
        if (descriptors[i] < 0)
            goto out;
    }
    pid = wgw_programs_spawn(session->programs, argv, environment, cwd, descriptors, name,
                             desktop_id, &error);
out:
    for (gsize i = 0; i < G_N_ELEMENTS(descriptors); i++)
        wgw_fd_close(&descriptors[i]);
    if (pid < 0)
        return_error(invocation, error);
    else
        wgw_dbus_supervisor1_complete_launch(bus, invocation, NULL, (guint)pid);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_join(WgwDbusSupervisor1 *bus,
        GDBusMethodInvocation *invocation,
        GUnixFDList *fds,
        guint pid,
        gpointer user_data)
{
    WgwSession *session = user_data;
    g_autoptr(GUnixFDList) answer = g_unix_fd_list_new();
    GError *error = NULL;
    int handle = -1;

    if (wgw_session_check_open(session, &error) &&
        wgw_programs_join(session->programs, (pid_t)pid, -1, &error))
        handle = g_unix_fd_list_append(answer, session->parts.anchor_pidfd, &error);
    if (handle < 0)
        return_error(invocation, error);
    else
        wgw_dbus_supervisor1_complete_join(bus, invocation, answer, g_variant_new_handle(handle));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_hold(WgwDbusSupervisor1 *bus, GDBusMethodInvocation *invocation, gpointer user_data)
{
    WgwSession *session = user_data;
    GError *error = NULL;

    if (!wgw_session_check_open(session, &error)) {
        return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    session->held = TRUE;
    wgw_session_settle(session);
    wgw_dbus_supervisor1_complete_hold(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_keep(WgwDbusSupervisor1 *bus,
        GDBusMethodInvocation *invocation,
        guint seconds,
        gpointer user_data)
{
    WgwSession *session = user_data;
    GError *error = NULL;

    if (!wgw_session_check_open(session, &error)) {
        return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_session_keep(session, MIN(seconds, MAX_LINGER));
    wgw_dbus_supervisor1_complete_keep(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_close(WgwDbusSupervisor1 *bus,
         GDBusMethodInvocation *invocation,
         gboolean force,
         gpointer user_data)
{
    WgwSession *session = user_data;

    /* With programs and without force only the hold is released; otherwise it is answered at the end. */
    if (!force && !wgw_programs_scan(session->programs)) {
        wgw_session_close(session, FALSE);
        wgw_dbus_supervisor1_complete_close(bus, invocation);
    } else {
        g_ptr_array_add(session->closers, invocation);
        wgw_session_close(session, force);
    }
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_signal(WgwDbusSupervisor1 *bus,
          GDBusMethodInvocation *invocation,
          guint pid,
          int number,
          gpointer user_data)
{
    WgwSession *session = user_data;
    GError *error = NULL;

    if (wgw_programs_signal(session->programs, (pid_t)pid, number, &error))
        wgw_dbus_supervisor1_complete_signal(bus, invocation);
    else
        return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_set_endpoint(WgwDbusSupervisor1 *bus,
                GDBusMethodInvocation *invocation,
                const char *public_key,
                const char *address,
                guint16 port,
                gpointer user_data)
{
    WgwSession *session = user_data;
    GError *error = NULL;

    if (wgw_session_check_open(session, &error) &&
        wgw_session_set_endpoint(session, public_key, address, port, &error))
        wgw_dbus_supervisor1_complete_set_endpoint(bus, invocation);
    else
        return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_set_reason(WgwDbusSupervisor1 *bus,
              GDBusMethodInvocation *invocation,
              const char *reason,
              gpointer user_data)
{
    wgw_session_set_hint(user_data, reason);
    wgw_dbus_supervisor1_complete_set_reason(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_updated(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GDBusMethodInvocation *invocation = user_data;
    GError *error = NULL;

    if (wgw_session_update_finish(result, &error))
        g_dbus_method_invocation_return_value(invocation, NULL);
    else
        return_error(invocation, error);
}

static gboolean
on_update(WgwDbusSupervisor1 *bus,
          GDBusMethodInvocation *invocation,
          GUnixFDList *fds,
          GVariant *config,
          guint mtu,
          gpointer user_data)
{
    WgwSession *session = user_data;
    GError *error = NULL;
    WGW_AUTOCLOSE int fd = -1;

    if (wgw_session_check_open(session, &error))
        fd = take_fd(fds, g_variant_get_handle(config), &error);
    if (fd < 0)
        return_error(invocation, error);
    else
        wgw_session_update_async(session, fd, mtu, on_updated, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_reconnect(WgwDbusSupervisor1 *bus, GDBusMethodInvocation *invocation, gpointer user_data)
{
    WgwSession *session = user_data;
    GError *error = NULL;

    if (!wgw_session_check_open(session, &error)) {
        return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_session_reconnect(session);
    wgw_dbus_supervisor1_complete_reconnect(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_watch(WgwDbusSupervisor1 *bus,
         GDBusMethodInvocation *invocation,
         gboolean on,
         gpointer user_data)
{
    wgw_session_watch(user_data, on);
    wgw_dbus_supervisor1_complete_watch(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_refreshed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_dbus_method_invocation_return_value(user_data, NULL);
}

static gboolean
on_refresh(WgwDbusSupervisor1 *bus, GDBusMethodInvocation *invocation, gpointer user_data)
{
    wgw_session_refresh(user_data, on_refreshed, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_namespaces(WgwDbusSupervisor1 *bus,
              GDBusMethodInvocation *invocation,
              GUnixFDList *fds,
              gpointer user_data)
{
    WgwSession *session = user_data;
    const struct ns_box *box = &session->parts.box;
    int namespaces[] = {box->user, box->mount, box->net};
    g_autoptr(GUnixFDList) answer = g_unix_fd_list_new();
    GError *error = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(namespaces); i++)
        if (g_unix_fd_list_append(answer, namespaces[i], &error) < 0) {
            return_error(invocation, error);
            return G_DBUS_METHOD_INVOCATION_HANDLED;
        }
    wgw_dbus_supervisor1_complete_namespaces(bus, invocation, answer, g_variant_new_handle(0),
                                             g_variant_new_handle(1), g_variant_new_handle(2));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_linger(WgwDbusSupervisor1 *bus, GParamSpec *pspec, gpointer user_data)
{
    guint seconds = wgw_dbus_supervisor1_get_linger(bus);

    if (seconds > MAX_LINGER)
        wgw_dbus_supervisor1_set_linger(bus, MAX_LINGER);
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
    WgwSession *session = user_data;

    g_ptr_array_remove_fast(session->connections, connection);
    /* Nobody is left to look. */
    if (session->connections->len == 0)
        wgw_session_watch(session, FALSE);
}

static gboolean
on_new_connection(GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
    WgwSession *session = user_data;
    g_autoptr(GError) error = NULL;

    if (!g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(session->bus), connection,
                                          WGW_SUPERVISOR_PATH, &error)) {
        g_warning("bus: %s", error->message);
        return FALSE;
    }
    g_ptr_array_add(session->connections, g_object_ref(connection));
    g_signal_connect(connection, "closed", G_CALLBACK(on_closed), session);
    return TRUE;
}

gboolean
wgw_session_serve(WgwSession *session, GError **error)
{
    g_autofree char *address =
        g_strdup_printf("unix:path=/proc/self/fd/%d/bus", session->parts.directory);
    g_autofree char *guid = g_dbus_generate_guid();

    static const struct {
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {"handle-launch", G_CALLBACK(on_launch)},
        {"handle-join", G_CALLBACK(on_join)},
        {"handle-hold", G_CALLBACK(on_hold)},
        {"handle-keep", G_CALLBACK(on_keep)},
        {"handle-close", G_CALLBACK(on_close)},
        {"handle-signal", G_CALLBACK(on_signal)},
        {"handle-set-endpoint", G_CALLBACK(on_set_endpoint)},
        {"handle-set-reason", G_CALLBACK(on_set_reason)},
        {"handle-update", G_CALLBACK(on_update)},
        {"handle-reconnect", G_CALLBACK(on_reconnect)},
        {"handle-watch", G_CALLBACK(on_watch)},
        {"handle-refresh", G_CALLBACK(on_refresh)},
        {"handle-namespaces", G_CALLBACK(on_namespaces)},
        {"notify::linger", G_CALLBACK(on_linger)},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
        g_signal_connect(session->bus, handlers[i].signal, handlers[i].handler, session);
    session->server = g_dbus_server_new_sync(
        address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid, NULL, NULL, error);
    if (!session->server)
        return FALSE;
    g_signal_connect(session->server, "new-connection", G_CALLBACK(on_new_connection), session);
    g_dbus_server_start(session->server);
    return TRUE;
}
