/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/notifier.h"

#include <glib/gi18n.h>

struct _WgwNotifier {
    GObject parent_instance;

    GtkApplication *application; /* not owned */
    GSettings *settings;
    GHashTable *states; /* WgwTunnel, (owned) -> the WgwTunnelState that it was last seen in */
};

G_DEFINE_FINAL_TYPE(WgwNotifier, wgw_notifier, G_TYPE_OBJECT)

static gboolean
is_wanted(WgwNotifier *notifier)
{
    GtkWindow *window = gtk_application_get_active_window(notifier->application);

    return !(window && gtk_window_is_active(window)) &&
           g_settings_get_boolean(notifier->settings, "notifications");
}

/* @tunnel: what a click shows; one of a tunnel takes the place of that before. NULL: the window. */
static void
notify(WgwNotifier *notifier, const char *tunnel, const char *title, const char *body)
{
    g_autoptr(GNotification) notification = g_notification_new(title);
    g_autofree char *id = tunnel ? g_strconcat("tunnel-", tunnel, NULL) : NULL;

    if (!is_wanted(notifier))
        return;
    g_notification_set_body(notification, body);
    if (tunnel)
        g_notification_set_default_action_and_target(notification, "app.show-tunnel", "s", tunnel);
    g_application_send_notification(G_APPLICATION(notifier->application), id, notification);
}

static void
on_state(WgwTunnel *tunnel, GParamSpec *pspec, WgwNotifier *notifier)
{
    WgwTunnelState was = GPOINTER_TO_UINT(g_hash_table_lookup(notifier->states, tunnel));
    WgwTunnelState is = wgw_tunnel_get_state(tunnel);
    const char *name = wgw_tunnel_get_name(tunnel);
    g_autofree char *title = NULL;

    if (was == is)
        return;
    g_hash_table_insert(notifier->states, g_object_ref(tunnel), GUINT_TO_POINTER(is));
    if (is == WGW_TUNNEL_STALLED) {
        title = g_strdup_printf(_("“%s” gets no answer"), name);
        notify(notifier, name, title,
               _("Programs in this tunnel wait. Nothing of them leaves outside it."));
    } else if (was == WGW_TUNNEL_STALLED && is == WGW_TUNNEL_CONNECTED) {
        title = g_strdup_printf(_("“%s” is connected again"), name);
        notify(notifier, name, title, NULL);
    }
}

static void
on_tunnels(
    GListModel *tunnels, guint position, guint n_removed, guint n_added, WgwNotifier *notifier)
{
    GHashTableIter iter;
    gpointer tunnel;

    for (guint i = position; i < position + n_added; i++) {
        g_autoptr(WgwTunnel) added = g_list_model_get_item(tunnels, i);

        g_signal_connect_object(added, "notify::state", G_CALLBACK(on_state), notifier, 0);
        g_hash_table_insert(notifier->states, g_object_ref(added),
                            GUINT_TO_POINTER(wgw_tunnel_get_state(added)));
    }
    if (n_removed == 0)
        return;
    g_hash_table_iter_init(&iter, notifier->states);
    while (g_hash_table_iter_next(&iter, &tunnel, NULL))
        if (!g_list_store_find(G_LIST_STORE(tunnels), tunnel, NULL))
            g_hash_table_iter_remove(&iter);
}

static void
on_program_failed(WgwClient *client,
                  const char *message,
                  gboolean handed_over,
                  const char *output,
                  WgwNotifier *notifier)
{
    notify(notifier, NULL,
           handed_over ? _("Probably Opened Outside the Tunnel") : _("A Program Has Ended"),
           message);
}

static void
wgw_notifier_dispose(GObject *object)
{
    WgwNotifier *notifier = WGW_NOTIFIER(object);

    g_clear_object(&notifier->settings);
    g_clear_pointer(&notifier->states, g_hash_table_unref);
    G_OBJECT_CLASS(wgw_notifier_parent_class)->dispose(object);
}

static void
wgw_notifier_class_init(WgwNotifierClass *class)
{
    G_OBJECT_CLASS(class)->dispose = wgw_notifier_dispose;
}

static void
wgw_notifier_init(WgwNotifier *notifier)
{
    notifier->states = g_hash_table_new_full(NULL, NULL, g_object_unref, NULL);
}

WgwNotifier *
wgw_notifier_new(GtkApplication *application, WgwClient *client, GSettings *settings)
{
    WgwNotifier *notifier = g_object_new(WGW_TYPE_NOTIFIER, NULL);
    GListModel *tunnels = wgw_client_get_tunnels(client);

    notifier->application = application;
    notifier->settings = g_object_ref(settings);
    g_signal_connect_object(tunnels, "items-changed", G_CALLBACK(on_tunnels), notifier, 0);
    g_signal_connect_object(client, "program-failed", G_CALLBACK(on_program_failed), notifier, 0);
    on_tunnels(tunnels, 0, 0, g_list_model_get_n_items(tunnels), notifier);
    return notifier;
}
