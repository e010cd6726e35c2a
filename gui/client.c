/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The service's objects come and go (gui/service.c). A tunnel is made for each profile and follows the
 * properties of the generated proxies, which bear the same names; that of a session is followed by the
 * tunnel of its profile for as long as it exists. (By one handler for a proxy: with hundreds of profiles
 * a binding for each property takes a good part of the time to the first frame.)
 *
 * When the service leaves the bus, so do all objects. The tunnels stay as they were seen last, for it
 * may be back in a moment; then they follow the new proxies, and what has none is gone.
 *
 * To the bus a profile with another name is one that goes and, right after it, one that comes: what has
 * gone is remembered for a moment, to see whether it comes again. */

#include "gui/client.h"

#include <signal.h>
#include <sys/wait.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/wgw-dbus.h"
#include "gui/client-private.h"
#include "gui/service.h"

/* In ms, and longer than it takes the service to see both halves of a file's new name. */
#define MOVE 500

struct _WgwClient {
    GObject parent_instance;

    GCancellable *cancellable;
    WgwService *service;
    GDBusObjectManager *manager; /* what is followed; NULL: the service is not there */
    GListStore *tunnels;         /* WgwTunnel */
    GHashTable *paths;           /* object path, (the tunnel's) -> WgwTunnel */
    GHashTable *sessions;        /* object path -> WgwTunnel, (owned) both */
    GHashTable *outputs;         /* process ID -> WgwOutput, (owned) */
    GPtrArray *leaving;          /* WgwTunnel: removed, or renamed */
    guint leaving_timer;
    gboolean answered; /* once at least */
    gboolean watching;
    guint sampler;
};

G_DEFINE_FINAL_TYPE(WgwClient, wgw_client, G_TYPE_OBJECT)

enum { PROP_AVAILABLE = 1, PROP_WATCHING, PROP_ERROR, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

enum { PROGRAM_FAILED, LOGGED, MOVED, REMOVED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* A proxy's property and the tunnel's, or that of the tunnel's choices. */
struct pair {
    const char *source;
    const char *target;
    gboolean is_choice;
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
    {"forwarded-ports", "forwarded-ports", TRUE},
    {"published-ports", "published-ports", TRUE},
    {"tunnel-dns", "tunnel-dns", TRUE},
    {"bus", "bus", TRUE},
    {"address-page", "address-page", TRUE},
    {"autostart", "autostart", TRUE},
};

static const struct pair session_pairs[] = {
    {"reason", "reason"},     {"since", "since"},         {"peers", "session-peers"},
    {"rx-bytes", "rx-bytes"}, {"tx-bytes", "tx-bytes"},   {"programs", "programs-value"},
    {"held", "held"},         {"state", "session-state"}, {"local-ports", "local-ports", TRUE},
};

/* @name: of the proxy's property that has changed; NULL: all have. */
static void
copy(gpointer proxy, WgwTunnel *tunnel, const struct pair *pairs, gsize n_pairs, const char *name)
{
    for (gsize i = 0; i < n_pairs; i++) {
        g_auto(GValue) value = G_VALUE_INIT;

        if (name && !g_str_equal(pairs[i].source, name))
            continue;
        g_object_get_property(proxy, pairs[i].source, &value);
        g_object_set_property(pairs[i].is_choice ? G_OBJECT(wgw_tunnel_get_choices(tunnel))
                                                 : G_OBJECT(tunnel),
                              pairs[i].target, &value);
    }
}

static void
on_profile_changed(WgwDbusProfile *profile, GParamSpec *pspec, WgwTunnel *tunnel)
{
    copy(profile, tunnel, profile_pairs, G_N_ELEMENTS(profile_pairs), pspec ? pspec->name : NULL);
}

static void
on_session_changed(WgwDbusSession *session, GParamSpec *pspec, WgwTunnel *tunnel)
{
    copy(session, tunnel, session_pairs, G_N_ELEMENTS(session_pairs), pspec ? pspec->name : NULL);
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

/* The timer runs only while somebody looks, something runs, and somebody counts. */
static void
update_sampler(WgwClient *client)
{
    gboolean wanted =
        client->watching && g_hash_table_size(client->sessions) > 0 && client->manager;

    if (wanted && client->sampler == 0)
        client->sampler = g_timeout_add_seconds(1, sample, client);
    else if (!wanted)
        g_clear_handle_id(&client->sampler, g_source_remove);
}

/* A program that has ended, and whose output is waited for. */
struct failure {
    WgwClient *client;
    char *message;
    gboolean handed_over;
};

static void
on_output(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct failure *failure = user_data;
    g_autofree char *output = wgw_output_wait_finish(WGW_OUTPUT(source), result);

    g_signal_emit(failure->client, signals[PROGRAM_FAILED], 0, failure->message,
                  failure->handed_over, output);
    g_object_unref(failure->client);
    g_free(failure->message);
    g_free(failure);
}

/* That somebody stopped it is no news. */
static void
on_program_exited(
    WgwDbusSession *session, guint pid, int status, const char *message, WgwClient *client)
{
    gboolean stopped =
        WIFSIGNALED(status) && (WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGKILL);

    gpointer value;
    g_autoptr(WgwOutput) output =
        g_hash_table_steal_extended(client->outputs, GUINT_TO_POINTER(pid), NULL, &value) ? value
                                                                                          : NULL;

    if (!*message || stopped)
        return;
    if (output) {
        struct failure *failure = g_new(struct failure, 1);

        *failure = (struct failure){g_object_ref(client), g_strdup(message), status == 0};
        wgw_output_wait_async(output, on_output, failure);
    } else
        g_signal_emit(client, signals[PROGRAM_FAILED], 0, message, status == 0, "");
}

static void
add_session(WgwClient *client, WgwDbusSession *session)
{
    const char *path = g_dbus_proxy_get_object_path(G_DBUS_PROXY(session));
    const char *profile = wgw_dbus_session_get_profile(session);
    WgwTunnel *tunnel = profile ? g_hash_table_lookup(client->paths, profile) : NULL;

    /* Its profile may come later in the same answer: see add_profile. */
    if (!tunnel || g_object_get_data(G_OBJECT(session), "followed"))
        return;
    g_object_set_data(G_OBJECT(session), "followed", client);
    /* Whoever hears of it may ask it something at once. */
    g_hash_table_insert(client->sessions, g_strdup(path), g_object_ref(tunnel));
    g_signal_connect_object(session, "notify", G_CALLBACK(on_session_changed), tunnel, 0);
    on_session_changed(session, NULL, tunnel);
    g_signal_connect_object(session, "program-exited", G_CALLBACK(on_program_exited), client, 0);
    update_sampler(client);
}

static void
on_logged(WgwDbusProfile *profile,
          guint64 time,
          const char *severity,
          const char *message,
          WgwClient *client)
{
    WgwTunnel *tunnel =
        g_hash_table_lookup(client->paths, g_dbus_proxy_get_object_path(G_DBUS_PROXY(profile)));

    if (tunnel)
        g_signal_emit(client, signals[LOGGED], 0, tunnel, time, severity, message);
}

static gboolean
on_left(gpointer user_data)
{
    WgwClient *client = user_data;
    g_autoptr(GPtrArray) left = g_steal_pointer(&client->leaving);

    client->leaving = g_ptr_array_new_with_free_func(g_object_unref);
    client->leaving_timer = 0;
    for (guint i = 0; i < left->len; i++)
        if (!wgw_client_has_tunnel(client, wgw_tunnel_get_name(left->pdata[i])))
            g_signal_emit(client, signals[REMOVED], 0, left->pdata[i]);
    return G_SOURCE_REMOVE;
}

static void
leave(WgwClient *client, WgwTunnel *tunnel)
{
    g_ptr_array_add(client->leaving, g_object_ref(tunnel));
    g_clear_handle_id(&client->leaving_timer, g_source_remove);
    client->leaving_timer = g_timeout_add(MOVE, on_left, client);
}

/* Known again by its key. */
static void
arrive(WgwClient *client, WgwTunnel *tunnel)
{
    g_autofree char *key = NULL;

    g_object_get(tunnel, "public-key", &key, NULL);
    for (guint i = 0; key && *key && i < client->leaving->len; i++) {
        g_autoptr(WgwTunnel) from = g_object_ref(client->leaving->pdata[i]);
        g_autofree char *from_key = NULL;

        g_object_get(from, "public-key", &from_key, NULL);
        if (g_strcmp0(from_key, key) == 0 &&
            g_strcmp0(wgw_tunnel_get_name(from), wgw_tunnel_get_name(tunnel)) != 0) {
            g_ptr_array_remove_index(client->leaving, i);
            g_signal_emit(client, signals[MOVED], 0, from, tunnel);
            return;
        }
    }
}

/* The tunnel of this profile, from now on. Answers it if it is a new one, which is not in the list yet. */
static WgwTunnel *
follow_profile(WgwClient *client, WgwDbusProfile *profile)
{
    const char *path = g_dbus_proxy_get_object_path(G_DBUS_PROXY(profile));
    WgwTunnel *known = g_hash_table_lookup(client->paths, path);
    WgwTunnel *tunnel = known ? known : wgw_tunnel_new(path);

    on_profile_changed(profile, NULL, tunnel);
    g_signal_connect_object(profile, "notify", G_CALLBACK(on_profile_changed), tunnel, 0);
    g_signal_connect_object(profile, "logged", G_CALLBACK(on_logged), client, 0);
    if (known)
        return NULL;
    g_hash_table_insert(client->paths, (gpointer)wgw_tunnel_get_path(tunnel), tunnel);
    return tunnel;
}

static void
add_profile(WgwClient *client, WgwDbusProfile *profile)
{
    g_autoptr(WgwTunnel) tunnel = follow_profile(client, profile);
    const char *session_path = wgw_dbus_profile_get_session(profile);

    if (tunnel) {
        g_list_store_append(client->tunnels, tunnel);
        arrive(client, tunnel);
    }
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
remove_tunnel(WgwClient *client, WgwTunnel *tunnel)
{
    guint position;

    g_hash_table_remove(client->paths, wgw_tunnel_get_path(tunnel));
    leave(client, tunnel);
    if (g_list_store_find(client->tunnels, tunnel, &position))
        g_list_store_remove(client->tunnels, position);
}

static void
on_object_removed(GDBusObjectManager *manager, GDBusObject *object, gpointer user_data)
{
    WgwClient *client = user_data;
    const char *path = g_dbus_object_get_object_path(object);
    WgwTunnel *running = g_hash_table_lookup(client->sessions, path);
    WgwTunnel *tunnel = g_hash_table_lookup(client->paths, path);

    if (running) {
        wgw_tunnel_clear_session(running);
        g_hash_table_remove(client->sessions, path);
        update_sampler(client);
    }
    if (tunnel)
        remove_tunnel(client, tunnel);
}

static gboolean
is_known(WgwClient *client, const char *path)
{
    g_autoptr(GDBusObject) object = g_dbus_object_manager_get_object(client->manager, path);

    return object != NULL;
}

/* What a service that has come back did not bring along. */
static void
drop_what_is_gone(WgwClient *client)
{
    GListModel *tunnels = G_LIST_MODEL(client->tunnels);
    GHashTableIter iter;
    gpointer path, running;

    g_hash_table_iter_init(&iter, client->sessions);
    while (g_hash_table_iter_next(&iter, &path, &running))
        if (!is_known(client, path)) {
            wgw_tunnel_clear_session(running);
            g_hash_table_iter_remove(&iter);
        }
    for (guint i = g_list_model_get_n_items(tunnels); i > 0; i--) {
        g_autoptr(WgwTunnel) tunnel = g_list_model_get_item(tunnels, i - 1);

        if (!is_known(client, wgw_tunnel_get_path(tunnel)))
            remove_tunnel(client, tunnel);
    }
}

static void
follow(WgwClient *client)
{
    GDBusObjectManager *manager = client->manager;
    g_autoptr(GPtrArray) tunnels = g_ptr_array_new_with_free_func(g_object_unref);
    GList *objects = g_dbus_object_manager_get_objects(manager);

    g_signal_connect_object(manager, "object-added", G_CALLBACK(on_object_added), client, 0);
    g_signal_connect_object(manager, "object-removed", G_CALLBACK(on_object_removed), client, 0);

    /* All at once: whoever sorts and shows them does it once. */
    for (GList *object = objects; object; object = object->next) {
        g_autoptr(WgwDbusProfile) profile = wgw_dbus_object_get_profile(object->data);
        WgwTunnel *tunnel = profile ? follow_profile(client, profile) : NULL;

        if (tunnel)
            g_ptr_array_add(tunnels, tunnel);
    }
    g_list_store_splice(client->tunnels, 0, 0, tunnels->pdata, tunnels->len);
    for (GList *object = objects; object; object = object->next) {
        g_autoptr(WgwDbusSession) session = wgw_dbus_object_get_session(object->data);

        if (session)
            add_session(client, session);
    }
    g_list_free_full(objects, g_object_unref);
    drop_what_is_gone(client);
    for (guint i = 0; i < tunnels->len; i++)
        arrive(client, tunnels->pdata[i]);
    client->answered = TRUE;
}

static void
on_service_changed(WgwService *service, WgwClient *client)
{
    GDBusObjectManager *manager = wgw_service_get_objects(service);

    if (manager != client->manager) {
        if (client->manager)
            g_signal_handlers_disconnect_by_data(client->manager, client);
        g_set_object(&client->manager, manager);
        if (manager)
            follow(client);
        update_sampler(client);
    }
    g_object_notify_by_pspec(G_OBJECT(client), properties[PROP_ERROR]);
    g_object_notify_by_pspec(G_OBJECT(client), properties[PROP_AVAILABLE]);
}

/* ---- Class ---- */

static void
wgw_client_dispose(GObject *object)
{
    WgwClient *client = WGW_CLIENT(object);

    g_cancellable_cancel(client->cancellable);
    g_clear_handle_id(&client->sampler, g_source_remove);
    g_clear_handle_id(&client->leaving_timer, g_source_remove);
    g_clear_object(&client->manager);
    g_clear_object(&client->service);
    g_clear_pointer(&client->paths, g_hash_table_unref);
    g_clear_object(&client->tunnels);
    g_clear_pointer(&client->sessions, g_hash_table_unref);
    g_clear_pointer(&client->outputs, g_hash_table_unref);
    g_clear_pointer(&client->leaving, g_ptr_array_unref);
    G_OBJECT_CLASS(wgw_client_parent_class)->dispose(object);
}

static void
wgw_client_finalize(GObject *object)
{
    WgwClient *client = WGW_CLIENT(object);

    g_clear_object(&client->cancellable);
    G_OBJECT_CLASS(wgw_client_parent_class)->finalize(object);
}

static void
wgw_client_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwClient *client = WGW_CLIENT(object);

    switch (id) {
    case PROP_AVAILABLE:
        g_value_set_boolean(value, client->manager != NULL);
        break;
    case PROP_WATCHING:
        g_value_set_boolean(value, client->watching);
        break;
    case PROP_ERROR:
        g_value_set_string(value, wgw_client_get_error(client));
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

    /* The names of errors have to be known before the first one comes. */
    g_assert(wgw_error_quark() != 0);

    object_class->dispose = wgw_client_dispose;
    object_class->finalize = wgw_client_finalize;
    object_class->get_property = wgw_client_get_property;
    object_class->set_property = wgw_client_set_property;

    properties[PROP_AVAILABLE] = g_param_spec_boolean("available", NULL, NULL, FALSE, readable);
    properties[PROP_WATCHING] = g_param_spec_boolean("watching", NULL, NULL, FALSE,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    properties[PROP_ERROR] = g_param_spec_string("error", NULL, NULL, NULL, readable);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
    signals[PROGRAM_FAILED] =
        g_signal_new("program-failed", WGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                     G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_BOOLEAN, G_TYPE_STRING);
    signals[LOGGED] =
        g_signal_new("logged", WGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                     4, WGW_TYPE_TUNNEL, G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING);
    signals[MOVED] = g_signal_new("moved", WGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, WGW_TYPE_TUNNEL, WGW_TYPE_TUNNEL);
    signals[REMOVED] = g_signal_new("removed", WGW_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, WGW_TYPE_TUNNEL);
}

static void
wgw_client_init(WgwClient *client)
{
    client->cancellable = g_cancellable_new();
    client->service = wgw_service_new();
    g_signal_connect_object(client->service, "changed", G_CALLBACK(on_service_changed), client, 0);
    client->tunnels = g_list_store_new(WGW_TYPE_TUNNEL);
    client->paths = g_hash_table_new(g_str_hash, g_str_equal);
    client->leaving = g_ptr_array_new_with_free_func(g_object_unref);
    client->sessions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
    client->outputs = g_hash_table_new_full(NULL, NULL, NULL, g_object_unref);
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

WgwTunnel *
wgw_client_find_tunnel(WgwClient *client, const char *name)
{
    GListModel *tunnels = G_LIST_MODEL(client->tunnels);

    for (guint i = 0; i < g_list_model_get_n_items(tunnels); i++) {
        g_autoptr(WgwTunnel) tunnel = g_list_model_get_item(tunnels, i);

        if (g_strcmp0(wgw_tunnel_get_name(tunnel), name) == 0)
            return tunnel;
    }
    return NULL;
}

gboolean
wgw_client_has_tunnel(WgwClient *client, const char *name)
{
    return wgw_client_find_tunnel(client, name) != NULL;
}

const char *
wgw_client_get_error(WgwClient *client)
{
    return wgw_service_get_error(client->service);
}

gboolean
wgw_client_is_settled(WgwClient *client)
{
    return client->answered || wgw_client_get_error(client);
}

void
wgw_client_retry(WgwClient *client)
{
    wgw_service_start(client->service);
}

const char *
wgw_client_get_session_path(WgwClient *client, WgwTunnel *tunnel)
{
    GHashTableIter iter;
    gpointer path, candidate;

    g_hash_table_iter_init(&iter, client->sessions);
    while (g_hash_table_iter_next(&iter, &path, &candidate))
        if (candidate == tunnel)
            return path;
    return NULL;
}

GDBusConnection *
wgw_client_get_connection(WgwClient *client)
{
    return wgw_service_get_connection(client->service);
}

void
wgw_client_watch_output(WgwClient *client, guint pid, WgwOutput *output)
{
    g_hash_table_replace(client->outputs, GUINT_TO_POINTER(pid), g_object_ref(output));
}

GCancellable *
wgw_client_get_cancellable(WgwClient *client)
{
    return client->cancellable;
}
