/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/choices-group.h"

#include <glib/gi18n.h>

#include "gui/choices.h"
#include "gui/complaint.h"

struct _WgwChoicesGroup {
    AdwPreferencesGroup parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    GSignalGroup *choices_signals;
    GSignalGroup *tunnel_signals;

    AdwEntryRow *forwarded_row;
    AdwEntryRow *published_row;
    AdwEntryRow *dns_row;
    AdwComboRow *bus_row;
    AdwEntryRow *page_row;
    GtkSwitch *autostart_switch;
    AdwActionRow *problems_row;
};

/* In the order of the row's items. */
static const char *const policies[] = {"", "auto", "private", "shared"};

G_DEFINE_FINAL_TYPE(WgwChoicesGroup, wgw_choices_group, ADW_TYPE_PREFERENCES_GROUP)

static void
complain(WgwChoicesGroup *group, const char *message)
{
    wgw_complain(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(group))), _("This Did Not Work"),
                 message);
}

/* What somebody is writing stays, unless it is of @another tunnel. */
static void
show(AdwEntryRow *row, const char *text, gboolean another)
{
    GtkEditable *editable = GTK_EDITABLE(row);

    if (g_strcmp0(gtk_editable_get_text(editable), text) == 0 ||
        (!another && gtk_widget_has_focus(GTK_WIDGET(gtk_editable_get_delegate(editable)))))
        return;
    /* Or else it would be taken for something to be applied. */
    adw_entry_row_set_show_apply_button(row, FALSE);
    gtk_editable_set_text(editable, text);
    adw_entry_row_set_show_apply_button(row, TRUE);
}

static void
update(WgwChoicesGroup *group, gboolean another)
{
    WgwChoices *choices = wgw_tunnel_get_choices(group->tunnel);
    g_autofree char *forwarded = wgw_choices_dup_forwarded(choices);
    g_autofree char *published = wgw_choices_dup_published(choices);
    g_autofree char *dns = g_strjoinv(", ", (char **)wgw_choices_get_dns(choices));
    g_autofree char *problems = wgw_choices_dup_problems(choices);
    g_auto(GStrv) own_dns = NULL;

    g_object_get(group->tunnel, "dns", &own_dns, NULL);
    show(group->forwarded_row, forwarded, another);
    show(group->published_row, published, another);
    show(group->dns_row, dns, another);
    show(group->page_row, wgw_choices_get_page(choices), another);
    gtk_widget_set_visible(GTK_WIDGET(group->dns_row), !own_dns || !*own_dns);
    for (guint i = 0; i < G_N_ELEMENTS(policies); i++)
        if (g_str_equal(policies[i], wgw_choices_get_bus(choices)))
            adw_combo_row_set_selected(group->bus_row, i);
    gtk_switch_set_active(group->autostart_switch, wgw_choices_get_autostart(choices));
    gtk_switch_set_state(group->autostart_switch, wgw_choices_get_autostart(choices));
    adw_action_row_set_subtitle(group->problems_row, problems ? problems : "");
    gtk_widget_set_visible(GTK_WIDGET(group->problems_row), problems != NULL);
}

static void
on_changed(WgwChoices *choices, WgwChoicesGroup *group)
{
    update(group, FALSE);
}

static void
on_notify_dns(WgwTunnel *tunnel, GParamSpec *pspec, WgwChoicesGroup *group)
{
    update(group, FALSE);
}

static void
on_applied(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwChoicesGroup) group = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply)
        complain(group, error->message);
}

static void
on_told(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwChoicesGroup *group = user_data;

    if (group->tunnel) /* whether or not it was done */
        update(group, FALSE);
    on_applied(source, result, group);
}

static void
on_apply_ports(AdwEntryRow *row, WgwChoicesGroup *group)
{
    g_autoptr(GVariant) forwarded = NULL;
    g_autoptr(GVariant) published = NULL;

    forwarded = wgw_choices_parse_ports(gtk_editable_get_text(GTK_EDITABLE(group->forwarded_row)));
    published = wgw_choices_parse_ports(gtk_editable_get_text(GTK_EDITABLE(group->published_row)));
    if (forwarded)
        g_variant_ref_sink(forwarded);
    if (published)
        g_variant_ref_sink(published);
    if (forwarded && published)
        wgw_client_set_local_ports(group->client, group->tunnel, forwarded, published, on_applied,
                                   g_object_ref(group));
    else
        complain(group, _("Ports are numbers from 1 to 65535, with commas between."));
}

static void
on_apply_dns(AdwEntryRow *row, WgwChoicesGroup *group)
{
    g_auto(GStrv) servers = wgw_choices_split(gtk_editable_get_text(GTK_EDITABLE(row)));

    wgw_client_set_tunnel_dns(group->client, group->tunnel, (const char *const *)servers,
                              on_applied, g_object_ref(group));
}

static void
on_select_bus(AdwComboRow *row, GParamSpec *pspec, WgwChoicesGroup *group)
{
    guint selected = adw_combo_row_get_selected(row);

    if (group->tunnel && selected < G_N_ELEMENTS(policies) &&
        !g_str_equal(policies[selected],
                     wgw_choices_get_bus(wgw_tunnel_get_choices(group->tunnel))))
        wgw_client_set_bus(group->client, group->tunnel, policies[selected], on_told,
                           g_object_ref(group));
}

static void
on_apply_page(AdwEntryRow *row, WgwChoicesGroup *group)
{
    g_autofree char *url = g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(row))));

    wgw_client_set_address_page(group->client, group->tunnel, url, on_applied, g_object_ref(group));
}

/* It moves when the service says so. */
static gboolean
on_set_autostart(GtkSwitch *autostart_switch, gboolean on, WgwChoicesGroup *group)
{
    if (on != wgw_choices_get_autostart(wgw_tunnel_get_choices(group->tunnel)))
        wgw_client_set_autostart(group->client, group->tunnel, on, on_told, g_object_ref(group));
    return TRUE;
}

static void
wgw_choices_group_dispose(GObject *object)
{
    WgwChoicesGroup *group = WGW_CHOICES_GROUP(object);

    g_clear_object(&group->choices_signals);
    g_clear_object(&group->tunnel_signals);
    g_clear_object(&group->tunnel);
    g_clear_object(&group->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_CHOICES_GROUP);
    G_OBJECT_CLASS(wgw_choices_group_parent_class)->dispose(object);
}

static void
wgw_choices_group_class_init(WgwChoicesGroupClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_choices_group_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/choices-group.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, forwarded_row);
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, published_row);
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, dns_row);
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, bus_row);
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, page_row);
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, autostart_switch);
    gtk_widget_class_bind_template_child(widget_class, WgwChoicesGroup, problems_row);
    gtk_widget_class_bind_template_callback(widget_class, on_apply_ports);
    gtk_widget_class_bind_template_callback(widget_class, on_apply_dns);
    gtk_widget_class_bind_template_callback(widget_class, on_select_bus);
    gtk_widget_class_bind_template_callback(widget_class, on_apply_page);
    gtk_widget_class_bind_template_callback(widget_class, on_set_autostart);
}

/* libadwaita 1.2 gives a row's button for applying no name. */
static void
name_buttons(GtkWidget *widget)
{
    if (GTK_IS_BUTTON(widget))
        gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       _("Apply"), -1);
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
         child = gtk_widget_get_next_sibling(child))
        name_buttons(child);
}

static void
wgw_choices_group_init(WgwChoicesGroup *group)
{
    gtk_widget_init_template(GTK_WIDGET(group));
    name_buttons(GTK_WIDGET(group));
    group->choices_signals = g_signal_group_new(WGW_TYPE_CHOICES);
    g_signal_group_connect(group->choices_signals, "changed", G_CALLBACK(on_changed), group);
    group->tunnel_signals = g_signal_group_new(WGW_TYPE_TUNNEL);
    g_signal_group_connect(group->tunnel_signals, "notify::dns", G_CALLBACK(on_notify_dns), group);
}

void
wgw_choices_group_set_tunnel(WgwChoicesGroup *group, WgwClient *client, WgwTunnel *tunnel)
{
    g_return_if_fail(WGW_IS_CHOICES_GROUP(group));

    g_set_object(&group->client, client);
    g_set_object(&group->tunnel, tunnel);
    g_signal_group_set_target(group->choices_signals,
                              tunnel ? wgw_tunnel_get_choices(tunnel) : NULL);
    g_signal_group_set_target(group->tunnel_signals, tunnel);
    if (tunnel)
        update(group, TRUE);
}
