/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/launch-details.h"

#include <glib/gi18n.h>

#include "gui/complaint.h"
#include "gui/launch-plan.h"

struct _WgwLaunchDetails {
    AdwBin parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    WgwInstalledApp *app;

    AdwPreferencesRow *app_row;
    GtkImage *icon;
    GtkWidget *launch_button;
    AdwActionRow *apart_row;
    AdwActionRow *recipe_row;
    AdwActionRow *copy_row;
    AdwActionRow *launcher_row;
    GtkSwitch *launcher_switch;
};

G_DEFINE_FINAL_TYPE(WgwLaunchDetails, wgw_launch_details, ADW_TYPE_BIN)

static void
show_launcher(WgwLaunchDetails *details, gboolean exists)
{
    gtk_switch_set_active(details->launcher_switch, exists);
    gtk_switch_set_state(details->launcher_switch, exists);
    gtk_widget_set_sensitive(GTK_WIDGET(details->launcher_switch), TRUE);
}

static void
on_described(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLaunchDetails) details = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(WgwLaunchPlan) plan = reply ? wgw_launch_plan_new(reply) : NULL;

    if (!plan) {
        adw_action_row_set_subtitle(details->apart_row, error->message);
        return;
    }
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(details->apart_row),
                                  wgw_launch_plan_get_title(plan));
    adw_action_row_set_subtitle(details->apart_row, wgw_launch_plan_get_words(plan));
    adw_action_row_set_subtitle(details->recipe_row, plan->recipe);
    gtk_widget_set_visible(GTK_WIDGET(details->recipe_row), *plan->recipe != '\0');
    adw_action_row_set_subtitle(details->copy_row, wgw_launch_plan_get_copy_words(plan));
    gtk_widget_set_visible(GTK_WIDGET(details->copy_row), plan->running_outside);
    show_launcher(details, plan->has_launcher);
}

static void
describe(WgwLaunchDetails *details)
{
    wgw_client_describe_launch(details->client, details->tunnel,
                               wgw_installed_app_get_id(details->app), on_described,
                               g_object_ref(details));
}

/* The switch follows what there is, whether it was made or not. */
static void
on_launcher_changed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLaunchDetails) details = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(details));

    if (!reply && root)
        wgw_complain(GTK_WINDOW(root), _("This Did Not Work"), error->message);
    if (details->client)
        describe(details);
}

static gboolean
on_launcher_set(GtkSwitch *launcher_switch, gboolean on, gpointer user_data)
{
    WgwLaunchDetails *details = user_data;

    if (on == gtk_switch_get_state(launcher_switch))
        return FALSE;
    gtk_widget_set_sensitive(GTK_WIDGET(launcher_switch), FALSE);
    wgw_client_set_launcher(details->client, details->tunnel,
                            wgw_installed_app_get_id(details->app), on, on_launcher_changed,
                            g_object_ref(details));
    return TRUE;
}

static void
wgw_launch_details_dispose(GObject *object)
{
    WgwLaunchDetails *details = WGW_LAUNCH_DETAILS(object);

    g_clear_object(&details->app);
    g_clear_object(&details->tunnel);
    g_clear_object(&details->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_LAUNCH_DETAILS);
    G_OBJECT_CLASS(wgw_launch_details_parent_class)->dispose(object);
}

static void
wgw_launch_details_class_init(WgwLaunchDetailsClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_launch_details_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/launch-details.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, app_row);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, icon);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, launch_button);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, apart_row);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, recipe_row);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, copy_row);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, launcher_row);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDetails, launcher_switch);
    gtk_widget_class_bind_template_callback(widget_class, on_launcher_set);
}

static void
wgw_launch_details_init(WgwLaunchDetails *details)
{
    gtk_widget_init_template(GTK_WIDGET(details));
    /* The group has no title that could name its list. */
    gtk_accessible_update_property(
        GTK_ACCESSIBLE(gtk_widget_get_parent(GTK_WIDGET(details->app_row))),
        GTK_ACCESSIBLE_PROPERTY_LABEL, _("Application"), -1);
}

void
wgw_launch_details_show(WgwLaunchDetails *details,
                        WgwClient *client,
                        WgwTunnel *tunnel,
                        WgwInstalledApp *app)
{
    const char *name = wgw_installed_app_get_name(app);
    /* Translators: an application and a tunnel, as among the desktop's applications: "Firefox (work)" */
    g_autofree char *entry =
        g_strdup_printf(_("“%s (%s)” among your applications"), name, wgw_tunnel_get_name(tunnel));

    g_return_if_fail(WGW_IS_LAUNCH_DETAILS(details));

    g_set_object(&details->client, client);
    g_set_object(&details->tunnel, tunnel);
    g_set_object(&details->app, app);
    gtk_image_set_from_gicon(details->icon, wgw_installed_app_get_icon(app));
    adw_preferences_row_set_title(details->app_row, name);
    gtk_actionable_set_action_target(GTK_ACTIONABLE(details->launch_button), "s",
                                     wgw_installed_app_get_id(app));
    gtk_actionable_set_action_name(GTK_ACTIONABLE(details->launch_button), "launch.app");
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(details->apart_row), "");
    adw_action_row_set_subtitle(details->apart_row, "");
    gtk_widget_set_visible(GTK_WIDGET(details->recipe_row), FALSE);
    gtk_widget_set_visible(GTK_WIDGET(details->copy_row), FALSE);
    adw_action_row_set_subtitle(details->launcher_row, entry);
    gtk_widget_set_sensitive(GTK_WIDGET(details->launcher_switch), FALSE);
    describe(details);
}
