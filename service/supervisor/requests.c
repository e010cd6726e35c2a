/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* org.wgwrap.Supervisor1, peer to peer on "bus" in the session's directory. The service may go and
 * another come: a connection that closes means nothing to the session. */

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/ticket.h"
#include "dbus/descriptor.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "supervisor/session-private.h"

/* Of a GDBusConnection: whether it watches. */
#define WATCHING "wgw-watching"

/* Of a launch, among its descriptors. */
enum { N_STDIO = 3, TICKET = N_STDIO, MAX_DESCRIPTORS };

static void
return_error(GDBusMethodInvocation *invocation, GError *error)
{
    g_dbus_method_invocation_take_error(invocation, error);
}

/* Bytes as they are in the message, where they end with a NUL and have no other; the generated code
 * would make "" of what does not. */
static gboolean
check_bytes(GVariant *bytes, GError **error)
{
    gsize length;
    const char *text = g_variant_get_fixed_array(bytes, &length, 1);

    if (length > 0 && memchr(text, '\0', length) == text + length - 1)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                _("Bytes must end with a NUL, and have no other."));
    return FALSE;
}

static gboolean
check_launch(GVariant *parameters, GError **error)
{
    enum { ARGV, ENVIRONMENT, CWD, COVERS };
    static const gsize lists[] = {ARGV, ENVIRONMENT, COVERS};

    for (gsize list = 0; list < G_N_ELEMENTS(lists); list++) {
        g_autoptr(GVariant) words = g_variant_get_child_value(parameters, lists[list]);

        for (gsize i = 0; i < g_variant_n_children(words); i++) {
            g_autoptr(GVariant) word = g_variant_get_child_value(words, i);

            if (!check_bytes(word, error))
                return FALSE;
        }
    }
    {
        g_autoptr(GVariant) cwd = g_variant_get_child_value(parameters, CWD);

        if (!check_bytes(cwd, error))
            return FALSE;
        if (*g_variant_get_bytestring(cwd) == '/')
            return TRUE;
    }
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                _("The working directory must be an absolute path."));
    return FALSE;
}

static gboolean
take_ticket(int ticket, GError **error)
{
    if (ticket < 0 || wgw_ticket_take(ticket))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_CLOSED,
                _("What was asked for too long ago is not started any more. Start it again."));
    return FALSE;
}

static gboolean
on_launch(WgwDbusSupervisor1 *bus,
          GDBusMethodInvocation *invocation,
          GUnixFDList *fds,
          const char *const *argv,
          const char *const *environment,
          const char *cwd,
          const char *const *covers,
          const char *name,
          const char *desktop_id,
          GVariant *stdio,
          gpointer user_data)
{
    WgwSession *session = user_data;
    int descriptors[MAX_DESCRIPTORS] = {-1, -1, -1, -1};
    gsize n = g_variant_n_children(stdio);
    GError *error = NULL;
    pid_t pid = -1;

    if (!check_launch(g_dbus_method_invocation_get_parameters(invocation), &error) ||
        !wgw_session_let_in(session, &error))
        goto out;
    if (!argv[0] || g_strv_length((char **)covers) % 2 != 0 || n < N_STDIO || n > MAX_DESCRIPTORS) {
        error = g_error_new(WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                            _("A command, pairs of directories and three descriptors are needed."));
        goto out;
    }
    for (gsize i = 0; i < n; i++) {
        gint32 handle;

        g_variant_get_child(stdio, i, "h", &handle);
        descriptors[i] = wgw_descriptor_take(fds, handle, &error);
        if (descriptors[i] < 0)
            goto out;
    }
    if (wgw_private_bus_wanted(session->private_bus, environment, &error) &&
        take_ticket(descriptors[TICKET], &error))
        pid = wgw_programs_spawn(session->programs, argv, environment, cwd, covers, descriptors,
                                 name, desktop_id, &error);
    if (pid < 0)
        wgw_session_log(session, WGW_LOG_ERROR, "%s", error->message);
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

    if (wgw_session_let_in(session, &error) && wgw_session_get_anchor(session, &error) >= 0 &&
        wgw_programs_join(session->programs, (pid_t)pid, -1, &error)) {
        handle = g_unix_fd_list_append(answer, session->parts.anchor_pidfd, &error);
        if (handle < 0)
            wgw_programs_forget(session->programs, (pid_t)pid);
    }
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

    if (!wgw_session_let_in(session, &error)) {
        return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    if (!session->held)
        wgw_session_log(session, WGW_LOG_INFO,
                        _("The tunnel is held open, with or without programs."));
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

    if (!wgw_session_let_in(session, &error)) {
        return_error(invocation, error);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    wgw_session_keep_ms(session, 1000 * MIN(seconds, WGW_LIFE_MAX_LINGER));
    /* Not anew: its own first handshake may be under way, and peers take no two in 20 ms. */
    wgw_session_shake_hands(session, FALSE);
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

    if (session->over) {
        wgw_dbus_supervisor1_complete_close(bus, invocation);
        return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
    /* Answered at the end; or at once if that is not near: with programs and without force only the
     * hold is released. */
    g_ptr_array_add(session->closers, g_object_ref(invocation));
    wgw_session_close(session, force);
    if (session->state != WGW_STATE_CLOSING) {
        g_ptr_array_remove_fast(session->closers, invocation);
        wgw_dbus_supervisor1_complete_close(bus, invocation);
    } else
        g_object_unref(invocation); /* the list has its own */
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
        fd = wgw_descriptor_take(fds, g_variant_get_handle(config), &error);
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
    wgw_session_shake_hands(session, TRUE);
    wgw_dbus_supervisor1_complete_reconnect(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* A connection's wish to watch is its own, and goes with it. */
static void
set_watching(WgwSession *session, GDBusConnection *connection, gboolean on)
{
    gboolean watched = FALSE;

    g_object_set_data(G_OBJECT(connection), WATCHING, GINT_TO_POINTER(on));
    for (guint i = 0; i < session->connections->len; i++)
        watched |= g_object_get_data(session->connections->pdata[i], WATCHING) != NULL;
    wgw_session_watch(session, watched);
}

static gboolean
on_watch(WgwDbusSupervisor1 *bus,
         GDBusMethodInvocation *invocation,
         gboolean on,
         gpointer user_data)
{
    set_watching(user_data, g_dbus_method_invocation_get_connection(invocation), on);
    wgw_dbus_supervisor1_complete_watch(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_refreshed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GError *error = NULL;

    if (g_task_propagate_boolean(G_TASK(result), &error))
        g_dbus_method_invocation_return_value(user_data, NULL);
    else
        return_error(user_data, error);
}

static gboolean
on_refresh(WgwDbusSupervisor1 *bus, GDBusMethodInvocation *invocation, gpointer user_data)
{
    wgw_session_refresh(user_data, on_refreshed, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_get_log(WgwDbusSupervisor1 *bus,
           GDBusMethodInvocation *invocation,
           guint64 after,
           gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_dbus_supervisor1_complete_get_log(bus, invocation, wgw_log_to_variant(session->log, after));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_log(WgwDbusSupervisor1 *bus,
       GDBusMethodInvocation *invocation,
       gboolean warning,
       const char *message,
       gpointer user_data)
{
    wgw_session_log(user_data, warning ? WGW_LOG_WARNING : WGW_LOG_INFO, "%s", message);
    wgw_dbus_supervisor1_complete_log(bus, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_set_choices(WgwDbusSupervisor1 *bus,
               GDBusMethodInvocation *invocation,
               GVariant *forward,
               GVariant *publish,
               const char *const *dns,
               gpointer user_data)
{
    GError *error = NULL;

    if (wgw_session_set_choices(user_data, forward, publish, dns, &error))
        wgw_dbus_supervisor1_complete_set_choices(bus, invocation);
    else
        return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_relay(WgwDbusSupervisor1 *bus,
         GDBusMethodInvocation *invocation,
         GUnixFDList *fds,
         gpointer user_data)
{
    WgwSession *session = user_data;
    g_autoptr(GUnixFDList) answer = g_unix_fd_list_new();
    WGW_AUTOCLOSE int control = -1;
    GError *error = NULL;

    if (wgw_session_check_open(session, &error))
        control = wgw_ports_take_relay(session->ports, &error);
    if (control < 0 || g_unix_fd_list_append(answer, control, &error) < 0)
        return_error(invocation, error);
    else
        wgw_dbus_supervisor1_complete_relay(bus, invocation, answer, g_variant_new_handle(0));
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
    if (wgw_dbus_supervisor1_get_linger(bus) > WGW_LIFE_MAX_LINGER)
        wgw_dbus_supervisor1_set_linger(bus, WGW_LIFE_MAX_LINGER); /* which comes here again */
    else
        wgw_session_relinger(user_data);
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer user_data)
{
    WgwSession *session = user_data;

    set_watching(session, connection, FALSE);
    g_dbus_interface_skeleton_unexport_from_connection(G_DBUS_INTERFACE_SKELETON(session->bus),
                                                       connection);
    g_ptr_array_remove_fast(session->connections, connection);
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
        {"handle-get-log", G_CALLBACK(on_get_log)},
        {"handle-log", G_CALLBACK(on_log)},
        {"handle-set-choices", G_CALLBACK(on_set_choices)},
        {"handle-relay", G_CALLBACK(on_relay)},
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
