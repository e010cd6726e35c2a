/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <glib/gi18n.h>

#include "dbus/error.h"
#include "supervisor/connection-state.h"
#include "supervisor/session-private.h"

static GVariant *
peers_to_variant(GPtrArray *peers, guint64 *ret_rx, guint64 *ret_tx)
{
    GVariantBuilder builder;

    *ret_rx = *ret_tx = 0;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
    for (guint i = 0; i < peers->len; i++) {
        const WgwPeerStatus *status = g_ptr_array_index(peers, i);
        GVariantDict dict;

        g_variant_dict_init(&dict, NULL);
        g_variant_dict_insert(&dict, "public-key", "s",
                              status->public_key ? status->public_key : "");
        g_variant_dict_insert(&dict, "endpoint", "s", status->endpoint);
        g_variant_dict_insert(&dict, "last-handshake", "t", status->last_handshake);
        g_variant_dict_insert(&dict, "rx-bytes", "t", status->rx_bytes);
        g_variant_dict_insert(&dict, "tx-bytes", "t", status->tx_bytes);
        g_variant_builder_add_value(&builder, g_variant_dict_end(&dict));
        *ret_rx += status->rx_bytes;
        *ret_tx += status->tx_bytes;
    }
    return g_variant_builder_end(&builder);
}

/* What the engines before this one have carried goes on counting. */
static void
add_former(WgwSession *session, GPtrArray *peers)
{
    for (guint i = 0; i < peers->len; i++) {
        WgwPeerStatus *status = g_ptr_array_index(peers, i);
        const guint64 *former =
            status->public_key ? g_hash_table_lookup(session->former, status->public_key) : NULL;

        if (former) {
            status->rx_bytes += former[0];
            status->tx_bytes += former[1];
        }
    }
}

static gboolean
on_change_due(gpointer user_data)
{
    WgwSession *session = user_data;

    session->change_timer = 0;
    wgw_session_refresh(session, NULL, NULL);
    return G_SOURCE_REMOVE;
}

static void
update_state(WgwSession *session)
{
    guint64 now = (guint64)(g_get_real_time() / G_USEC_PER_SEC);
    WgwConnectionState next;

    if (session->state == WGW_STATE_CLOSING)
        return;
    if (session->engine_trouble) {
        wgw_session_publish_state(session, "stalled", session->engine_trouble);
        return;
    }
    next = wgw_connection_state(session->parts.config, session->peers, session->hint, now);
    wgw_session_publish_state(session, next.state, next.reason);
    g_free(next.reason);
    g_clear_handle_id(&session->change_timer, g_source_remove);
    if (next.changes_at > 0)
        session->change_timer =
            g_timeout_add_seconds((guint)(next.changes_at - now) + 1, on_change_due, session);
}

static void
on_peers(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    WgwSession *session = g_task_get_task_data(task);
    g_autoptr(GError) error = NULL;
    GPtrArray *peers = wgw_uapi_get_finish(result, &error);
    guint64 rx, tx;

    if (!peers || session->over) {
        if (peers)
            g_ptr_array_unref(peers);
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED, "%s",
                                error ? error->message : _("The session has ended."));
        g_object_unref(task);
        return;
    }
    add_former(session, peers);
    for (guint i = 0; i < peers->len; i++) {
        const WgwPeerStatus *status = g_ptr_array_index(peers, i);

        if (status->public_key)
            wgw_session_note_endpoint(session, status->public_key, status->endpoint);
    }
    wgw_session_log_handshakes(session, peers);
    g_ptr_array_unref(session->peers);
    session->peers = peers;
    wgw_dbus_supervisor1_set_peers(session->bus, peers_to_variant(peers, &rx, &tx));
    wgw_dbus_supervisor1_set_rx_bytes(session->bus, rx);
    wgw_dbus_supervisor1_set_tx_bytes(session->bus, tx);
    update_state(session);
    g_task_return_boolean(task, TRUE);
    g_object_unref(task);
}

static gboolean
on_watch(gpointer user_data)
{
    wgw_session_refresh(user_data, NULL, NULL);
    return G_SOURCE_CONTINUE;
}

void
wgw_session_refresh(WgwSession *session, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);

    g_task_set_task_data(task, session, NULL);
    if (!session->engine) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_CLOSED, _("The session has ended."));
        g_object_unref(task);
        return;
    }
    wgw_engine_get_async(session->engine, on_peers, task);
}

void
wgw_session_engine_ended(WgwSession *session)
{
    for (guint i = 0; i < session->peers->len; i++) {
        const WgwPeerStatus *status = g_ptr_array_index(session->peers, i);
        guint64 *former = g_new(guint64, 2);

        former[0] = status->rx_bytes;
        former[1] = status->tx_bytes;
        g_hash_table_replace(session->former, g_strdup(status->public_key), former);
    }
    g_ptr_array_set_size(session->peers, 0);
    wgw_session_set_engine_trouble(session,
                                   _("The WireGuard engine has ended, and another one starts."));
}

void
wgw_session_set_engine_trouble(WgwSession *session, const char *trouble)
{
    g_free(session->engine_trouble);
    session->engine_trouble = g_strdup(trouble);
    update_state(session);
}

void
wgw_session_set_hint(WgwSession *session, const char *hint)
{
    g_free(session->hint);
    session->hint = g_strdup(hint);
    update_state(session);
}

void
wgw_session_watch(WgwSession *session, gboolean on)
{
    if (on && session->watch_timer == 0) {
        session->watch_timer = g_timeout_add_seconds(1, on_watch, session);
        wgw_session_refresh(session, NULL, NULL);
    } else if (!on)
        g_clear_handle_id(&session->watch_timer, g_source_remove);
}

void
wgw_session_publish_programs(WgwSession *session)
{
    wgw_dbus_supervisor1_set_programs(session->bus, wgw_programs_to_variant(session->programs));
}

void
wgw_session_publish_state(WgwSession *session, const char *state, const char *reason)
{
    const char *former = wgw_dbus_supervisor1_get_state(session->bus);

    wgw_session_log_state(session, state, reason);
    if (g_strcmp0(former, state) != 0)
        wgw_dbus_supervisor1_set_since(session->bus, (guint64)g_get_real_time());
    wgw_dbus_supervisor1_set_state(session->bus, state);
    wgw_dbus_supervisor1_set_reason(session->bus, reason);
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(session->bus));
}
