/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/app-row.h"

#include <glib/gi18n.h>

#include "gui/app-list.h"

struct _WgwAppRow {
    GtkBox parent_instance;

    GSettings *settings;
    WgwInstalledApp *app;

    GtkImage *icon;
    GtkLabel *name;
    GtkWidget *recent;
    GtkToggleButton *star;
    GtkWidget *details;
};

G_DEFINE_FINAL_TYPE(WgwAppRow, wgw_app_row, GTK_TYPE_BOX)

static void
show_star(WgwAppRow *row, gboolean favourite)
{
    gtk_button_set_icon_name(GTK_BUTTON(row->star),
                             favourite ? "starred-symbolic" : "non-starred-symbolic");
}

static void
on_star(GtkToggleButton *star, gpointer user_data)
{
    WgwAppRow *row = user_data;
    gboolean favourite = gtk_toggle_button_get_active(star);

    show_star(row, favourite);
    if (!row->app || favourite == wgw_installed_app_get_favourite(row->app))
        return;
    wgw_installed_app_set_favourite(row->app, favourite);
    wgw_app_list_set_favourite(row->settings, wgw_installed_app_get_id(row->app), favourite);
}

static void
wgw_app_row_dispose(GObject *object)
{
    WgwAppRow *row = WGW_APP_ROW(object);

    g_clear_object(&row->app);
    g_clear_object(&row->settings);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_APP_ROW);
    G_OBJECT_CLASS(wgw_app_row_parent_class)->dispose(object);
}

static void
wgw_app_row_class_init(WgwAppRowClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_app_row_dispose;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/app-row.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwAppRow, icon);
    gtk_widget_class_bind_template_child(widget_class, WgwAppRow, name);
    gtk_widget_class_bind_template_child(widget_class, WgwAppRow, recent);
    gtk_widget_class_bind_template_child(widget_class, WgwAppRow, star);
    gtk_widget_class_bind_template_child(widget_class, WgwAppRow, details);
    gtk_widget_class_bind_template_callback(widget_class, on_star);
}

static void
wgw_app_row_init(WgwAppRow *row)
{
    gtk_widget_init_template(GTK_WIDGET(row));
}

WgwAppRow *
wgw_app_row_new(GSettings *settings)
{
    WgwAppRow *row = g_object_new(WGW_TYPE_APP_ROW, NULL);

    row->settings = g_object_ref(settings);
    return row;
}

/* Takes @label. */
static void
set_label(gpointer widget, char *label)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                   -1);
    g_free(label);
}

void
wgw_app_row_set_app(WgwAppRow *row, WgwInstalledApp *app)
{
    const char *name;

    g_set_object(&row->app, app);
    if (!app)
        return;
    name = wgw_installed_app_get_name(app);
    gtk_image_set_from_gicon(row->icon, wgw_installed_app_get_icon(app));
    gtk_label_set_label(row->name, name);
    gtk_widget_set_visible(row->recent, wgw_installed_app_get_rank(app) >= 0);
    gtk_toggle_button_set_active(row->star, wgw_installed_app_get_favourite(app));
    show_star(row, wgw_installed_app_get_favourite(app));
    /* Translators: a star that makes an application a favourite */
    set_label(row->star, g_strdup_printf(_("%s is a favourite"), name));
    set_label(row->details, g_strdup_printf(_("How %s is launched"), name));
    gtk_actionable_set_action_target(GTK_ACTIONABLE(row->details), "s",
                                     wgw_installed_app_get_id(app));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(row->details), "launch.details");
}
