/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/mirror.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"

/* A supervisor answers in microseconds; only the end of a session (Close) takes longer. It is less than the
 * 25 s after which most callers on the session bus give up, and would not be told why. */
#define CALL_TIMEOUT_MS 15000

#define N_NAMESPACES 3

struct _WgwMirror {
    GObject parent_instance;

    char *name;
    GDBusConnection *connection;
    WgwDbusSupervisor1 *proxy;
    GUnixFDList *namespaces; /* held, not used: the namespaces live as long as a holder does */
    gboolean closed;
    gboolean unresolved; /* an endpoint's name */
    char *foreign;
};

G_DEFINE_FINAL_TYPE(WgwMirror, wgw_mirror, G_TYPE_OBJECT)

enum { CLOSED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
on_connection_closed(GDBusConnection *connection,
                     gboolean vanished,
                     GError *error,
                     WgwMirror *mirror)
{
    mirror->closed = TRUE;
    g_signal_emit(mirror, signals[CLOSED], 0);
}

static void
on_namespaces(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    WgwMirror *mirror = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(GVariant) reply = g_dbus_proxy_call_with_unix_fd_list_finish(
        G_DBUS_PROXY(source), &mirror->namespaces, result, &error);

    if (!reply)
        g_task_return_error(task, error);
    else if (!mirror->namespaces || g_unix_fd_list_get_length(mirror->namespaces) != N_NAMESPACES)
        /* A message that finds no room loses descriptors. */
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                                _("The session “%s” cannot be reached: %s. %s"), mirror->name,
                                g_strerror(EMFILE), wgw_error_advice_on(EMFILE));
    else
        g_task_return_pointer(task, g_object_ref(mirror), g_object_unref);
}

static void
on_proxy(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    WgwMirror *mirror = g_task_get_task_data(task);
    GError *error = NULL;

    mirror->proxy = wgw_dbus_supervisor1_proxy_new_finish(result, &error);
    if (!mirror->proxy) {
        g_task_return_error(task, error);
        return;
    }
    if (g_dbus_connection_is_closed(mirror->connection)) {
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                _("The session “%s” has just ended. Try again."), mirror->name);
        return;
    }
    g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(mirror->proxy), CALL_TIMEOUT_MS);
    if (wgw_dbus_supervisor1_get_version(mirror->proxy) != WGW_SUPERVISOR_VERSION) {
        mirror->foreign = g_strdup_printf(
            _("Another version of wg-wrap has started the tunnel “%s”. It goes on, and ends with its "
              "programs. To have it anew at once: wg-wrap down --force %s"),
            mirror->name, mirror->name);
        g_task_return_pointer(task, g_object_ref(mirror), g_object_unref);
        return;
    }
    g_dbus_proxy_call_with_unix_fd_list(
        G_DBUS_PROXY(mirror->proxy), "Namespaces", NULL, G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS,
        NULL, g_task_get_cancellable(task), on_namespaces, g_object_ref(task));
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    WgwMirror *mirror = g_task_get_task_data(task);
    GError *error = NULL;

    mirror->connection = g_dbus_connection_new_for_address_finish(result, &error);
    if (!mirror->connection) {
        g_task_return_error(task, error);
        return;
    }
    g_dbus_connection_set_exit_on_close(mirror->connection, FALSE);
    g_signal_connect_object(mirror->connection, "closed", G_CALLBACK(on_connection_closed), mirror,
                            0);
    wgw_dbus_supervisor1_proxy_new(mirror->connection, G_DBUS_PROXY_FLAGS_NONE, NULL,
                                   WGW_SUPERVISOR_PATH, g_task_get_cancellable(task), on_proxy,
                                   g_object_ref(task));
}

static void
wgw_mirror_finalize(GObject *object)
{
    WgwMirror *mirror = WGW_MIRROR(object);

    g_clear_object(&mirror->namespaces);
    g_clear_object(&mirror->proxy);
    if (mirror->connection)
        g_dbus_connection_close(mirror->connection, NULL, NULL, NULL);
    g_clear_object(&mirror->connection);
    g_free(mirror->name);
    g_free(mirror->foreign);
    G_OBJECT_CLASS(wgw_mirror_parent_class)->finalize(object);
}

static void
wgw_mirror_class_init(WgwMirrorClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_mirror_finalize;
    signals[CLOSED] = g_signal_new("closed", WGW_TYPE_MIRROR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
wgw_mirror_init(WgwMirror *mirror)
{
}

void
wgw_mirror_connect_async(const char *name,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
    GTask *task = g_task_new(NULL, cancellable, callback, user_data);
    WgwMirror *mirror = g_object_new(WGW_TYPE_MIRROR, NULL);
    g_autofree char *directory = wgw_path_session_directory(name);
    g_autofree char *escaped = g_dbus_address_escape_value(directory);
    g_autofree char *address = g_strdup_printf("unix:path=%s/bus", escaped);

    mirror->name = g_strdup(name);
    g_task_set_task_data(task, mirror, g_object_unref);
    g_dbus_connection_new_for_address(address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                      cancellable, on_connected, task);
}

WgwMirror *
wgw_mirror_connect_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

const char *
wgw_mirror_get_name(WgwMirror *mirror)
{
    return mirror->name;
}

WgwDbusSupervisor1 *
wgw_mirror_get_proxy(WgwMirror *mirror)
{
    return mirror->proxy;
}

GUnixFDList *
wgw_mirror_get_namespaces(WgwMirror *mirror)
{
    return mirror->namespaces;
}

gboolean
wgw_mirror_is_closed(WgwMirror *mirror)
{
    return mirror->closed;
}

const char *
wgw_mirror_get_foreign(WgwMirror *mirror)
{
    return mirror->foreign;
}

gboolean
wgw_mirror_is_ended(const GError *error)
{
    return g_error_matches(error, WGW_ERROR, WGW_ERROR_CLOSED) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
           g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED) ||
           g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY);
}

/* As it is said of a supervisor that was stopped (SIGSTOP), or hangs. */
static void
explain_timeout(WgwMirror *mirror, GError **error)
{
    GSocketConnection *stream =
        G_SOCKET_CONNECTION(g_dbus_connection_get_stream(mirror->connection));
    g_autoptr(GCredentials) peer =
        g_socket_get_credentials(g_socket_connection_get_socket(stream), NULL);
    int pid = peer ? (int)g_credentials_get_unix_pid(peer, NULL) : -1;

    g_clear_error(error);
    g_set_error(
        error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
        _("The supervisor of the tunnel “%s” does not answer. If it was stopped, let it go on: "
          "kill -CONT %d. If it hangs, end it: kill -KILL %d; programs keep their tunnel, and "
          "another supervisor takes over."),
        mirror->name, pid, pid);
}

static void
on_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GUnixFDList *fds = NULL;
    GError *error = NULL;
    GVariant *reply =
        g_dbus_proxy_call_with_unix_fd_list_finish(G_DBUS_PROXY(source), &fds, result, &error);

    if (!reply) {
        g_dbus_error_strip_remote_error(error);
        if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
            explain_timeout(g_task_get_source_object(task), &error);
        g_task_return_error(task, error);
        return;
    }
    if (fds)
        g_object_set_data_full(G_OBJECT(task), "fds", fds, g_object_unref);
    g_task_return_pointer(task, reply, (GDestroyNotify)g_variant_unref);
}

void
wgw_mirror_call_async(WgwMirror *mirror,
                      const char *method,
                      GVariant *parameters,
                      GUnixFDList *fds,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    GTask *task = g_task_new(mirror, NULL, callback, user_data);
    /* The end of a session is as long as its programs take. All versions have it. */
    gboolean closes = g_str_equal(method, "Close");
    int timeout = closes ? G_MAXINT : CALL_TIMEOUT_MS;

    if (mirror->foreign && !closes) {
        g_variant_unref(g_variant_ref_sink(parameters ? parameters : g_variant_new("()")));
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED, "%s", mirror->foreign);
        g_object_unref(task);
        return;
    }
    g_dbus_proxy_call_with_unix_fd_list(G_DBUS_PROXY(mirror->proxy), method, parameters,
                                        G_DBUS_CALL_FLAGS_NONE, timeout, fds, NULL, on_reply, task);
}

GVariant *
wgw_mirror_call_finish(WgwMirror *mirror,
                       GAsyncResult *result,
                       GUnixFDList **ret_fds,
                       GError **error)
{
    GVariant *reply = g_task_propagate_pointer(G_TASK(result), error);

    if (reply && ret_fds)
        *ret_fds = g_object_steal_data(G_OBJECT(result), "fds");
    return reply;
}

void
wgw_mirror_set_unresolved(WgwMirror *mirror, const char *reason)
{
    mirror->unresolved = *reason != '\0';
    wgw_dbus_supervisor1_call_set_reason(mirror->proxy, reason, NULL, NULL, NULL);
}

/* ---- Waiting for a handshake ---- */

struct wait {
    gulong peers_handler;
    gulong closed_handler;
    guint timer;
    guint timeout;
};

static void
wait_end(GTask *task)
{
    WgwMirror *mirror = g_task_get_source_object(task);
    struct wait *wait = g_task_get_task_data(task);

    g_clear_signal_handler(&wait->peers_handler, mirror->proxy);
    g_clear_signal_handler(&wait->closed_handler, mirror);
    g_clear_handle_id(&wait->timer, g_source_remove);
}

static gboolean
has_handshake(WgwMirror *mirror)
{
    GVariant *peers = wgw_dbus_supervisor1_get_peers(mirror->proxy);
    gsize n = peers ? g_variant_n_children(peers) : 0;

    for (gsize i = 0; i < n; i++) {
        g_autoptr(GVariant) peer = g_variant_get_child_value(peers, i);
        guint64 last;

        if (g_variant_lookup(peer, "last-handshake", "t", &last) && last > 0)
            return TRUE;
    }
    return FALSE;
}

static void
on_wait_peers(WgwDbusSupervisor1 *proxy, GParamSpec *pspec, GTask *task)
{
    if (!has_handshake(g_task_get_source_object(task)))
        return;
    wait_end(task);
    g_task_return_boolean(task, TRUE);
    g_object_unref(task);
}

static void
on_wait_closed(WgwMirror *mirror, GTask *task)
{
    wait_end(task);
    g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_CLOSED,
                            _("The session “%s” has just ended. Try again."), mirror->name);
    g_object_unref(task);
}

static gboolean
on_wait_timeout(gpointer user_data)
{
    GTask *task = user_data;
    WgwMirror *mirror = g_task_get_source_object(task);
    struct wait *wait = g_task_get_task_data(task);
    const char *reason = wgw_dbus_supervisor1_get_reason(mirror->proxy);

    wait->timer = 0;
    wait_end(task);
    g_task_return_new_error(
        task, WGW_ERROR,
        mirror->unresolved ? WGW_ERROR_ENDPOINT_UNRESOLVED : WGW_ERROR_HANDSHAKE_TIMEOUT,
        _("No peer of “%s” has answered within %u s. %s"), mirror->name, wait->timeout,
        reason && *reason ? reason
                          : _("Check the network, and the keys and the endpoint in the profile."));
    g_object_unref(task);
    return G_SOURCE_REMOVE;
}

void
wgw_mirror_wait_async(WgwMirror *mirror,
                      guint timeout,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    GTask *task = g_task_new(mirror, NULL, callback, user_data);
    struct wait *wait;

    if (mirror->foreign) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED, "%s", mirror->foreign);
        g_object_unref(task);
        return;
    }
    if (g_dbus_connection_is_closed(mirror->connection)) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_CLOSED,
                                _("The session “%s” has just ended. Try again."), mirror->name);
        g_object_unref(task);
        return;
    }
    if (has_handshake(mirror)) {
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    wait = g_new0(struct wait, 1);
    wait->timeout = timeout;
    g_task_set_task_data(task, wait, g_free);
    wait->peers_handler =
        g_signal_connect(mirror->proxy, "notify::peers", G_CALLBACK(on_wait_peers), task);
    wait->closed_handler = g_signal_connect(mirror, "closed", G_CALLBACK(on_wait_closed), task);
    wait->timer = g_timeout_add_seconds(timeout, on_wait_timeout, task);
    wgw_dbus_supervisor1_call_keep(mirror->proxy, timeout + 1, NULL, NULL, NULL);
}

gboolean
wgw_mirror_wait_finish(WgwMirror *mirror, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}
