/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The service's objects come and go by GDBusObjectManagerClient. A tunnel is made for each profile
 * and filled by property bindings from the generated proxies, whose properties bear the same names;
 * a session's proxy is bound to the tunnel of its profile for as long as it exists. When the service
 * leaves the bus the manager drops all objects, and with them the bindings: nothing here has to be
 * undone by hand but the session's values in the tunnel. */

#include "gui/client.h"

#include <glib/gi18n.h>
#include <gio/gunixfdlist.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/wgw-dbus.h"

struct _WgwClient {
    GObject parent_instance;

    GCancellable *cancellable;
    GDBusObjectManager *manager; /* NULL until the bus has answered */
    GListStore *tunnels;         /* WgwTunnel */
    GHashTable *sessions;        /* object path -> WgwTunnel, (owned) both */
    char *error;
    gboolean watching;
    guint sampler;
};

G_DEFINE_FINAL_TYPE(WgwClient, wgw_client, G_TYPE_OBJECT)

enum { PROP_AVAILABLE = 1, PROP_WATCHING, PROP_ERROR, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

/* A proxy's property and the tunnel's. */
struct pair {
    const char *source;
    const char *target;
};

static const struct pair profile_pairs[] = {
    {"name", "name"},
    {"problems", "problems"},
    {"valid", "valid"},
    {"public-key", "public-key"},
    {"addresses", "addresses"},
    {"dns", "dns"},
    {"search-domains", "search-domains"},
    {"mtu", "mtu"},
    {"peers", "profile-peers"},
};

static const struct pair session_pairs[] = {
    {"reason", "reason"},     {"since", "since"},         {"peers", "session-peers"},
    {"rx-bytes", "rx-bytes"}, {"tx-bytes", "tx-bytes"},   {"programs", "programs-value"},
    {"held", "held"},         {"state", "session-state"},
};

static void
bind(gpointer proxy, WgwTunnel *tunnel, const struct pair *pairs, gsize n_pairs)
{
    for (gsize i = 0; i < n_pairs; i++)
        g_object_bind_property(proxy, pairs[i].source, tunnel, pairs[i].target,
                               G_BINDING_SYNC_CREATE);
}

/* (transfer full), NULL if there is none. */
static WgwTunnel *
dup_tunnel(WgwClient *client, const char *path, guint *ret_position)
{
    guint n = g_list_model_get_n_items(G_LIST_MODEL(client->tunnels));

    for (guint i = 0; i < n; i++) {
        g_autoptr(WgwTunnel) tunnel = g_list_model_get_item(G_LIST_MODEL(client->tunnels), i);

        if (g_strcmp0(wgw_tunnel_get_path(tunnel), path) == 0) {
            if (ret_position)
                *ret_position = i;
            return g_steal_pointer(&tunnel);
        }
    }
    return NULL;
}

static gboolean
sample(gpointer user_data)
{
    WgwClient *client = user_data;
    GHashTableIter iter;
    gpointer tunnel;

    g_hash_table_iter_init(&iter, client->sessions);
    while (g_hash_table_iter_next(&iter, NULL, &tunnel))
        wgw_tunnel_sample(tunnel, g_get_monotonic_time());
    return G_SOURCE_CONTINUE;
}

/* The timer runs only while somebody looks and something runs. */
static void
update_sampler(WgwClient *client)
{
    gboolean wanted = client->watching && g_hash_table_size(client->sessions) > 0;

    if (wanted && client->sampler == 0)
        client->sampler = g_timeout_add_seconds(1, sample, client);
    else if (!wanted)
        g_clear_handle_id(&client->sampler, g_source_remove);
}

static void
add_session(WgwClient *client, WgwDbusSession *session)
{
    const char *path = g_dbus_proxy_get_object_path(G_DBUS_PROXY(session));
    g_autoptr(WgwTunnel) tunnel = dup_tunnel(client, wgw_dbus_session_get_profile(session), NULL);

    /* Its profile may come later in the same answer: see add_profile. */
    if (!tunnel || g_hash_table_contains(client->sessions, path))
        return;
    bind(session, tunnel, session_pairs, G_N_ELEMENTS(session_pairs));
    g_hash_table_insert(client->sessions, g_strdup(path), g_steal_pointer(&tunnel));
    update_sampler(client);
}

static void
add_profile(WgwClient *client, WgwDbusProfile *profile)
{
    const char *path = g_dbus_proxy_get_object_path(G_DBUS_PROXY(profile));
    g_autoptr(WgwTunnel) known = dup_tunnel(client, path, NULL);
    g_autoptr(WgwTunnel) tunnel = NULL;
    const char *session_path = wgw_dbus_profile_get_session(profile);

    if (known)
        return;
    tunnel = wgw_tunnel_new(path);
    bind(profile, tunnel, profile_pairs, G_N_ELEMENTS(profile_pairs));
    g_list_store_append(client->tunnels, tunnel);

    if (session_path) {
        g_autoptr(GDBusInterface) session = g_dbus_object_manager_get_interface(
            client->manager, session_path, WGW_SESSION_INTERFACE);

        if (session)
            add_session(client, WGW_DBUS_SESSION(session));
    }
}

static void
on_object_added(GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
    WgwClient *client = user_data;
    g_autoptr(WgwDbusProfile) profile = wgw_dbus_object_get_profile(WGW_DBUS_OBJECT(object));
    g_autoptr(WgwDbusSession) session = wgw_dbus_object_get_session(WGW_DBUS_OBJECT(object));

    if (profile)
        add_profile(client, profile);
    if (session)
        add_session(client, session);
}

static void
on_object_removed(GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
    WgwClient *client = user_data;
    const char *path = g_dbus_object_get_object_path(object);
    WgwTunnel *running = g_hash_table_lookup(client->sessions, path);
    g_autoptr(WgwTunnel) tunnel = NULL;
    guint position;

    if (running) {
        wgw_tunnel_clear_session(running);
        g_hash_table_remove(client->sessions, path);
        update_sampler(client);
    }
    tunnel = dup_tunnel(client, path, &position);
    if (tunnel)
        g_list_store_remove(client->tunnels, position);
}

static gboolean
is_available(WgwClient *client)
{
    g_autofree char *owner = NULL;

    if (client->manager)
        owner = g_dbus_object_manager_client_get_name_owner(
            G_DBUS_OBJECT_MANAGER_CLIENT(client->manager));
    return owner != NULL;
}

static void
set_error(WgwClient *client, const char *error)
{
    g_free(client->error);
    client->error = g_strdup(error);
    g_object_notify_by_pspec(G_OBJECT(client), properties[PROP_ERROR]);
    g_object_notify_by_pspec(G_OBJECT(client), properties[PROP_AVAILABLE]);
}

static void
on_name_owner(GObject *manager, GParamSpec *pspec, gpointer user_data)
{
    WgwClient *client = user_data;

    set_error(client,
              is_available(client)
                  ? NULL
                  : _("The wg-wrap service has stopped. Running tunnels go on without it."));
}

static void
on_manager(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwClient) client = user_data;
    g_autoptr(GError) error = NULL;
    GDBusObjectManager *manager = wgw_dbus_object_manager_client_new_for_bus_finish(result, &error);

    if (!manager) {
        if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
            g_dbus_error_strip_remote_error(error);
            set_error(client, error->message);
        }
        return;
    }
    client->manager = manager;
    g_signal_connect_object(manager, "object-added", G_CALLBACK(on_object_added), client, 0);
    g_signal_connect_object(manager, "object-removed", G_CALLBACK(on_object_removed), client, 0);
    g_signal_connect_object(manager, "notify::name-owner", G_CALLBACK(on_name_owner), client, 0);

    for (GList *objects = g_dbus_object_manager_get_objects(manager); objects;
         objects = g_list_delete_link(objects, objects)) {
        g_autoptr(GDBusObject) object = objects->data;

        on_object_added(manager, object, client);
    }
    on_name_owner(NULL, NULL, client);
}

/* ---- Calls ---- */

static void
on_reply(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GError *error = NULL;
    GVariant *reply = g_dbus_connection_call_with_unix_fd_list_finish(G_DBUS_CONNECTION(source),
                                                                      NULL, result, &error);

    if (reply)
        g_task_return_pointer(task, reply, (GDestroyNotify)g_variant_unref);
    else {
        g_dbus_error_strip_remote_error(error);
        g_task_return_error(task, error);
    }
}

/* @parameters is floating, and always consumed. @fd is owned by the call; -1: none. */
static void
call(WgwClient *client,
     const char *path,
     const char *interface,
     const char *method,
     GVariant *parameters,
     int fd,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
    g_autoptr(GVariant) sunk = parameters ? g_variant_ref_sink(parameters) : NULL;
    g_autoptr(GUnixFDList) fds = fd >= 0 ? g_unix_fd_list_new_from_array(&fd, 1) : NULL;
    GTask *task = g_task_new(client, cancellable, callback, user_data);

    if (!path || !client->manager) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED, "%s",
                                client->manager ? _("This tunnel does not run.")
                                                : _("The wg-wrap service does not answer."));
        g_object_unref(task);
        return;
    }
    g_dbus_connection_call_with_unix_fd_list(
        g_dbus_object_manager_client_get_connection(G_DBUS_OBJECT_MANAGER_CLIENT(client->manager)),
        WGW_BUS_NAME, path, interface, method, sunk, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, fds,
        cancellable, on_reply, task);
}

static void
call_manager(WgwClient *client,
             const char *method,
             GVariant *parameters,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, method, parameters, -1,
         client->cancellable, callback, user_data);
}

static void
call_profile(WgwClient *client,
             WgwTunnel *tunnel,
             const char *method,
             GVariant *parameters,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
    call(client, wgw_tunnel_get_path(tunnel), WGW_PROFILE_INTERFACE, method, parameters, -1,
         client->cancellable, callback, user_data);
}

static void
call_session(WgwClient *client,
             WgwTunnel *tunnel,
             const char *method,
             GVariant *parameters,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
    GHashTableIter iter;
    gpointer path, candidate;
    const char *found = NULL;

    g_hash_table_iter_init(&iter, client->sessions);
    while (!found && g_hash_table_iter_next(&iter, &path, &candidate))
        if (candidate == tunnel)
            found = path;
    call(client, found, WGW_SESSION_INTERFACE, method, parameters, -1, client->cancellable,
         callback, user_data);
}

static GVariant *
launch_options(const char *activation_token)
{
    GVariantDict dict;

    g_variant_dict_init(&dict, NULL);
    if (activation_token)
        g_variant_dict_insert(&dict, "activation-token", "s", activation_token);
    return g_variant_dict_end(&dict);
}

/* ---- Class ---- */

static void
wgw_client_dispose(GObject *object)
{
    WgwClient *client = WGW_CLIENT(object);

    g_cancellable_cancel(client->cancellable);
    g_clear_handle_id(&client->sampler, g_source_remove);
    g_clear_object(&client->manager);
    g_clear_object(&client->tunnels);
    g_clear_pointer(&client->sessions, g_hash_table_unref);
    G_OBJECT_CLASS(wgw_client_parent_class)->dispose(object);
}

static void
wgw_client_finalize(GObject *object)
{
    WgwClient *client = WGW_CLIENT(object);

    g_clear_object(&client->cancellable);
    g_free(client->error);
    G_OBJECT_CLASS(wgw_client_parent_class)->finalize(object);
}

static void
wgw_client_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwClient *client = WGW_CLIENT(object);

    switch (id) {
    case PROP_AVAILABLE:
        g_value_set_boolean(value, is_available(client));
        break;
    case PROP_WATCHING:
        g_value_set_boolean(value, client->watching);
        break;
    case PROP_ERROR:
        g_value_set_string(value, client->error);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_client_set_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    WgwClient *client = WGW_CLIENT(object);

    switch (id) {
    case PROP_WATCHING:
        client->watching = g_value_get_boolean(value);
        update_sampler(client);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_client_class_init(WgwClientClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    object_class->dispose = wgw_client_dispose;
    object_class->finalize = wgw_client_finalize;
    object_class->get_property = wgw_client_get_property;
    object_class->set_property = wgw_client_set_property;

    properties[PROP_AVAILABLE] = g_param_spec_boolean("available", NULL, NULL, FALSE, readable);
    properties[PROP_WATCHING] = g_param_spec_boolean("watching", NULL, NULL, FALSE,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    properties[PROP_ERROR] = g_param_spec_string("error", NULL, NULL, NULL, readable);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
wgw_client_init(WgwClient *client)
{
    client->cancellable = g_cancellable_new();
    client->tunnels = g_list_store_new(WGW_TYPE_TUNNEL);
    client->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
}

WgwClient *
wgw_client_new(void)
{
    WgwClient *client = g_object_new(WGW_TYPE_CLIENT, NULL);

    wgw_client_retry(client);
    return client;
}

GListModel *
wgw_client_get_tunnels(WgwClient *client)
{
    return G_LIST_MODEL(client->tunnels);
}

const char *
wgw_client_get_error(WgwClient *client)
{
    return client->error;
}

void
wgw_client_retry(WgwClient *client)
{
    /* Once there is a manager it follows the name by itself; any call starts the service. */
    if (client->manager) {
        call_manager(client, "Diagnose", NULL, NULL, NULL);
        return;
    }
    wgw_dbus_object_manager_client_new_for_bus(
        G_BUS_TYPE_SESSION, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_NONE, WGW_BUS_NAME, WGW_OBJECT_PATH,
        client->cancellable, on_manager, g_object_ref(client));
}

void
wgw_client_import(WgwClient *client,
                  const char *name,
                  const char *config,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    gsize length = strlen(config);
    int fd = memfd_create("profile", MFD_CLOEXEC);

    if (fd < 0 || write(fd, config, length) != (gssize)length || lseek(fd, 0, SEEK_SET) != 0) {
        g_task_report_new_error(client, callback, user_data, wgw_client_import, WGW_ERROR,
                                WGW_ERROR_LIMIT_REACHED,
                                _("There is no memory for the profile: %s"), g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "ImportFile",
         g_variant_new("(sh)", name, 0), fd, client->cancellable, callback, user_data);
}

void
wgw_client_get_config(WgwClient *client,
                      WgwTunnel *tunnel,
                      gboolean with_secrets,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    call_profile(client, tunnel, "GetConfig", g_variant_new("(b)", with_secrets), callback,
                 user_data);
}

void
wgw_client_update(WgwClient *client,
                  WgwTunnel *tunnel,
                  const char *config,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_profile(client, tunnel, "Update", g_variant_new("(s)", config), callback, user_data);
}

void
wgw_client_rename(WgwClient *client,
                  WgwTunnel *tunnel,
                  const char *name,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_profile(client, tunnel, "Rename", g_variant_new("(s)", name), callback, user_data);
}

void
wgw_client_remove(WgwClient *client,
                  WgwTunnel *tunnel,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_profile(client, tunnel, "Remove", NULL, callback, user_data);
}

void
wgw_client_check(WgwClient *client,
                 const char *config,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
    call(client, WGW_OBJECT_PATH, WGW_MANAGER_INTERFACE, "CheckConfig",
         g_variant_new("(s)", config), -1, cancellable, callback, user_data);
}

void
wgw_client_generate_key(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call_manager(client, "GenerateKey", NULL, callback, user_data);
}

void
wgw_client_open(WgwClient *client,
                WgwTunnel *tunnel,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
    call_profile(client, tunnel, "Open", g_variant_new("(@a{sv})", launch_options(NULL)), callback,
                 user_data);
}

void
wgw_client_close(WgwClient *client,
                 WgwTunnel *tunnel,
                 gboolean force,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
    call_session(client, tunnel, "Close", g_variant_new("(b)", force), callback, user_data);
}

void
wgw_client_reconnect(WgwClient *client,
                     WgwTunnel *tunnel,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
    call_session(client, tunnel, "Reconnect", NULL, callback, user_data);
}

void
wgw_client_launch(WgwClient *client,
                  WgwTunnel *tunnel,
                  const char *const *argv,
                  const char *activation_token,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_manager(client, "Launch",
                 g_variant_new("(s^as@a{sv})", wgw_tunnel_get_name(tunnel), argv,
                               launch_options(activation_token)),
                 callback, user_data);
}

void
wgw_client_launch_app(WgwClient *client,
                      WgwTunnel *tunnel,
                      const char *desktop_id,
                      const char *activation_token,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    const char *no_uris[] = {NULL};

    call_manager(client, "LaunchApp",
                 g_variant_new("(ss^as@a{sv})", wgw_tunnel_get_name(tunnel), desktop_id, no_uris,
                               launch_options(activation_token)),
                 callback, user_data);
}

void
wgw_client_open_uri(WgwClient *client,
                    WgwTunnel *tunnel,
                    const char *uri,
                    const char *activation_token,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
    const char *uris[] = {uri, NULL};

    call_manager(client, "OpenUris",
                 g_variant_new("(s^as@a{sv})", wgw_tunnel_get_name(tunnel), uris,
                               launch_options(activation_token)),
                 callback, user_data);
}

void
wgw_client_signal(WgwClient *client,
                  WgwTunnel *tunnel,
                  guint pid,
                  int number,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    call_session(client, tunnel, "Signal", g_variant_new("(ui)", pid, number), callback, user_data);
}

void
wgw_client_diagnose(WgwClient *client, GAsyncReadyCallback callback, gpointer user_data)
{
    call_manager(client, "Diagnose", NULL, callback, user_data);
}

GVariant *
wgw_client_call_finish(WgwClient *client, GAsyncResult *result, GError **error)
{
    g_return_val_if_fail(g_task_is_valid(result, client), NULL);

    return g_task_propagate_pointer(G_TASK(result), error);
}
