/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/tunnel-order.h"

#include "gui/tunnel.h"

#define ORDER  "sort-order"
#define RECENT "recent-tunnels"

/* Nobody looks further down for what was used last. */
#define RECENT_MAX 50

enum order { BY_NAME, BY_STATE, BY_RECENCY };

struct state {
    GSettings *settings;
    enum order order;
    char **recent; /* names, the last one first */
};

/* What works, what tries to, what does not, and what need not. */
static const int ranks[] = {
    [WGW_TUNNEL_CONNECTED] = 0, [WGW_TUNNEL_STALLED] = 1, [WGW_TUNNEL_CONNECTING] = 2,
    [WGW_TUNNEL_STARTING] = 2,  [WGW_TUNNEL_CLOSING] = 3, [WGW_TUNNEL_FAILED] = 4,
    [WGW_TUNNEL_OFF] = 5,       [WGW_TUNNEL_INVALID] = 6,
};

static void
state_free(gpointer data)
{
    struct state *state = data;

    g_object_unref(state->settings);
    g_strfreev(state->recent);
    g_free(state);
}

/* Of numbers in a name the lesser comes first: "nl-2" before "nl-10". */
static const char *
get_key(WgwTunnel *tunnel)
{
    char *key = g_object_get_data(G_OBJECT(tunnel), "sort-key");
    g_autofree char *folded = NULL;

    if (key)
        return key;
    folded = g_utf8_casefold(wgw_tunnel_get_name(tunnel), -1);
    key = g_utf8_collate_key_for_filename(folded, -1);
    g_object_set_data_full(G_OBJECT(tunnel), "sort-key", key, g_free);
    return key;
}

static int
get_rank(const struct state *state, WgwTunnel *tunnel)
{
    int i = 0;

    switch (state->order) {
    case BY_NAME:
        return 0;
    case BY_STATE:
        return ranks[wgw_tunnel_get_state(tunnel)];
    case BY_RECENCY:
        if (wgw_tunnel_get_active(tunnel))
            return -1;
        while (state->recent[i] && !g_str_equal(state->recent[i], wgw_tunnel_get_name(tunnel)))
            i++;
        return i;
    }
    g_return_val_if_reached(0);
}

static int
compare(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct state *state = data;
    WgwTunnel *first = (WgwTunnel *)a;
    WgwTunnel *second = (WgwTunnel *)b;
    int ranked = get_rank(state, first) - get_rank(state, second);

    return ranked != 0 ? ranked : strcmp(get_key(first), get_key(second));
}

static void
on_settings(GSettings *settings, const char *key, gpointer sorter)
{
    struct state *state = g_object_get_data(sorter, "state");

    state->order = (enum order)g_settings_get_enum(settings, ORDER);
    g_strfreev(state->recent);
    state->recent = g_settings_get_strv(settings, RECENT);
    gtk_sorter_changed(sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
note_use(const struct state *state, const char *name)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_auto(GStrv) names = NULL;

    if (g_strcmp0(state->recent[0], name) == 0)
        return;
    g_strv_builder_add(builder, name);
    for (guint i = 0; i < RECENT_MAX - 1 && state->recent[i]; i++)
        if (!g_str_equal(state->recent[i], name))
            g_strv_builder_add(builder, state->recent[i]);
    names = g_strv_builder_end(builder);
    g_settings_set_strv(state->settings, RECENT, (const char *const *)names);
}

static void
on_state(WgwTunnel *tunnel, GParamSpec *pspec, GtkSorter *sorter)
{
    struct state *state = g_object_get_data(G_OBJECT(sorter), "state");

    if (wgw_tunnel_get_active(tunnel))
        note_use(state, wgw_tunnel_get_name(tunnel));
    if (state->order != BY_NAME)
        gtk_sorter_changed(sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
on_name(WgwTunnel *tunnel, GParamSpec *pspec, GtkSorter *sorter)
{
    g_object_set_data(G_OBJECT(tunnel), "sort-key", NULL);
    gtk_sorter_changed(sorter, GTK_SORTER_CHANGE_DIFFERENT);
}

static void
on_tunnels(GListModel *tunnels, guint position, guint removed, guint added, GtkSorter *sorter)
{
    for (guint i = position; i < position + added; i++) {
        g_autoptr(WgwTunnel) tunnel = g_list_model_get_item(tunnels, i);

        g_signal_connect_object(tunnel, "notify::state", G_CALLBACK(on_state), sorter, 0);
        g_signal_connect_object(tunnel, "notify::name", G_CALLBACK(on_name), sorter, 0);
    }
}

GtkSorter *
wgw_tunnel_order_new(GListModel *tunnels, GSettings *settings)
{
    struct state *state = g_new0(struct state, 1);
    GtkSorter *sorter = GTK_SORTER(gtk_custom_sorter_new(compare, state, NULL));

    state->settings = g_object_ref(settings);
    g_object_set_data_full(G_OBJECT(sorter), "state", state, state_free);
    on_settings(settings, NULL, sorter);
    g_signal_connect_object(settings, "changed::" ORDER, G_CALLBACK(on_settings), sorter, 0);
    g_signal_connect_object(settings, "changed::" RECENT, G_CALLBACK(on_settings), sorter, 0);
    g_signal_connect_object(tunnels, "items-changed", G_CALLBACK(on_tunnels), sorter, 0);
    on_tunnels(tunnels, 0, 0, g_list_model_get_n_items(tunnels), sorter);
    return sorter;
}
