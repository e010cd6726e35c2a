/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * As little of HTTP as one page needs: one request for a connection, which then ends, so that
 * neither side has to parse a length. A library for it (libsoup) would bring a dozen others into a
 * process whose one purpose is to be small and to be there. */
#include "demo/page.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/socket.h>

#define HTTP_PORT        80
#define THREADS          4
#define SECONDS          10
#define SIZE_MAX_REQUEST 8192
#define SIZE_MAX_ANSWER  65536
#define END_OF_HEAD      "\r\n\r\n"

/* Read until @end is seen, or the end of the stream, or @limit. (transfer full) */
static GString *
read_until(GInputStream *stream, const char *end, gsize limit, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char piece[1024];
    gssize n = 1;

    while (n > 0 && text->len < limit && !(end && strstr(text->str, end))) {
        n = g_input_stream_read(stream, piece, sizeof piece, NULL, error);
        if (n < 0)
            return NULL;
        g_string_append_len(text, piece, n);
    }
    return g_steal_pointer(&text);
}

static char *
dup_peer_address(GSocketConnection *connection)
{
    g_autoptr(GSocketAddress) address = g_socket_connection_get_remote_address(connection, NULL);

    if (!G_IS_INET_SOCKET_ADDRESS(address))
        return g_strdup("?");
    return g_inet_address_to_string(
        g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

static gboolean
on_run(GThreadedSocketService *service,
       GSocketConnection *connection,
       GObject *source,
       gpointer user_data)
{
    GIOStream *stream = G_IO_STREAM(connection);
    g_autofree char *from = dup_peer_address(connection);
    g_autofree char *answer = NULL;
    g_autoptr(GString) request = NULL;
    gboolean html;

    g_socket_set_timeout(g_socket_connection_get_socket(connection), SECONDS);
    request = read_until(g_io_stream_get_input_stream(stream), END_OF_HEAD, SIZE_MAX_REQUEST, NULL);
    if (!request || !strstr(request->str, END_OF_HEAD))
        return TRUE;
    html = strstr(request->str, "text/html") != NULL;
    answer = g_strdup_printf(
        "HTTP/1.1 200 OK\r\nContent-Type: text/%s; charset=utf-8\r\nCache-Control: no-store\r\n"
        "Connection: close" END_OF_HEAD "%sYou came from %s%s\n",
        html ? "html" : "plain",
        html ? "<!doctype html><title>wg-wrap demo</title>"
               "<body style=\"font: 1.5em system-ui; margin: 4em auto; max-width: 30em\">"
               "<p>This page is inside the tunnel.<p><strong>"
             : "",
        from, html ? "</strong>" : "");
    g_output_stream_write_all(g_io_stream_get_output_stream(stream), answer, strlen(answer), NULL,
                              NULL, NULL);
    return TRUE;
}

GSocketService *
wgw_page_serve(const char *address, GError **error)
{
    g_autoptr(GSocketService) service = g_threaded_socket_service_new(THREADS);
    g_autoptr(GSocketAddress) at = g_inet_socket_address_new_from_string(address, HTTP_PORT);

    if (!g_socket_listener_add_address(G_SOCKET_LISTENER(service), at, G_SOCKET_TYPE_STREAM,
                                       G_SOCKET_PROTOCOL_TCP, NULL, NULL, error))
        return NULL;
    g_signal_connect(service, "run", G_CALLBACK(on_run), NULL);
    return g_steal_pointer(&service);
}

/* The page is one hop away or not at all. Outside the tunnel the same address may be somebody's, behind
 * a router; a demonstration must not go and ask. */
static void
on_client_event(GSocketClient *client,
                GSocketClientEvent event,
                GSocketConnectable *connectable,
                GIOStream *connection,
                gpointer user_data)
{
    if (event == G_SOCKET_CLIENT_CONNECTING)
        g_socket_set_option(g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection)),
                            SOL_SOCKET, SO_DONTROUTE, 1, NULL);
}

char *
wgw_page_fetch(const char *url, guint seconds, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, error);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) connection = NULL;
    g_autoptr(GString) answer = NULL;
    g_autofree char *request = NULL;
    const char *body;

    if (!uri)
        return NULL;
    if (g_strcmp0(g_uri_get_scheme(uri), "http") != 0 ||
        !g_hostname_is_ip_address(g_uri_get_host(uri))) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                    _("Only http://ADDRESS/ can be fetched, not %s"), url);
        return NULL;
    }
    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_timeout(client, seconds);
    g_signal_connect(client, "event", G_CALLBACK(on_client_event), NULL);
    connection =
        g_socket_client_connect_to_host(client, g_uri_get_host(uri), HTTP_PORT, NULL, error);
    if (!connection)
        return NULL;
    request = g_strdup_printf("GET / HTTP/1.1\r\nHost: %s\r\nConnection: close" END_OF_HEAD,
                              g_uri_get_host(uri));
    if (!g_output_stream_write_all(g_io_stream_get_output_stream(G_IO_STREAM(connection)), request,
                                   strlen(request), NULL, NULL, error))
        return NULL;
    answer = read_until(g_io_stream_get_input_stream(G_IO_STREAM(connection)), NULL,
                        SIZE_MAX_ANSWER, error);
    if (!answer)
        return NULL;
    body = strstr(answer->str, END_OF_HEAD);
    if (!g_str_has_prefix(answer->str, "HTTP/1.1 200 ") || !body) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("The answer is no page"));
        return NULL;
    }
    return g_strdup(body + strlen(END_OF_HEAD));
}
