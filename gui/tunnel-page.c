/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/tunnel-page.h"

#include <glib/gi18n.h>

#include "gui/choices-group.h"
#include "gui/complaint.h"
#include "gui/data-group.h"
#include "gui/format.h"
#include "gui/hyphens.h"
#include "gui/peer.h"
#include "gui/program-row.h"
#include "gui/throughput-graph.h"

struct _WgwTunnelPage {
    AdwBin parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    GSignalGroup *tunnel_signals;
    GSignalGroup *choices_signals;

    AdwActionRow *state_row;
    GtkImage *state_icon;
    GtkSpinner *spinner;
    GtkWidget *edit_button;
    GtkSwitch *hold_switch;
    GtkWidget *programs_group;
    GtkListBox *programs;
    GtkWidget *traffic_group;
    WgwThroughputGraph *graph;
    GtkLabel *rx_label;
    GtkLabel *tx_label;
    GtkWidget *peers_group;
    GtkListBox *peers;
    WgwChoicesGroup *choices_group;
    WgwDataGroup *data_group;
    AdwActionRow *addresses_row;
    AdwActionRow *dns_row;
    AdwActionRow *mtu_row;
    AdwActionRow *key_row;
};

G_DEFINE_FINAL_TYPE(WgwTunnelPage, wgw_tunnel_page, ADW_TYPE_BIN)

static void
report(WgwTunnelPage *page, GError *error)
{
    wgw_complain(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(page))), _("This Did Not Work"),
                 error->message);
}

/* ---- Rows ---- */

static GtkWidget *
create_program_row(gpointer item, gpointer user_data)
{
    WgwTunnelPage *page = user_data;

    return wgw_program_row_new(page->client, page->tunnel, item);
}

/* A peer's lines in one subtitle, anew whenever one of them changes. */
static gboolean
describe_peer(GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
    g_autoptr(WgwPeer) peer = WGW_PEER(g_binding_dup_source(binding));
    GString *text = g_string_new(NULL);
    const char *endpoint = wgw_peer_get_endpoint(peer);

    g_string_append_printf(text, _("Endpoint: %s"), endpoint ? endpoint : _("not known"));
    g_string_append_c(text, '\n');
    g_string_append_printf(text, _("Allowed IPs: %s"),
                           wgw_peer_get_allowed_ips(peer) ? wgw_peer_get_allowed_ips(peer)
                                                          : _("none"));
    if (wgw_peer_get_last_handshake(peer) > 0) {
        g_autofree char *age = wgw_format_age(wgw_peer_get_last_handshake(peer));
        g_autofree char *rx = g_format_size(wgw_peer_get_rx_bytes(peer));
        g_autofree char *tx = g_format_size(wgw_peer_get_tx_bytes(peer));

        g_string_append_c(text, '\n');
        g_string_append_printf(text, _("Last handshake: %s"), age);
        g_string_append_c(text, '\n');
        g_string_append_printf(text, _("Received %s, sent %s"), rx, tx);
    }
    g_value_take_string(to, g_string_free(text, FALSE));
    return TRUE;
}

static GtkWidget *
create_peer_row(gpointer item, gpointer user_data)
{
    /* The counters are read with the age, which is told once a second while somebody looks. */
    static const char *const sources[] = {"endpoint", "allowed-ips", "last-handshake"};
    GtkWidget *row = adw_action_row_new();

    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_action_row_set_title_lines(ADW_ACTION_ROW(row), 0);
    adw_action_row_set_subtitle_lines(ADW_ACTION_ROW(row), 0);
    wgw_forbid_hyphens(row);
    g_object_bind_property(item, "public-key", row, "title", G_BINDING_SYNC_CREATE);
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
        g_object_bind_property_full(item, sources[i], row, "subtitle", G_BINDING_SYNC_CREATE,
                                    describe_peer, NULL, NULL, NULL);
    return row;
}

/* ---- What follows the tunnel ---- */

static void
update_state(WgwTunnelPage *page)
{
    WgwTunnelState state = wgw_tunnel_get_state(page->tunnel);
    const char *reason = wgw_tunnel_get_reason(page->tunnel);
    g_autofree char *label = NULL;
    g_autofree char *icon = NULL;
    gboolean busy = state == WGW_TUNNEL_STARTING || state == WGW_TUNNEL_CONNECTING ||
                    state == WGW_TUNNEL_CLOSING;
    gboolean held;

    g_object_get(page->tunnel, "state-label", &label, "icon-name", &icon, "held", &held, NULL);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(page->state_row), label);
    if (!*reason && state == WGW_TUNNEL_OFF)
        reason = _("Opens by itself when a program is launched in it.");
    else if (!*reason && wgw_tunnel_get_active(page->tunnel) && !held)
        reason = _("Closes by itself after the last program.");
    adw_action_row_set_subtitle(page->state_row, reason);
    gtk_accessible_update_property(GTK_ACCESSIBLE(page->hold_switch),
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, label, -1);
    gtk_image_set_from_icon_name(page->state_icon, icon);
    gtk_widget_set_visible(GTK_WIDGET(page->spinner), busy);
    gtk_spinner_set_spinning(page->spinner, busy);
    gtk_widget_set_visible(page->traffic_group, wgw_tunnel_get_active(page->tunnel));
    /* What has mistakes cannot be opened, but mended. */
    gtk_widget_set_visible(GTK_WIDGET(page->hold_switch), state != WGW_TUNNEL_INVALID);
    gtk_widget_set_visible(page->edit_button, state == WGW_TUNNEL_INVALID);
    gtk_widget_set_visible(page->programs_group, state != WGW_TUNNEL_INVALID);
    gtk_switch_set_active(page->hold_switch, wgw_tunnel_get_active(page->tunnel));
    gtk_switch_set_state(page->hold_switch, wgw_tunnel_get_active(page->tunnel));
}

static char *
dup_lines(char **strings, const char *none)
{
    return strings && *strings ? g_strjoinv("\n", strings) : g_strdup(none);
}

static void
update_interface(WgwTunnelPage *page)
{
    g_auto(GStrv) addresses = NULL;
    g_auto(GStrv) dns = NULL;
    g_autofree char *key = NULL;
    g_autofree char *addresses_text = NULL;
    g_autofree char *dns_text = NULL;
    g_autofree char *mtu_text = NULL;
    guint mtu;

    g_object_get(page->tunnel, "addresses", &addresses, "dns", &dns, "mtu", &mtu, "public-key",
                 &key, NULL);
    addresses_text = dup_lines(addresses, _("none"));
    dns_text = dup_lines(
        dns && *dns ? dns : (char **)wgw_choices_get_dns(wgw_tunnel_get_choices(page->tunnel)),
        _("None: names do not resolve in this tunnel"));
    mtu_text = mtu > 0 ? g_strdup_printf("%u", mtu) : g_strdup(_("Automatic"));
    adw_action_row_set_subtitle(page->addresses_row, addresses_text);
    adw_action_row_set_subtitle(page->dns_row, dns_text);
    adw_action_row_set_subtitle(page->mtu_row, mtu_text);
    adw_action_row_set_subtitle(page->key_row, key ? key : "");
    gtk_widget_set_visible(GTK_WIDGET(page->key_row), key && *key);
    gtk_widget_set_visible(page->peers_group,
                           g_list_model_get_n_items(wgw_tunnel_get_peers(page->tunnel)) > 0);
}

static void
update_traffic(WgwTunnelPage *page)
{
    WgwSample sample = wgw_tunnel_get_sample(page->tunnel, 0);
    g_autofree char *rx_rate = wgw_format_rate(sample.rx);
    g_autofree char *tx_rate = wgw_format_rate(sample.tx);
    g_autofree char *rx_total = NULL;
    g_autofree char *tx_total = NULL;
    g_autofree char *rx_text = NULL;
    g_autofree char *tx_text = NULL;
    guint64 rx, tx;

    g_object_get(page->tunnel, "rx-bytes", &rx, "tx-bytes", &tx, NULL);
    rx_total = g_format_size(rx);
    tx_total = g_format_size(tx);
    /* Translators: rate of receiving, then the total: "↓ 1.2 MB/s (34 MB)" */
    rx_text = g_strdup_printf(_("↓ %s (%s)"), rx_rate, rx_total);
    /* Translators: rate of sending, then the total */
    tx_text = g_strdup_printf(_("↑ %s (%s)"), tx_rate, tx_total);
    gtk_label_set_label(page->rx_label, rx_text);
    gtk_label_set_label(page->tx_label, tx_text);
}

static void
on_notify_state(WgwTunnel *tunnel, GParamSpec *pspec, WgwTunnelPage *page)
{
    update_state(page);
}

static void
on_notify_interface(WgwTunnel *tunnel, GParamSpec *pspec, WgwTunnelPage *page)
{
    update_interface(page);
}

/* Name servers are among them. */
static void
on_choices_changed(WgwChoices *choices, WgwTunnelPage *page)
{
    update_interface(page);
}

static void
on_sampled(WgwTunnel *tunnel, WgwTunnelPage *page)
{
    GListModel *peers = wgw_tunnel_get_peers(tunnel);

    update_traffic(page);
    for (GtkWidget *row = gtk_widget_get_first_child(GTK_WIDGET(page->programs)); row;
         row = gtk_widget_get_next_sibling(row))
        if (WGW_IS_PROGRAM_ROW(row))
            wgw_program_row_update(WGW_PROGRAM_ROW(row));
    /* An age changes while nothing happens. */
    for (guint i = 0; i < g_list_model_get_n_items(peers); i++) {
        g_autoptr(WgwPeer) peer = g_list_model_get_item(peers, i);

        g_object_notify(G_OBJECT(peer), "last-handshake");
    }
}

/* ---- What the person does ---- */

static void
on_switched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwTunnelPage) page = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply)
        report(page, error);
    if (page->tunnel)
        update_state(page);
}

static void
on_close_response(AdwMessageDialog *dialog, const char *response, WgwTunnelPage *page)
{
    if (g_str_equal(response, "close") && page->tunnel)
        wgw_client_close(page->client, page->tunnel, TRUE, on_switched, g_object_ref(page));
    else if (page->tunnel)
        update_state(page);
}

static void
ask_to_close(WgwTunnelPage *page, guint n_programs)
{
    GtkWidget *dialog = adw_message_dialog_new(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(page))),
                                               _("Close the Tunnel?"), NULL);

    adw_message_dialog_format_body(ADW_MESSAGE_DIALOG(dialog),
                                   ngettext("%u program still runs in it and will be ended.",
                                            "%u programs still run in it and will be ended.",
                                            n_programs),
                                   n_programs);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "close",
                                     _("_End Programs and Close"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "close",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    /* Escape's: it would be "close". */
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect_object(dialog, "response", G_CALLBACK(on_close_response), page, 0);
    gtk_window_present(GTK_WINDOW(dialog));
}

/* The switch shows what is, not what was asked for: it moves when the service says so. */
static gboolean
on_state_set(GtkSwitch *hold_switch, gboolean on, gpointer user_data)
{
    WgwTunnelPage *page = user_data;
    guint n_programs;

    if (!page->tunnel || on == wgw_tunnel_get_active(page->tunnel))
        return FALSE;
    n_programs = g_list_model_get_n_items(wgw_tunnel_get_programs(page->tunnel));
    if (on)
        wgw_client_open(page->client, page->tunnel, on_switched, g_object_ref(page));
    else if (n_programs > 0)
        ask_to_close(page, n_programs);
    else
        wgw_client_close(page->client, page->tunnel, FALSE, on_switched, g_object_ref(page));
    return TRUE;
}

static void
on_copy_key(GtkButton *button, gpointer user_data)
{
    WgwTunnelPage *page = user_data;
    g_autofree char *key = NULL;

    g_object_get(page->tunnel, "public-key", &key, NULL);
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(page)), key);
    gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s", _("Public key copied"));
}

static void
on_span(GtkToggleButton *short_span, gpointer user_data)
{
    WgwTunnelPage *page = user_data;

    g_object_set(page->graph, "span", gtk_toggle_button_get_active(short_span) ? 60 : 600, NULL);
}

/* ---- Class ---- */

static void
wgw_tunnel_page_dispose(GObject *object)
{
    WgwTunnelPage *page = WGW_TUNNEL_PAGE(object);

    g_clear_object(&page->tunnel_signals);
    g_clear_object(&page->choices_signals);
    g_clear_object(&page->tunnel);
    g_clear_object(&page->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_TUNNEL_PAGE);
    G_OBJECT_CLASS(wgw_tunnel_page_parent_class)->dispose(object);
}

static void
wgw_tunnel_page_class_init(WgwTunnelPageClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_tunnel_page_dispose;
    g_type_ensure(WGW_TYPE_THROUGHPUT_GRAPH);
    g_type_ensure(WGW_TYPE_CHOICES_GROUP);
    g_type_ensure(WGW_TYPE_DATA_GROUP);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/tunnel-page.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, state_row);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, state_icon);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, spinner);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, edit_button);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, hold_switch);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, programs_group);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, programs);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, traffic_group);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, graph);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, rx_label);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, tx_label);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, peers_group);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, peers);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, choices_group);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, data_group);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, addresses_row);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, dns_row);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, mtu_row);
    gtk_widget_class_bind_template_child(widget_class, WgwTunnelPage, key_row);
    gtk_widget_class_bind_template_callback(widget_class, on_state_set);
    gtk_widget_class_bind_template_callback(widget_class, on_copy_key);
    gtk_widget_class_bind_template_callback(widget_class, on_span);
}

static void
wgw_tunnel_page_init(WgwTunnelPage *page)
{
    static const char *const state_properties[] = {"notify::state", "notify::reason",
                                                   "notify::held"};
    static const char *const interface_properties[] = {"notify::addresses", "notify::dns",
                                                       "notify::mtu", "notify::public-key",
                                                       "notify::profile-peers"};

    gtk_widget_init_template(GTK_WIDGET(page));
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(page->state_row), FALSE);
    wgw_forbid_hyphens(GTK_WIDGET(page->key_row));
    /* The group has no title that could name its list. */
    gtk_accessible_update_property(
        GTK_ACCESSIBLE(gtk_widget_get_parent(GTK_WIDGET(page->state_row))),
        GTK_ACCESSIBLE_PROPERTY_LABEL, _("Tunnel"), -1);

    page->tunnel_signals = g_signal_group_new(WGW_TYPE_TUNNEL);
    for (gsize i = 0; i < G_N_ELEMENTS(state_properties); i++)
        g_signal_group_connect(page->tunnel_signals, state_properties[i],
                               G_CALLBACK(on_notify_state), page);
    for (gsize i = 0; i < G_N_ELEMENTS(interface_properties); i++)
        g_signal_group_connect(page->tunnel_signals, interface_properties[i],
                               G_CALLBACK(on_notify_interface), page);
    g_signal_group_connect(page->tunnel_signals, "sampled", G_CALLBACK(on_sampled), page);
    page->choices_signals = g_signal_group_new(WGW_TYPE_CHOICES);
    g_signal_group_connect(page->choices_signals, "changed", G_CALLBACK(on_choices_changed), page);
}

void
wgw_tunnel_page_set_client(WgwTunnelPage *page, WgwClient *client)
{
    g_return_if_fail(WGW_IS_TUNNEL_PAGE(page));

    g_set_object(&page->client, client);
}

void
wgw_tunnel_page_set_tunnel(WgwTunnelPage *page, WgwTunnel *tunnel)
{
    g_return_if_fail(WGW_IS_TUNNEL_PAGE(page));

    if (!g_set_object(&page->tunnel, tunnel))
        return;
    g_signal_group_set_target(page->tunnel_signals, tunnel);
    g_signal_group_set_target(page->choices_signals,
                              tunnel ? wgw_tunnel_get_choices(tunnel) : NULL);
    g_object_set(page->graph, "tunnel", tunnel, NULL);
    wgw_choices_group_set_tunnel(page->choices_group, page->client, tunnel);
    wgw_data_group_set_tunnel(page->data_group, page->client, tunnel);
    gtk_list_box_bind_model(page->programs, tunnel ? wgw_tunnel_get_programs(tunnel) : NULL,
                            create_program_row, page, NULL);
    gtk_list_box_bind_model(page->peers, tunnel ? wgw_tunnel_get_peers(tunnel) : NULL,
                            create_peer_row, page, NULL);
    if (tunnel) {
        update_state(page);
        update_interface(page);
        update_traffic(page);
    }
}

void
wgw_tunnel_page_toggle(WgwTunnelPage *page)
{
    g_return_if_fail(WGW_IS_TUNNEL_PAGE(page));

    if (page->tunnel && gtk_widget_get_sensitive(GTK_WIDGET(page->hold_switch)))
        on_state_set(page->hold_switch, !wgw_tunnel_get_active(page->tunnel), page);
}
