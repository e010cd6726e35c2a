/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A session changes over to another configuration while its programs run. All of it or nothing: first
 * the text is read and checked, then addresses and routes, then names, then the engine; if one refuses,
 * what was done before is undone. Peers that are the same in both keep their keys and their endpoints.
 * One at a time: what comes meanwhile waits, and of those who wait the last one is done.
 *
 * A handshake at once: the engine's protocol has no word for it, but what it has suffices. A persistent
 * keepalive that is switched on is sent at once, and what is sent begins a handshake where there is no
 * session; so the interval is switched off, on, and to what it is to be. Where there may be a session,
 * the private key is taken away and given back before, which ends all sessions on our side. */

#include <errno.h>
#include <glib/gi18n.h>
#include <sys/socket.h>

#include "dbus/error.h"
#include "profile/uapi.h"
#include "supervisor/legacy.h"
#include "supervisor/session-private.h"

struct update {
    WgwSession *session;
    WgwSecret *text;
    WgwConfig *config;
    guint path_mtu;
    pid_t engine; /* whom the change was told */
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
    wgw_secret_free(update->text);
    g_free(update);
}

static gboolean
same_dns(const struct ns_plan *a, const struct ns_plan *b)
{
    return a->n_dns == b->n_dns &&
           (a->n_dns == 0 || memcmp(a->dns, b->dns, a->n_dns * sizeof *a->dns) == 0) &&
           g_strv_equal(a->search, b->search);
}

static void begin(GTask *owned);

static void
on_told(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    if (!wgw_uapi_set_finish(result, &error) &&
        !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        wgw_session_log(user_data, WGW_LOG_WARNING, "%s", error->message);
}

/* Addresses, routes and names, from one plan to another. */
static gboolean
change_box(WgwSession *session, const WgwPlan *from, const WgwPlan *to, GError **error)
{
    struct ns_failure failure, undoing;

    if (ns_box_set_network(&from->plan, &to->plan, &failure) < 0) {
        g_propagate_error(error, wgw_error_from_ns(&failure));
        return FALSE;
    }
    if (same_dns(&from->plan, &to->plan) ||
        ns_box_set_dns(&session->parts.box, &to->plan, &failure) == 0)
        return TRUE;
    g_propagate_error(error, wgw_error_from_ns(&failure));
    if (ns_box_set_network(&to->plan, &from->plan, &undoing) < 0 ||
        ns_box_set_dns(&session->parts.box, &from->plan, &undoing) < 0)
        wgw_session_log(session, WGW_LOG_ERROR, _("The edit was not undone: %s"), undoing.detail);
    return FALSE;
}

static gboolean
same_endpoint(const WgwPeer *a, const WgwPeer *b)
{
    const WgwEndpoint *x = wgw_peer_get_endpoint(a);
    const WgwEndpoint *y = wgw_peer_get_endpoint(b);

    return x && y ? x->port == y->port && g_str_equal(x->host, y->host) : x == y;
}

/* Where a peer was seen counts no more once the file says something else of it. */
static void
forget_endpoints(WgwSession *session, WgwConfig *to)
{
    GHashTableIter iter;
    gpointer public_key;

    g_hash_table_iter_init(&iter, session->endpoints);
    while (g_hash_table_iter_next(&iter, &public_key, NULL)) {
        gsize length;
        g_autofree guint8 *key = g_base64_decode(public_key, &length);
        const WgwPeer *before = wgw_config_find_peer(session->parts.config, key);
        const WgwPeer *after = wgw_config_find_peer(to, key);

        if (!before || !after || !same_endpoint(before, after))
            g_hash_table_iter_remove(&iter);
    }
}

static void
complete(struct update *update)
{
    WgwSession *session = update->session;

    forget_endpoints(session, update->config);
    wgw_session_log_update(session, update->config, update->path_mtu);
    wgw_config_unref(session->parts.config);
    session->parts.config = g_steal_pointer(&update->config);
    session->parts.path_mtu = update->path_mtu;
    /* It fails for want of memory: a successor then has the file. */
    wgw_legacy_write(session->parts.legacy, update->text, update->path_mtu);
    /* Another engine has started meanwhile, and may have been told of the former configuration last. */
    if (session->engine && wgw_engine_get_pid(session->engine) != update->engine)
        wgw_engine_set_async(session->engine, wgw_session_dup_configuration(session), on_told,
                             session);
    wgw_session_shake_hands(session, FALSE);
    wgw_session_refresh(session, NULL, NULL);
}

static void
undo(struct update *update)
{
    WgwSession *session = update->session;
    g_autoptr(GError) error = NULL;
    WgwSecret *back;

    if (session->over)
        return;
    if (!change_box(session, &update->to, &update->from, &error))
        wgw_session_log(session, WGW_LOG_ERROR, _("The edit was not undone: %s"), error->message);
    /* The engine may have taken a part before it refused the rest. */
    back = wgw_config_write_uapi_change(update->config, session->parts.config);
    if (back)
        wgw_engine_set_async(session->engine, back, on_told, session);
}

static void
begin_next(WgwSession *session)
{
    GTask *next = g_steal_pointer(&session->next_update);

    session->updating = FALSE;
    if (next)
        begin(next);
}

static void
on_engine_told(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct update *update = g_task_get_task_data(task);
    GError *error = NULL;

    if (wgw_uapi_set_finish(result, &error)) {
        complete(update);
        g_task_return_boolean(task, TRUE);
    } else {
        undo(update);
        g_task_return_error(task, error);
    }
    begin_next(update->session);
    g_object_unref(task);
}

static void
begin(GTask *owned)
{
    g_autoptr(GTask) task = owned;
    struct update *update = g_task_get_task_data(task);
    WgwSession *session = update->session;
    GError *error = NULL;
    WgwSecret *change;

    if (!wgw_session_check_open(session, &error)) {
        g_task_return_error(task, error);
        return;
    }
    wgw_plan_init(&update->from, session->parts.config, session->parts.path_mtu, NULL,
                  session->fallback_dns);
    wgw_plan_init(&update->to, update->config, update->path_mtu, NULL, session->fallback_dns);
    if (!change_box(session, &update->from, &update->to, &error)) {
        g_task_return_error(task, error);
        return;
    }
    update->engine = wgw_engine_get_pid(session->engine);
    change = wgw_config_write_uapi_change(session->parts.config, update->config);
    if (!change) {
        complete(update);
        g_task_return_boolean(task, TRUE);
        return;
    }
    session->updating = TRUE;
    wgw_engine_set_async(session->engine, change, on_engine_told, g_steal_pointer(&task));
}

/* Whoever waited already is told that his is not done. */
static void
enqueue(WgwSession *session, GTask *task)
{
    g_autoptr(GTask) former = session->next_update;

    session->next_update = task;
    if (former)
        g_task_return_new_error(former, WGW_ERROR, WGW_ERROR_BUSY,
                                _("Another edit has come before this one was begun."));
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

/* @request, taken, is how to tell an engine where the peer is. FALSE if that was known. */
static gboolean
remember(WgwSession *session, const char *public_key, char *request)
{
    const char *former = g_hash_table_lookup(session->endpoints, public_key);
    gboolean is_new = g_strcmp0(former, request) != 0;

    g_hash_table_replace(session->endpoints, g_strdup(public_key), request);
    return is_new;
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
    if (!wgw_address_parse(address, &parsed) || strchr(address, '/') || port == 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, _("“%s” port %u is no endpoint."),
                    address, port);
        return FALSE;
    }
    request = wgw_uapi_write_endpoint(key, address, port);
    if (remember(session, public_key, request))
        wgw_session_log_resolved(session, public_key, address);
    wgw_engine_set_async(session->engine, wgw_secret_new(request, -1), on_told, session);
    wgw_session_shake_hands(session, FALSE);
    return TRUE;
}

void
wgw_session_note_endpoint(WgwSession *session, const char *public_key, const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    gsize length;
    g_autofree guint8 *key = g_base64_decode(public_key, &length);
    g_autofree char *address = NULL;
    gboolean first;
    guint64 port;

    if (!colon || length != WGW_KEY_LEN ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
        return;
    address = g_strndup(endpoint, (gsize)(colon - endpoint));
    if (*address == '[' && colon[-1] == ']') {
        memmove(address, address + 1, strlen(address));
        address[strlen(address) - 1] = '\0';
    }
    first = !g_hash_table_contains(session->endpoints, public_key);
    if (remember(session, public_key, wgw_uapi_write_endpoint(key, address, (guint16)port)) &&
        !first)
        wgw_session_log_moved(session, public_key, endpoint);
}

void
wgw_session_shake_hands(WgwSession *session, gboolean anew)
{
    static const guint8 none[WGW_KEY_LEN];
    const WgwConfig *config = session->parts.config;
    WgwSecret *text;

    if (!session->engine)
        return;
    text = wgw_secret_new("set=1\n", -1);
    if (anew && wgw_config_get_private_key(config)) {
        wgw_secret_append(text, "private_key=", -1);
        wgw_secret_append_hex(text, none, sizeof none);
        wgw_secret_append(text, "\nprivate_key=", -1);
        wgw_secret_append_hex(text, wgw_config_get_private_key(config), WGW_KEY_LEN);
        wgw_secret_append(text, "\n", 1);
    }
    for (guint i = 0; i < wgw_config_get_n_peers(config); i++) {
        const WgwPeer *peer = wgw_config_get_peer(config, i);
        const guint16 intervals[] = {0, 25, wgw_peer_get_persistent_keepalive(peer)};

        for (gsize j = 0; j < G_N_ELEMENTS(intervals); j++) {
            wgw_secret_append(text, "public_key=", -1);
            wgw_secret_append_hex(text, wgw_peer_get_public_key(peer), WGW_KEY_LEN);
            wgw_secret_append_printf(text, "\nupdate_only=true\npersistent_keepalive_interval=%u\n",
                                     intervals[j]);
        }
    }
    wgw_secret_append(text, "\n", 1);
    wgw_engine_set_async(session->engine, text, on_told, session);
}

void
wgw_session_update_async(
    WgwSession *session, int fd, guint path_mtu, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    struct update *update = g_new0(struct update, 1);
    GError *error = NULL;

    g_task_set_task_data(task, update, update_free);
    update->session = session;
    update->path_mtu = path_mtu;
    if (path_mtu < WGW_PLAN_MIN_MTU || path_mtu > WGW_PLAN_MAX_MTU) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                                _("%u is no MTU. It must be from %d to %d."), path_mtu,
                                WGW_PLAN_MIN_MTU, WGW_PLAN_MAX_MTU);
        return;
    }
    update->text = wgw_secret_read(fd, WGW_CONFIG_MAX_SIZE, &error);
    update->config = update->text ? wgw_config_parse(wgw_secret_get_text(update->text),
                                                     (gssize)wgw_secret_get_length(update->text),
                                                     WGW_CONFIG_SECRETS, NULL, &error)
                                  : NULL;
    if (!update->config || !wgw_config_check_usable(update->config, &error))
        g_task_return_error(task, error);
    else if (session->updating)
        enqueue(session, g_steal_pointer(&task));
    else
        begin(g_steal_pointer(&task));
}

gboolean
wgw_session_update_finish(GAsyncResult *result, GError **error)
{
    struct update *update = g_task_get_task_data(G_TASK(result));
    GError *reason = NULL;

    if (g_task_propagate_boolean(G_TASK(result), &reason))
        return TRUE;
    if (!g_error_matches(reason, WGW_ERROR, WGW_ERROR_BUSY)) /* the other one tells of itself */
        wgw_session_log(update->session, WGW_LOG_WARNING,
                        _("The profile was edited, but the tunnel stays as it was: %s"),
                        reason->message);
    g_propagate_error(error, reason);
    return FALSE;
}
