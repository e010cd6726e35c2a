/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrap-stand-in: stands on a tunnel's own session bus for a service of the desktop's, which is on the user's
 * bus alone. Started by the former, with the name to stand for; calls go out and answers come back as they
 * are, signals too. It has the name of one service only, so that its own address says whom a call is for.
 *
 * The portal tells the outcome of a request on an object whose path has the caller's own name in it, which
 * is ours outside and the program's inside, so these paths are translated.
 *
 * Of the desktop's portal that is done which shows something on this screen. What opens a link is done
 * here, by the tunnel's xdg-open; all else, that would act outside, is refused. */

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define PORTAL       "org.freedesktop.portal.Desktop"
#define PORTAL_PATH  "/org/freedesktop/portal/desktop"
#define REQUEST_PATH PORTAL_PATH "/request/"
#define OPEN_URI     "org.freedesktop.portal.OpenURI"
#define REQUEST      "org.freedesktop.portal.Request"
#define DENIED       "org.freedesktop.DBus.Error.AccessDenied"
#define OUR_OPENER   "xdg-open"
#define LIMITS       "org.freedesktop.DBus.Error.LimitsExceeded"
#define TOKEN_OPTION "handle_token"

/* Of RequestName. */
#define DO_NOT_QUEUE 4

static const char *const portal_interfaces[] = {
    "org.freedesktop.portal.Settings",     "org.freedesktop.portal.FileChooser",
    "org.freedesktop.portal.Notification", REQUEST,
    "org.freedesktop.DBus.Properties",     "org.freedesktop.DBus.Introspectable",
    "org.freedesktop.DBus.Peer",           NULL};

struct stand_in {
    const char *name;
    GHashTable *to_inside;  /* path of a request of the portal's outside -> inside */
    GHashTable *to_outside; /* the reverse; the strings are the other's */
    GDBusConnection *inside;
    GDBusConnection *outside;
};

/* A call from inside, until it is answered. */
struct call {
    struct stand_in *stand_in;
    GDBusMessage *message;
};

static void
call_free(gpointer data)
{
    struct call *call = data;

    g_object_unref(call->message);
    g_free(call);
}

static void
answer(struct call *call, GDBusMessage *reply)
{
    g_dbus_connection_send_message(call->stand_in->inside, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                   NULL, NULL);
}

static void
refuse(struct call *call, const char *error, const char *text)
{
    g_autoptr(GDBusMessage) reply =
        g_dbus_message_new_method_error_literal(call->message, error, text);

    answer(call, reply);
}

/* ---- Requests of the portal's ---- */

/* Where the caller of @message listens for the outcome: see org.freedesktop.portal.Request. @token is for one
 * that gave none. NULL: that cannot be told. */
static char *
dup_handle(GDBusMessage *message, const char *token)
{
    GVariant *body = g_dbus_message_get_body(message);
    g_autoptr(GVariant) options = NULL;
    g_autofree char *sender = g_strdup(g_dbus_message_get_sender(message) + 1);
    char *handle;

    if (!body || g_variant_n_children(body) < 3)
        return NULL;
    options = g_variant_get_child_value(body, 2);
    if (!g_variant_is_of_type(options, G_VARIANT_TYPE_VARDICT))
        return NULL;
    g_variant_lookup(options, TOKEN_OPTION, "&s", &token);
    handle = g_strconcat(REQUEST_PATH, g_strdelimit(sender, ".", '_'), "/", token, NULL);
    if (!g_variant_is_object_path(handle))
        g_clear_pointer(&handle, g_free);
    return handle;
}

/* Whose request inside it is, by the path that dup_handle() made of his name: who listens for the outcome
 * may count on being told himself. */
static char *
dup_client(const char *inside)
{
    const char *name = inside + strlen(REQUEST_PATH);
    g_autofree char *client = g_strndup(name, strcspn(name, "/"));

    return g_strconcat(":", g_strdelimit(client, "_", '.'), NULL);
}

static void
forget_request(struct stand_in *stand_in, const char *outside)
{
    const char *inside = g_hash_table_lookup(stand_in->to_inside, outside);

    if (inside)
        g_hash_table_remove(stand_in->to_outside, inside);
    g_hash_table_remove(stand_in->to_inside, outside);
}

/* The answer to a request has the path of its object. */
static void
translate_reply(struct call *call, GDBusMessage *reply)
{
    struct stand_in *stand_in = call->stand_in;
    GVariant *body = g_dbus_message_get_body(reply);
    g_autofree char *outside = NULL;
    g_autofree char *inside = NULL;

    if (!body || !g_variant_is_of_type(body, G_VARIANT_TYPE("(o)")))
        return;
    g_variant_get(body, "(o)", &outside);
    if (!g_str_has_prefix(outside, REQUEST_PATH))
        return;
    inside = dup_handle(call->message, strrchr(outside, '/') + 1);
    if (!inside)
        return;
    g_dbus_message_set_body(reply, g_variant_new("(o)", inside));
    forget_request(stand_in, outside);
    g_hash_table_replace(stand_in->to_outside, inside, outside);
    g_hash_table_replace(stand_in->to_inside, g_steal_pointer(&outside), g_steal_pointer(&inside));
}

static void
on_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct call *call = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusMessage) reply =
        g_dbus_connection_send_message_with_reply_finish(G_DBUS_CONNECTION(source), result, &error);
    g_autoptr(GDBusMessage) copy = reply ? g_dbus_message_copy(reply, &error) : NULL;

    if (copy) {
        g_dbus_message_set_sender(copy, NULL);
        g_dbus_message_set_destination(copy, g_dbus_message_get_sender(call->message));
        g_dbus_message_set_reply_serial(copy, g_dbus_message_get_serial(call->message));
        translate_reply(call, copy);
        answer(call, copy);
    } else
        refuse(call, reply ? LIMITS : "org.freedesktop.DBus.Error.NoReply", error->message);
    call_free(call);
}

static void
pass_on(struct call *call)
{
    struct stand_in *stand_in = call->stand_in;
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusMessage) copy = g_dbus_message_copy(call->message, &error);
    const char *request;

    if (!copy) { /* no descriptor left */
        refuse(call, LIMITS, error->message);
        call_free(call);
        return;
    }
    g_dbus_message_set_sender(copy, NULL);
    g_dbus_message_set_destination(copy, stand_in->name);
    request = g_hash_table_lookup(stand_in->to_outside, g_dbus_message_get_path(copy));
    if (request)
        g_dbus_message_set_path(copy, request);
    if (request && g_strcmp0(g_dbus_message_get_member(copy), "Close") == 0)
        forget_request(stand_in, request);
    if (g_dbus_message_get_flags(copy) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) {
        g_dbus_connection_send_message(stand_in->outside, copy, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                       NULL, NULL);
        call_free(call);
    } else /* a person may be asked for a password, and takes his time */
        g_dbus_connection_send_message_with_reply(stand_in->outside, copy,
                                                  G_DBUS_SEND_MESSAGE_FLAGS_NONE, G_MAXINT, NULL,
                                                  NULL, on_reply, call);
}

/* ---- Links ---- */

/* What a call of OpenURI's asks to open; NULL: nothing that we know. */
static char *
dup_link(GDBusMessage *message)
{
    GVariant *body = g_dbus_message_get_body(message);
    GUnixFDList *fds = g_dbus_message_get_unix_fd_list(message);
    const char *member = g_dbus_message_get_member(message);
    g_autofree char *link = NULL;
    gint32 handle;
    int fd = -1;

    if (g_strcmp0(member, "OpenURI") == 0 && body &&
        g_variant_is_of_type(body, G_VARIANT_TYPE("(ssa{sv})"))) {
        g_variant_get_child(body, 1, "s", &link);
        return g_steal_pointer(&link);
    }
    if ((g_strcmp0(member, "OpenFile") == 0 || g_strcmp0(member, "OpenDirectory") == 0) && body &&
        g_variant_is_of_type(body, G_VARIANT_TYPE("(sha{sv})")) && fds) {
        g_variant_get_child(body, 1, "h", &handle);
        if (handle >= 0 && handle < g_unix_fd_list_get_length(fds))
            fd = g_unix_fd_list_get(fds, handle, NULL);
    }
    if (fd >= 0) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);

        link = g_file_read_link(path, NULL);
        close(fd);
    }
    if (link && g_str_equal(member, "OpenDirectory") && !g_file_test(link, G_FILE_TEST_IS_DIR))
        return g_path_get_dirname(link);
    return g_steal_pointer(&link);
}

static void
open_link(struct call *call)
{
    g_autofree char *link = dup_link(call->message);
    g_autofree char *handle = link ? dup_handle(call->message, "wgwrap") : NULL;
    g_autoptr(GDBusMessage) reply = NULL;
    const char *argv[] = {OUR_OPENER, link, NULL};
    gboolean done;

    if (!handle) {
        refuse(call, DENIED, "Not in a tunnel");
        return;
    }
    done = *link != '-' &&
           g_spawn_async("/", (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL);
    reply = g_dbus_message_new_method_reply(call->message);
    g_dbus_message_set_body(reply, g_variant_new("(o)", handle));
    answer(call, reply);
    g_dbus_connection_emit_signal(call->stand_in->inside, g_dbus_message_get_sender(call->message),
                                  handle, REQUEST, "Response",
                                  g_variant_new("(ua{sv})", done ? 0 : 2, NULL), NULL);
}

/* ---- Both buses ---- */

static gboolean
on_call(gpointer user_data)
{
    struct call *call = user_data;
    const char *interface = g_dbus_message_get_interface(call->message);

    if (!g_str_equal(call->stand_in->name, PORTAL) ||
        (interface && g_strv_contains(portal_interfaces, interface)))
        pass_on(call);
    else {
        if (g_strcmp0(interface, OPEN_URI) == 0)
            open_link(call);
        else
            refuse(call, DENIED, "Not in a tunnel");
        call_free(call);
    }
    return G_SOURCE_REMOVE;
}

/* In GDBus' own thread. */
static GDBusMessage *
filter(GDBusConnection *inside, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
    struct call *call;

    if (!incoming || g_dbus_message_get_message_type(message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
        return message;
    call = g_new(struct call, 1);
    *call = (struct call){user_data, message};
    g_idle_add_full(G_PRIORITY_DEFAULT, on_call, call, NULL);
    return NULL;
}

static void
on_signal(GDBusConnection *outside,
          const char *sender,
          const char *path,
          const char *interface,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
    struct stand_in *stand_in = user_data;
    const char *request = g_hash_table_lookup(stand_in->to_inside, path);
    g_autofree char *client = request ? dup_client(request) : NULL;

    g_dbus_connection_emit_signal(stand_in->inside, client, request ? request : path, interface,
                                  signal, parameters, NULL);
    if (request && g_str_equal(signal, "Response"))
        forget_request(stand_in, path);
}

/* A connection inside has ended. The portal takes us for the caller, and would leave its dialogs open. */
static void
on_client_gone(GDBusConnection *inside,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer user_data)
{
    struct stand_in *stand_in = user_data;
    g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func(g_free);
    const char *name, *owner;
    gpointer outside, request;
    GHashTableIter iter;

    g_variant_get(parameters, "(&s&s&s)", &name, NULL, &owner);
    if (*owner)
        return;
    g_hash_table_iter_init(&iter, stand_in->to_inside);
    while (g_hash_table_iter_next(&iter, &outside, &request)) {
        g_autofree char *client = dup_client(request);

        if (g_str_equal(client, name))
            g_ptr_array_add(requests, g_strdup(outside));
    }
    for (guint i = 0; i < requests->len; i++) {
        g_dbus_connection_call(stand_in->outside, PORTAL, requests->pdata[i], REQUEST, "Close",
                               NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
        forget_request(stand_in, requests->pdata[i]);
    }
}

static void
on_vanished(GDBusConnection *outside, const char *name, gpointer loop)
{
    g_main_loop_quit(loop);
}

static GDBusConnection *
connect_to(const char *address, GError **error)
{
    GDBusConnection *connection =
        g_dbus_connection_new_for_address_sync(address,
                                               G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                               NULL, NULL, error);

    if (connection)
        g_dbus_connection_set_exit_on_close(connection, TRUE);
    return connection;
}

static gboolean
call_bus(
    GDBusConnection *bus, const char *method, GVariant *arguments, const char *type, GError **error)
{
    g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
        bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
        arguments, G_VARIANT_TYPE(type), G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);

    return reply != NULL;
}

/* That it is there, or can be started: which the bus says only of who it can start. */
static gboolean
find_service(struct stand_in *stand_in, GError **error)
{
    return call_bus(stand_in->outside, "GetNameOwner", g_variant_new("(s)", stand_in->name), "(s)",
                    NULL) ||
           call_bus(stand_in->outside, "StartServiceByName",
                    g_variant_new("(su)", stand_in->name, 0), "(u)", error);
}

int
main(int argc, char **argv)
{
    const char *inside = g_getenv("DBUS_STARTER_ADDRESS");
    const char *outside = g_getenv("WG_WRAP_SESSION_BUS");
    g_autofree char *usual = g_strdup_printf("unix:path=%s/bus", g_get_user_runtime_dir());
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    gboolean owned = FALSE;
    g_autoptr(GError) error = NULL;
    struct stand_in stand_in = {0};

    if (argc != 2 || !g_dbus_is_name(argv[1]) || !inside) {
        g_printerr("wg-wrap-stand-in is started by the session bus of a tunnel.\n");
        return 2;
    }
    stand_in.name = argv[1];
    stand_in.to_outside = g_hash_table_new(g_str_hash, g_str_equal);
    stand_in.to_inside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    stand_in.inside = connect_to(inside, &error);
    stand_in.outside = stand_in.inside ? connect_to(outside ? outside : usual, &error) : NULL;
    if (stand_in.outside && find_service(&stand_in, &error)) {
        g_dbus_connection_signal_subscribe(stand_in.outside, stand_in.name, NULL, NULL, NULL, NULL,
                                           G_DBUS_SIGNAL_FLAGS_NONE, on_signal, &stand_in, NULL);
        g_bus_watch_name_on_connection(stand_in.outside, stand_in.name,
                                       G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, loop,
                                       NULL);
        g_dbus_connection_signal_subscribe(stand_in.inside, "org.freedesktop.DBus",
                                           "org.freedesktop.DBus", "NameOwnerChanged",
                                           "/org/freedesktop/DBus", NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                           on_client_gone, &stand_in, NULL);
        g_dbus_connection_add_filter(stand_in.inside, filter, &stand_in, NULL);
        owned = call_bus(stand_in.inside, "RequestName",
                         g_variant_new("(su)", stand_in.name, DO_NOT_QUEUE), "(u)", &error);
    }
    if (!owned) {
        g_printerr("wg-wrap-stand-in: %s: %s\n", stand_in.name, error->message);
        return 1;
    }
    g_main_loop_run(loop);
    return 0;
}
