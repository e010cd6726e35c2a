/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "diagnostics/page.h"

#include <glib/gi18n.h>
#include <string.h>

#define PATIENCE_SECONDS 6

/* An address with a page around it. */
#define MAX_ANSWER (64 * 1024)

/* What an address, of either family, is written with. */
#define LETTERS "0123456789abcdefABCDEF:."

static GInetAddress *
find_address(const char *text)
{
    while (*(text += strcspn(text, LETTERS))) {
        gsize length = strspn(text, LETTERS);
        g_autofree char *word = g_strndup(text, length);
        /* At the end of a sentence. */
        char *dot = g_str_has_suffix(word, ".") ? word + length - 1 : NULL;
        GInetAddress *address;

        if (dot)
            *dot = '\0';
        address = g_inet_address_new_from_string(word);
        /* "::" alone is an address and no place to come from. */
        if (address && !g_inet_address_get_is_any(address))
            return address;
        g_clear_object(&address);
        text += length;
    }
    return NULL;
}

static GInetAddress *
read_answer(const char *answer, GError **error)
{
    const char *body = strstr(answer, "\r\n\r\n");
    g_auto(GStrv) words = g_strsplit(answer, " ", 3);
    GInetAddress *address = NULL;

    if (!g_str_has_prefix(answer, "HTTP/") || !body || !words[1])
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("it is no web page"));
    else if (!g_str_has_prefix(words[1], "200"))
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("it answers with status %.3s"),
                    words[1]);
    else if (!(address = find_address(body)))
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("there is no address on it"));
    return address;
}

/* As the header has it. */
static char *
dup_host(GUri *uri)
{
    const char *host = g_uri_get_host(uri);
    g_autofree char *text = strchr(host, ':') ? g_strconcat("[", host, "]", NULL) : g_strdup(host);

    return g_uri_get_port(uri) < 0 ? g_steal_pointer(&text)
                                   : g_strdup_printf("%s:%d", text, g_uri_get_port(uri));
}

static void
ask_in_thread(GTask *task, gpointer source, gpointer url, GCancellable *cancellable)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, &error);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection = NULL;
    g_autofree char *request = NULL;
    g_autofree char *answer = g_malloc0(MAX_ANSWER + 1);
    const char *path = uri ? g_uri_get_path(uri) : "";
    const char *query = uri ? g_uri_get_query(uri) : NULL;
    g_autofree char *host = uri ? dup_host(uri) : NULL;
    gboolean is_secure = uri && g_str_equal(g_uri_get_scheme(uri), "https");
    GInetAddress *address = NULL;

    /* One might be asked outside, of the desktop. */
    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_tls(client, is_secure);
    if (uri)
        connection =
            g_socket_client_connect_to_uri(client, url, is_secure ? 443 : 80, cancellable, &error);
    if (connection) {
        GIOStream *stream = G_IO_STREAM(connection);

        request = g_strdup_printf("GET %s%s%s HTTP/1.0\r\nHost: %s\r\n\r\n", *path ? path : "/",
                                  query ? "?" : "", query ? query : "", host);
        if (g_output_stream_write_all(g_io_stream_get_output_stream(stream), request,
                                      strlen(request), NULL, cancellable, &error) &&
            g_input_stream_read_all(g_io_stream_get_input_stream(stream), answer, MAX_ANSWER, NULL,
                                    cancellable, &error))
            address = read_answer(answer, &error);
    }
    if (address)
        g_task_return_pointer(task, address, g_object_unref);
    else
        g_task_return_error(task, g_steal_pointer(&error));
}

static void
on_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GAsyncResult **ret_result = user_data;

    *ret_result = g_object_ref(result);
}

static gboolean
on_patience(gpointer cancellable)
{
    g_cancellable_cancel(cancellable);
    return G_SOURCE_REMOVE;
}

GInetAddress *
wgw_page_ask(const char *url, GError **error)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GAsyncResult) result = NULL;
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, on_answer, &result);
    g_autoptr(GError) reason = NULL;
    GInetAddress *address;
    guint patience = g_timeout_add_seconds(PATIENCE_SECONDS, on_patience, cancellable);

    g_task_set_task_data(task, g_strdup(url), g_free);
    g_task_run_in_thread(task, ask_in_thread);
    while (!result)
        g_main_context_iteration(NULL, TRUE);
    address = g_task_propagate_pointer(G_TASK(result), &reason);
    if (!g_cancellable_is_cancelled(cancellable))
        g_source_remove(patience);
    if (g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("it does not answer"));
    else if (reason)
        g_propagate_error(error, g_steal_pointer(&reason));
    return address;
}
