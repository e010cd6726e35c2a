/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/uapi-client.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n.h>

#include "dbus/error.h"
#include "profile/key.h"

/* For an answer; a restarted engine is there sooner. One that is stopped (SIGSTOP) does not answer. */
#define PATIENCE_SECONDS 5

struct transaction {
    GSocketConnection *connection;
    GDataInputStream *input;
    WgwSecret *request;
    GPtrArray *peers; /* WgwPeerStatus */
    int error;        /* what the engine said, -1: nothing yet */
};

static void
status_free(gpointer data)
{
    WgwPeerStatus *status = data;

    g_free(status->public_key);
    g_free(status->endpoint);
    g_free(status);
}

static void
transaction_free(gpointer data)
{
    struct transaction *transaction = data;

    g_clear_object(&transaction->input);
    g_clear_object(&transaction->connection);
    wgw_secret_free(transaction->request);
    g_clear_pointer(&transaction->peers, g_ptr_array_unref);
    g_free(transaction);
}

/* Base64 of 64 hexadecimal digits; NULL if that is not what they are. */
static char *
key_from_hex(const char *hex)
{
    guint8 key[WGW_KEY_LEN];

    if (strlen(hex) != 2 * WGW_KEY_LEN)
        return NULL;
    for (gsize i = 0; i < WGW_KEY_LEN; i++) {
        int high = g_ascii_xdigit_value(hex[2 * i]);
        int low = g_ascii_xdigit_value(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return NULL;
        key[i] = (guint8)(high << 4 | low);
    }
    return g_base64_encode(key, sizeof key);
}

static void
take_line(struct transaction *transaction, char *line)
{
    char *value = strchr(line, '=');
    WgwPeerStatus *peer = NULL;
    guint64 number;

    if (!value)
        return;
    *value++ = '\0';
    number = g_ascii_strtoull(value, NULL, 10);

    if (g_str_equal(line, "errno")) {
        transaction->error = (int)number;
        return;
    }
    if (g_str_equal(line, "public_key")) {
        peer = g_new0(WgwPeerStatus, 1);
        peer->public_key = key_from_hex(value);
        peer->endpoint = g_strdup("");
        g_ptr_array_add(transaction->peers, peer);
        return;
    }
    if (transaction->peers->len == 0)
        return;
    peer = g_ptr_array_index(transaction->peers, transaction->peers->len - 1);
    if (g_str_equal(line, "endpoint")) {
        g_free(peer->endpoint);
        peer->endpoint = g_strdup(value);
    } else if (g_str_equal(line, "last_handshake_time_sec"))
        peer->last_handshake = number;
    else if (g_str_equal(line, "waiting_since_sec"))
        peer->waiting_since = number;
    else if (g_str_equal(line, "rx_bytes"))
        peer->rx_bytes = number;
    else if (g_str_equal(line, "tx_bytes"))
        peer->tx_bytes = number;
}

static void
finish(GTask *task)
{
    struct transaction *transaction = g_task_get_task_data(task);

    if (transaction->error == 0)
        g_task_return_boolean(task, TRUE);
    else if (transaction->error > 0)
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED,
                                _("The WireGuard engine refused the configuration: %s"),
                                g_strerror(transaction->error));
    else
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED,
                                _("The WireGuard engine did not answer."));
    g_object_unref(task);
}

/* The engine ended in the middle, or is stopped; or we gave up ourselves. */
static void
fail(GTask *task, GError *error)
{
    if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        GError *cause = error;

        error = g_error_new(WGW_ERROR, WGW_ERROR_FAILED,
                            _("The WireGuard engine does not answer: %s"), cause->message);
        g_error_free(cause);
    }
    g_task_return_error(task, error);
    g_object_unref(task);
}

static void
on_line(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct transaction *transaction = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, NULL, &error);

    if (error)
        fail(task, g_steal_pointer(&error));
    else if (!line || !*line)
        finish(task);
    else {
        take_line(transaction, line);
        g_data_input_stream_read_line_async(transaction->input, G_PRIORITY_DEFAULT,
                                            g_task_get_cancellable(task), on_line, task);
    }
}

static void
on_written(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct transaction *transaction = g_task_get_task_data(task);
    GError *error = NULL;

    g_clear_pointer(&transaction->request, wgw_secret_free);
    if (!g_output_stream_write_all_finish(G_OUTPUT_STREAM(source), result, NULL, &error)) {
        fail(task, error);
        return;
    }
    transaction->input =
        g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(transaction->connection)));
    g_data_input_stream_read_line_async(transaction->input, G_PRIORITY_DEFAULT,
                                        g_task_get_cancellable(task), on_line, task);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct transaction *transaction = g_task_get_task_data(task);
    GError *error = NULL;

    transaction->connection =
        g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);
    if (!transaction->connection) {
        fail(task, error);
        return;
    }
    g_output_stream_write_all_async(
        g_io_stream_get_output_stream(G_IO_STREAM(transaction->connection)),
        wgw_secret_get_text(transaction->request), wgw_secret_get_length(transaction->request),
        G_PRIORITY_DEFAULT, g_task_get_cancellable(task), on_written, task);
}

static void
begin(const char *path,
      WgwSecret *request,
      gpointer tag,
      GCancellable *cancellable,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    struct transaction *transaction = g_new0(struct transaction, 1);
    GTask *task = g_task_new(NULL, cancellable, callback, user_data);

    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_timeout(client, PATIENCE_SECONDS);
    g_task_set_source_tag(task, tag);
    transaction->request = request;
    transaction->peers = g_ptr_array_new_with_free_func(status_free);
    transaction->error = -1;
    g_task_set_task_data(task, transaction, transaction_free);
    g_socket_client_connect_async(client, G_SOCKET_CONNECTABLE(address), cancellable, on_connected,
                                  task);
}

void
wgw_uapi_set_async(const char *path,
                   WgwSecret *request,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
    begin(path, request, wgw_uapi_set_async, cancellable, callback, user_data);
}

gboolean
wgw_uapi_set_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

void
wgw_uapi_get_async(const char *path,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
    begin(path, wgw_secret_new("get=1\n\n", -1), wgw_uapi_get_async, cancellable, callback,
          user_data);
}

GPtrArray *
wgw_uapi_get_finish(GAsyncResult *result, GError **error)
{
    struct transaction *transaction = g_task_get_task_data(G_TASK(result));

    if (!g_task_propagate_boolean(G_TASK(result), error))
        return NULL;
    return g_steal_pointer(&transaction->peers);
}
