/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/preferences-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "dbus/names.h"
#include "gui/complaint.h"
#include "gui/data-group.h"
#include "gui/escape.h"

#define WGW_TYPE_PREFERENCES_WINDOW (wgw_preferences_window_get_type())
G_DECLARE_FINAL_TYPE(
    WgwPreferencesWindow, wgw_preferences_window, WGW, PREFERENCES_WINDOW, AdwPreferencesWindow)

struct _WgwPreferencesWindow {
    AdwPreferencesWindow parent_instance;

    WgwClient *client;
    GSettings *settings;
    char *default_name;
    GSimpleAction *bus;
    GtkCheckButton *leader; /* unseen: a single row, too, is of a group and cannot be unchosen */

    GtkSwitch *notifications;
    GtkSpinButton *linger;
    GtkListBox *tunnels;
    WgwDataGroup *data_group;
};

G_DEFINE_FINAL_TYPE(WgwPreferencesWindow, wgw_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static void
on_set(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwPreferencesWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply)
        wgw_complain(GTK_WINDOW(window), _("This Did Not Work"), error->message);
}

static void
on_toggled(GtkCheckButton *button, WgwPreferencesWindow *window)
{
    WgwTunnel *tunnel = g_object_get_data(G_OBJECT(button), "tunnel");

    if (gtk_check_button_get_active(button))
        wgw_client_set_setting(window->client, "DefaultProfile",
                               g_variant_new_string(wgw_tunnel_get_name(tunnel)), on_set,
                               g_object_ref(window));
}

static GtkWidget *
create_tunnel_row(gpointer item, gpointer user_data)
{
    WgwPreferencesWindow *window = user_data;
    const char *name = wgw_tunnel_get_name(item);
    GtkWidget *row = adw_action_row_new();
    GtkWidget *button = gtk_check_button_new();

    gtk_check_button_set_group(GTK_CHECK_BUTTON(button), window->leader);
    gtk_check_button_set_active(GTK_CHECK_BUTTON(button),
                                g_strcmp0(name, window->default_name) == 0);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_object_set_data_full(G_OBJECT(button), "tunnel", g_object_ref(item), g_object_unref);
    g_signal_connect_object(button, "toggled", G_CALLBACK(on_toggled), window, 0);
    adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), name);
    adw_action_row_add_prefix(ADW_ACTION_ROW(row), button);
    adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), button);
    return row;
}

static void
on_bus(GSimpleAction *action, GVariant *value, gpointer user_data)
{
    WgwPreferencesWindow *window = user_data;

    g_simple_action_set_state(action, value);
    wgw_client_set_setting(window->client, "DefaultBus", value, on_set, g_object_ref(window));
}

static void
on_linger(GtkSpinButton *button, WgwPreferencesWindow *window)
{
    wgw_client_set_setting(window->client, "DefaultLinger",
                           g_variant_new_uint32((guint)gtk_spin_button_get_value_as_int(button)),
                           on_set, g_object_ref(window));
}

static void
on_settings(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwPreferencesWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(GVariant) settings = NULL;
    const char *bus = "";
    guint linger = 0;

    if (!window->client) /* closed meanwhile */
        return;
    if (!reply) {
        wgw_complain(GTK_WINDOW(window), _("This Did Not Work"), error->message);
        return;
    }
    settings = g_variant_get_child_value(reply, 0);
    g_variant_lookup(settings, "DefaultProfile", "s", &window->default_name);
    g_variant_lookup(settings, "DefaultBus", "&s", &bus);
    g_variant_lookup(settings, "DefaultLinger", "u", &linger);
    g_simple_action_set_state(window->bus, g_variant_new_string(bus));
    g_simple_action_set_enabled(window->bus, TRUE);
    gtk_spin_button_set_value(window->linger, linger);
    gtk_widget_set_sensitive(GTK_WIDGET(window->linger), TRUE);
    g_signal_connect_object(window->linger, "value-changed", G_CALLBACK(on_linger), window, 0);
    gtk_list_box_bind_model(window->tunnels, wgw_client_get_tunnels(window->client),
                            create_tunnel_row, window, NULL);
}

static void
wgw_preferences_window_dispose(GObject *object)
{
    WgwPreferencesWindow *window = WGW_PREFERENCES_WINDOW(object);

    g_clear_object(&window->leader);
    g_clear_object(&window->bus);
    g_clear_object(&window->settings);
    g_clear_object(&window->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_PREFERENCES_WINDOW);
    G_OBJECT_CLASS(wgw_preferences_window_parent_class)->dispose(object);
}

static void
wgw_preferences_window_finalize(GObject *object)
{
    g_free(WGW_PREFERENCES_WINDOW(object)->default_name);
    G_OBJECT_CLASS(wgw_preferences_window_parent_class)->finalize(object);
}

static void
wgw_preferences_window_class_init(WgwPreferencesWindowClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_preferences_window_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_preferences_window_finalize;
    g_type_ensure(WGW_TYPE_DATA_GROUP);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/preferences-window.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, notifications);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, linger);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, tunnels);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, data_group);
}

static void
wgw_preferences_window_init(WgwPreferencesWindow *window)
{
    g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();
    g_autoptr(GAction) color_scheme = NULL;

    window->leader = GTK_CHECK_BUTTON(g_object_ref_sink(gtk_check_button_new()));
    window->settings = g_settings_new(WGW_APPLICATION_ID);
    color_scheme = g_settings_create_action(window->settings, "color-scheme");
    g_action_map_add_action(G_ACTION_MAP(group), color_scheme);
    /* What the service has is known when it has answered. */
    window->bus =
        g_simple_action_new_stateful("bus", G_VARIANT_TYPE_STRING, g_variant_new_string(""));
    g_simple_action_set_enabled(window->bus, FALSE);
    g_signal_connect_object(window->bus, "change-state", G_CALLBACK(on_bus), window, 0);
    g_action_map_add_action(G_ACTION_MAP(group), G_ACTION(window->bus));
    gtk_widget_insert_action_group(GTK_WIDGET(window), "settings", G_ACTION_GROUP(group));
    gtk_widget_init_template(GTK_WIDGET(window));
    g_settings_bind(window->settings, "notifications", window->notifications, "active",
                    G_SETTINGS_BIND_DEFAULT);
}

void
wgw_preferences_window_present(GtkWindow *parent, WgwClient *client)
{
    WgwPreferencesWindow *window =
        g_object_new(WGW_TYPE_PREFERENCES_WINDOW, "transient-for", parent, NULL);

    window->client = g_object_ref(client);
    wgw_close_by_escape(GTK_WINDOW(window));
    gtk_window_present(GTK_WINDOW(window));
    wgw_data_group_set_removed(window->data_group, client);
    wgw_client_get_settings(client, on_settings, g_object_ref(window));
}
