/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/preferences-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "dbus/names.h"
#include "gui/complaint.h"
#include "gui/data-group.h"
#include "gui/escape.h"
#include "gui/link-page.h"

#define WGW_TYPE_PREFERENCES_WINDOW (wgw_preferences_window_get_type())
G_DECLARE_FINAL_TYPE(
    WgwPreferencesWindow, wgw_preferences_window, WGW, PREFERENCES_WINDOW, AdwPreferencesWindow)

struct _WgwPreferencesWindow {
    AdwPreferencesWindow parent_instance;

    WgwClient *client;
    GSettings *settings;
    char *default_name; /* of a profile; NULL until the service has answered */
    int default_linger;
    GSimpleAction *bus;
    AdwToast *toast;        /* that the service has gone; NULL: it has not */
    GtkCheckButton *leader; /* unseen: a single row, too, is of a group and cannot be unchosen */

    GtkSwitch *notifications;
    GtkSpinButton *linger;
    GtkListBox *tunnels;
    WgwDataGroup *data_group;
    WgwLinkPage *links;
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

    if (gtk_check_button_get_active(button) &&
        g_strcmp0(wgw_tunnel_get_name(tunnel), window->default_name) != 0)
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
    g_object_set_data(G_OBJECT(row), "button", button);
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
    if (gtk_spin_button_get_value_as_int(button) == window->default_linger)
        return;
    window->default_linger = gtk_spin_button_get_value_as_int(button);
    wgw_client_set_setting(window->client, "DefaultLinger",
                           g_variant_new_uint32((guint)gtk_spin_button_get_value_as_int(button)),
                           on_set, g_object_ref(window));
}

/* By name, as wherever a tunnel is chosen. */
static void
fill_tunnels(WgwPreferencesWindow *window)
{
    GtkExpression *name = gtk_property_expression_new(WGW_TYPE_TUNNEL, NULL, "name");
    g_autoptr(GtkSortListModel) tunnels =
        gtk_sort_list_model_new(g_object_ref(wgw_client_get_tunnels(window->client)),
                                GTK_SORTER(gtk_string_sorter_new(name)));

    gtk_list_box_bind_model(window->tunnels, G_LIST_MODEL(tunnels), create_tunnel_row, window,
                            NULL);
}

/* What is the service's, as it has it now; what was shown before may have been changed elsewhere. */
static void
show(WgwPreferencesWindow *window, GVariant *settings)
{
    g_autoptr(GVariant) rules =
        g_variant_lookup_value(settings, "LinkRules", G_VARIANT_TYPE("a{ss}"));
    gboolean first = !window->default_name;
    const char *bus = "";
    guint linger = 0;
    GtkListBoxRow *row;

    g_clear_pointer(&window->default_name, g_free);
    g_variant_lookup(settings, "DefaultProfile", "s", &window->default_name);
    g_variant_lookup(settings, "DefaultBus", "&s", &bus);
    g_variant_lookup(settings, "DefaultLinger", "u", &linger);
    g_simple_action_set_state(window->bus, g_variant_new_string(bus));
    window->default_linger = (int)linger;
    gtk_spin_button_set_value(window->linger, linger);
    if (rules)
        wgw_link_page_set_rules(window->links, rules);
    if (first)
        fill_tunnels(window);
    for (int i = 0; (row = gtk_list_box_get_row_at_index(window->tunnels, i)); i++) {
        GtkCheckButton *button = g_object_get_data(G_OBJECT(row), "button");
        WgwTunnel *tunnel = g_object_get_data(G_OBJECT(button), "tunnel");

        gtk_check_button_set_active(
            button, g_strcmp0(wgw_tunnel_get_name(tunnel), window->default_name) == 0);
    }
}

static void
set_sensitive(WgwPreferencesWindow *window, gboolean sensitive)
{
    g_simple_action_set_enabled(window->bus, sensitive);
    gtk_widget_set_sensitive(GTK_WIDGET(window->linger), sensitive);
    gtk_widget_set_sensitive(GTK_WIDGET(window->tunnels), sensitive);
    gtk_widget_set_sensitive(GTK_WIDGET(window->links), sensitive);
}

static void
on_settings(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwPreferencesWindow) window = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(GVariant) settings = NULL;

    if (!window->client) /* closed meanwhile */
        return;
    if (!reply) {
        /* A service that has gone is told by its own line, and asked again when it is back. */
        if (!wgw_client_get_error(window->client))
            wgw_complain(GTK_WINDOW(window), _("This Did Not Work"), error->message);
        return;
    }
    settings = g_variant_get_child_value(reply, 0);
    show(window, settings);
    set_sensitive(window, TRUE);
}

static void
on_reload(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    WgwPreferencesWindow *window = user_data;

    wgw_client_get_settings(window->client, on_settings, g_object_ref(window));
}

static void
on_dismissed(AdwToast *toast, WgwPreferencesWindow *window)
{
    g_clear_object(&window->toast);
}

static void
on_error(WgwClient *client, GParamSpec *pspec, WgwPreferencesWindow *window)
{
    const char *error = wgw_client_get_error(client);
    GtkWidget *label;

    if (!error) {
        if (window->toast)
            adw_toast_dismiss(window->toast);
        on_reload(NULL, NULL, window);
        return;
    }
    set_sensitive(window, FALSE);
    if (window->toast)
        return;
    /* A title has but one line. */
    label = gtk_label_new(error);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    window->toast = g_object_ref_sink(adw_toast_new(""));
    adw_toast_set_custom_title(window->toast, label);
    adw_toast_set_timeout(window->toast, 0);
    adw_toast_set_button_label(window->toast, _("_Start Again"));
    adw_toast_set_action_name(window->toast, "settings.reload");
    g_signal_connect_object(window->toast, "dismissed", G_CALLBACK(on_dismissed), window, 0);
    adw_preferences_window_add_toast(ADW_PREFERENCES_WINDOW(window), g_object_ref(window->toast));
}

/* Who comes back from elsewhere may have changed it there. */
static void
on_active(GtkWindow *gtk_window, GParamSpec *pspec, gpointer user_data)
{
    WgwPreferencesWindow *window = WGW_PREFERENCES_WINDOW(gtk_window);

    if (gtk_window_is_active(gtk_window) && !wgw_client_get_error(window->client))
        on_reload(NULL, NULL, window);
}

/* What marks a page in its button is bound to that button. It may outlive the button, of the page that was
 * clicked on last, and then GTK 4.8 uses an expression that it has just freed: the marks go first, and what
 * binds them. */
static void
remove_marks(GtkWidget *widget)
{
    GtkWidget *next;

    for (GtkWidget *child = gtk_widget_get_first_child(widget); child; child = next) {
        next = gtk_widget_get_next_sibling(child);
        if (GTK_IS_BOX(widget) && g_str_equal(G_OBJECT_TYPE_NAME(child), "AdwIndicatorBin")) {
            g_autoptr(GtkWidget) mark = g_object_ref(child);

            gtk_box_remove(GTK_BOX(widget), mark);
            g_object_run_dispose(G_OBJECT(mark));
            g_object_set_data(G_OBJECT(mark), "gtk-expression-binds", NULL);
        } else {
            remove_marks(child);
        }
    }
}

static void
wgw_preferences_window_dispose(GObject *object)
{
    WgwPreferencesWindow *window = WGW_PREFERENCES_WINDOW(object);

    /* For its search libadwaita 1.2 takes a reference to each group and never gives it back: the list
     * outlives the window, which it would ask for the row of a tunnel that comes. */
    if (window->tunnels)
        gtk_list_box_bind_model(window->tunnels, NULL, NULL, NULL, NULL);
    remove_marks(GTK_WIDGET(window));
    g_clear_object(&window->toast);
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
    g_type_ensure(WGW_TYPE_LINK_PAGE);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/preferences-window.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, notifications);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, linger);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, tunnels);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, data_group);
    gtk_widget_class_bind_template_child(widget_class, WgwPreferencesWindow, links);
}

static void
wgw_preferences_window_init(WgwPreferencesWindow *window)
{
    g_autoptr(GSimpleActionGroup) group = g_simple_action_group_new();
    g_autoptr(GAction) color_scheme = NULL;
    g_autoptr(GSimpleAction) reload = NULL;

    window->leader = GTK_CHECK_BUTTON(g_object_ref_sink(gtk_check_button_new()));
    window->settings = g_settings_new(WGW_APPLICATION_ID);
    color_scheme = g_settings_create_action(window->settings, "color-scheme");
    g_action_map_add_action(G_ACTION_MAP(group), color_scheme);
    reload = g_simple_action_new("reload", NULL);
    g_signal_connect_object(reload, "activate", G_CALLBACK(on_reload), window, 0);
    g_action_map_add_action(G_ACTION_MAP(group), G_ACTION(reload));
    /* What the service has is known when it has answered. */
    window->bus =
        g_simple_action_new_stateful("bus", G_VARIANT_TYPE_STRING, g_variant_new_string(""));
    g_signal_connect_object(window->bus, "change-state", G_CALLBACK(on_bus), window, 0);
    g_action_map_add_action(G_ACTION_MAP(group), G_ACTION(window->bus));
    gtk_widget_insert_action_group(GTK_WIDGET(window), "settings", G_ACTION_GROUP(group));
    gtk_widget_init_template(GTK_WIDGET(window));
    g_settings_bind(window->settings, "notifications", window->notifications, "active",
                    G_SETTINGS_BIND_DEFAULT);
    g_signal_connect_object(window->linger, "value-changed", G_CALLBACK(on_linger), window, 0);
    g_signal_connect(window, "notify::is-active", G_CALLBACK(on_active), NULL);
    set_sensitive(window, FALSE);
}

void
wgw_preferences_window_present(GtkWindow *parent, WgwClient *client)
{
    WgwPreferencesWindow *window =
        g_object_new(WGW_TYPE_PREFERENCES_WINDOW, "transient-for", parent, NULL);

    window->client = g_object_ref(client);
    wgw_link_page_set_client(window->links, client);
    wgw_close_by_escape(GTK_WINDOW(window));
    g_signal_connect_object(client, "notify::error", G_CALLBACK(on_error), window, 0);
    on_error(client, NULL, window);
    gtk_window_present(GTK_WINDOW(window));
    wgw_data_group_set_removed(window->data_group, client);
}
