/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A session changes over to another configuration while its programs run. All of it or nothing: first
 * the text is read and checked, then addresses and routes, then the engine; if one refuses, what was
 * done before is undone. Peers that are the same in both keep their keys and their endpoints. */

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/socket.h>

#include "dbus/error.h"
#include "profile/uapi.h"
#include "supervisor/session-private.h"

struct update {
    WgwSession *session;
    WgwConfig *config;
    guint path_mtu;
    WgwPlan from;
    WgwPlan to;
};

static void
update_free(gpointer data)
{
    struct update *update = data;

    wgw_plan_clear(&update->from);
    wgw_plan_clear(&update->to);
    g_clear_pointer(&update->config, wgw_config_unref);
    g_free(update);
}

static gboolean
same_dns(const struct ns_plan *a, const struct ns_plan *b)
{
    return a->n_dns == b->n_dns &&
           (a->n_dns == 0 || memcmp(a->dns, b->dns, a->n_dns * sizeof *a->dns) == 0) &&
           g_strv_equal(a->search, b->search);
}

/* What is left to do cannot fail but for a full tmpfs, in which case names go on as they were. */
static void
complete(struct update *update)
{
    WgwSession *session = update->session;
    struct ns_failure failure;
    GHashTableIter iter;
    gpointer public_key;

    if (!same_dns(&update->from.plan, &update->to.plan) &&
        ns_box_set_dns(&session->parts.box, &update->to.plan, &failure) < 0)
        g_warning("update: %s", failure.detail);
    wgw_config_unref(session->parts.config);
    session->parts.config = g_steal_pointer(&update->config);
    session->parts.path_mtu = update->path_mtu;

    /* A peer that is gone, or has a numeric endpoint now, must not get the old one at a restart. */
    g_hash_table_iter_init(&iter, session->endpoints);
    while (g_hash_table_iter_next(&iter, &public_key, NULL)) {
        gsize length;
        g_autofree guint8 *key = g_base64_decode(public_key, &length);
        const WgwPeer *peer = wgw_config_find_peer(session->parts.config, key);
        const WgwEndpoint *endpoint = peer ? wgw_peer_get_endpoint(peer) : NULL;

        if (!endpoint || endpoint->numeric)
            g_hash_table_iter_remove(&iter);
    }
    g_message("session: changed over to an edited profile");
    wgw_session_refresh(session, NULL, NULL);
}

static void
on_engine_told(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct update *update = g_task_get_task_data(task);
    GError *error = NULL;
    struct ns_failure failure;

    update->session->updating = FALSE;
    if (wgw_uapi_set_finish(result, &error)) {
        complete(update);
        g_task_return_boolean(task, TRUE);
    } else {
        if (ns_box_set_network(&update->to.plan, &update->from.plan, &failure) < 0)
            g_warning("update: not undone: %s", failure.detail);
        g_task_return_error(task, error);
    }
    g_object_unref(task);
}

WgwSecret *
wgw_session_dup_configuration(WgwSession *session)
{
    WgwSecret *text = wgw_config_write_uapi(session->parts.config);
    g_autoptr(WgwSecret) all = NULL;
    GHashTableIter iter;
    gpointer request;

    if (g_hash_table_size(session->endpoints) == 0)
        return text;
    /* One operation: without the empty line that ends it, and without the "set=1" that begins each. */
    all = text;
    text = wgw_secret_new(wgw_secret_get_text(all), (gssize)wgw_secret_get_length(all) - 1);
    g_hash_table_iter_init(&iter, session->endpoints);
    while (g_hash_table_iter_next(&iter, NULL, &request))
        wgw_secret_append(text, (const char *)request + strlen("set=1\n"),
                          (gssize)(strlen(request) - strlen("set=1\n") - 1));
    wgw_secret_append(text, "\n", 1);
    return text;
}

static void
on_told(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!wgw_uapi_set_finish(result, &error) &&
        !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_message("engine: %s", error->message);
}

gboolean
wgw_session_set_endpoint(
    WgwSession *session, const char *public_key, const char *address, guint16 port, GError **error)
{
    gsize length;
    g_autofree guint8 *key = g_base64_decode(public_key, &length);
    WgwAddress parsed;
    char *request;

    if (length != WGW_KEY_LEN || !wgw_config_find_peer(session->parts.config, key)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("The profile has no peer with the public key %s."), public_key);
        return FALSE;
    }
    if (!wgw_address_parse(address, &parsed) || port == 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, _("“%s” port %u is no endpoint."),
                    address, port);
        return FALSE;
    }
    request = wgw_uapi_write_endpoint(key, address, port);
    g_hash_table_replace(session->endpoints, g_strdup(public_key), request);
    wgw_engine_set_async(session->engine, wgw_secret_new(request, -1), on_told, NULL);
    wgw_session_reconnect(session);
    return TRUE;
}

/* The protocol has no word for it; but a persistent keepalive that is switched on is sent at once,
 * and what is sent begins a handshake where there is no young key. */
void
wgw_session_reconnect(WgwSession *session)
{
    WgwSecret *text = wgw_secret_new("set=1\n", -1);
    guint n = wgw_config_get_n_peers(session->parts.config);

    for (guint i = 0; i < n; i++) {
        const WgwPeer *peer = wgw_config_get_peer(session->parts.config, i);
        guint16 keepalive = wgw_peer_get_persistent_keepalive(peer);
        const guint16 intervals[] = {0, 25, keepalive};

        for (gsize j = 0; j < G_N_ELEMENTS(intervals); j++) {
            wgw_secret_append(text, "public_key=", -1);
            wgw_secret_append_hex(text, wgw_peer_get_public_key(peer), WGW_KEY_LEN);
            wgw_secret_append_printf(text, "\nupdate_only=true\npersistent_keepalive_interval=%u\n",
                                     intervals[j]);
        }
    }
    wgw_secret_append(text, "\n", 1);
    wgw_engine_set_async(session->engine, text, on_told, NULL);
}

void
wgw_session_update_async(
    WgwSession *session, int fd, guint path_mtu, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    struct update *update = g_new0(struct update, 1);
    struct ns_failure failure;
    GError *error = NULL;
    WgwSecret *change;

    g_task_set_task_data(task, update, update_free);
    update->session = session;
    update->path_mtu = path_mtu;
    update->config = wgw_config_load(fd, WGW_CONFIG_SECRETS, NULL, &error);
    if (!update->config || !wgw_config_check_usable(update->config, &error)) {
        g_task_return_error(task, error);
        g_object_unref(task);
        return;
    }
    if (session->updating) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_BUSY,
                                _("The session is changing over already. Try again."));
        g_object_unref(task);
        return;
    }
    wgw_plan_init(&update->from, session->parts.config, session->parts.path_mtu, NULL);
    wgw_plan_init(&update->to, update->config, path_mtu, NULL);
    if (ns_box_set_network(&update->from.plan, &update->to.plan, &failure) < 0) {
        g_task_return_error(task, wgw_error_from_ns(&failure));
        g_object_unref(task);
        return;
    }
    change = wgw_config_write_uapi_change(session->parts.config, update->config);
    if (!change) {
        complete(update);
        g_task_return_boolean(task, TRUE);
        g_object_unref(task);
        return;
    }
    session->updating = TRUE;
    wgw_engine_set_async(session->engine, change, on_engine_told, task);
}

gboolean
wgw_session_update_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}
