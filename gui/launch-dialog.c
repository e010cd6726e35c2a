/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* An application is looked at before it is launched: the person decides where a copy outside might take
 * it over. What becomes of it after that is for the window to tell. */

#include "gui/launch-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "dbus/names.h"
#include "gui/app-list.h"
#include "gui/app-row.h"
#include "gui/complaint.h"
#include "gui/launch-details.h"
#include "gui/launch-plan.h"
#include "gui/row-name.h"

#define WGW_TYPE_LAUNCH_DIALOG (wgw_launch_dialog_get_type())
G_DECLARE_FINAL_TYPE(WgwLaunchDialog, wgw_launch_dialog, WGW, LAUNCH_DIALOG, AdwWindow)

struct _WgwLaunchDialog {
    AdwWindow parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    GSettings *settings;
    GtkFilter *filter;
    GListModel *apps;     /* WgwInstalledApp, all of them */
    WgwInstalledApp *app; /* that is being launched, or NULL */
    char *what;           /* that is being launched, for people */

    AdwWindowTitle *title;
    GtkWidget *back_button;
    GtkStack *stack;
    GtkEditable *entry;
    GtkListView *list;
    GtkWidget *nothing;
    GtkEditable *command;
    GtkWidget *command_button;
    GtkEditable *address;
    GtkWidget *address_button;
    WgwLaunchDetails *details;
};

G_DEFINE_FINAL_TYPE(WgwLaunchDialog, wgw_launch_dialog, ADW_TYPE_WINDOW)

/* ---- The list ---- */

static gboolean
matches(gpointer item, gpointer user_data)
{
    WgwLaunchDialog *dialog = user_data;

    return wgw_installed_app_matches(item, gtk_editable_get_text(dialog->entry));
}

static void
on_setup(GtkListItemFactory *factory, GtkListItem *item, WgwLaunchDialog *dialog)
{
    gtk_list_item_set_child(item, GTK_WIDGET(wgw_app_row_new(dialog->settings)));
}

static void
on_bind(GtkListItemFactory *factory, GtkListItem *item, WgwLaunchDialog *dialog)
{
    WgwInstalledApp *app = gtk_list_item_get_item(item);

    wgw_app_row_set_app(WGW_APP_ROW(gtk_list_item_get_child(item)), app);
    wgw_row_name(item, wgw_installed_app_get_name(app), NULL);
}

static void
on_unbind(GtkListItemFactory *factory, GtkListItem *item, WgwLaunchDialog *dialog)
{
    wgw_app_row_set_app(WGW_APP_ROW(gtk_list_item_get_child(item)), NULL);
}

/* (transfer none), NULL if there is none. */
static WgwInstalledApp *
find_app(WgwLaunchDialog *dialog, const char *id)
{
    for (guint i = 0; i < g_list_model_get_n_items(dialog->apps); i++) {
        g_autoptr(WgwInstalledApp) app = g_list_model_get_item(dialog->apps, i);

        if (g_strcmp0(wgw_installed_app_get_id(app), id) == 0)
            return app;
    }
    return NULL;
}

/* ---- Launching ---- */

/* Takes @what. */
static void
begin(WgwLaunchDialog *dialog, char *what)
{
    g_free(dialog->what);
    dialog->what = what;
    gtk_widget_set_sensitive(GTK_WIDGET(dialog), FALSE);
}

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLaunchDialog) dialog = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autofree char *said = NULL;

    if (!dialog->client) /* closed meanwhile */
        return;
    gtk_widget_set_sensitive(GTK_WIDGET(dialog), TRUE);
    if (!reply) {
        wgw_complain(GTK_WINDOW(dialog), _("The Program Was Not Launched"), error->message);
        return;
    }
    if (dialog->app)
        wgw_app_list_note_launch(dialog->settings, wgw_installed_app_get_id(dialog->app));
    /* Translators: a program, a command or a web address, and a tunnel */
    said = g_strdup_printf(_("%s was launched in “%s”"), dialog->what,
                           wgw_tunnel_get_name(dialog->tunnel));
    gtk_widget_activate_action(GTK_WIDGET(gtk_window_get_transient_for(GTK_WINDOW(dialog))),
                               "win.say", "s", said);
    gtk_window_close(GTK_WINDOW(dialog));
}

/* The new window's right to the focus. (transfer full), NULL where the display has no such thing. */
static char *
dup_activation_token(WgwLaunchDialog *dialog)
{
    g_autoptr(GdkAppLaunchContext) context =
        gdk_display_get_app_launch_context(gtk_widget_get_display(GTK_WIDGET(dialog)));

    return g_app_launch_context_get_startup_notify_id(
        G_APP_LAUNCH_CONTEXT(context), wgw_installed_app_get_info(dialog->app), NULL);
}

static void
launch(WgwLaunchDialog *dialog)
{
    g_autofree char *token = dup_activation_token(dialog);

    wgw_client_launch_app(dialog->client, dialog->tunnel, wgw_installed_app_get_id(dialog->app),
                          token, on_launched, g_object_ref(dialog));
}

static void
on_answer(AdwMessageDialog *question, const char *response, WgwLaunchDialog *dialog)
{
    if (g_str_equal(response, "launch"))
        launch(dialog);
    else
        gtk_widget_set_sensitive(GTK_WIDGET(dialog), TRUE);
}

/* What could not be described is launched: the answer says why that does not work either. */
static void
on_described(GObject *source, GAsyncResult *result, gpointer user_data)
{
    static const WgwAnswer answers[] = {
        {"launch", N_("_Launch Anyway"), ADW_RESPONSE_DESTRUCTIVE},
        {"cancel", N_("_Cancel"), ADW_RESPONSE_DEFAULT},
    };
    g_autoptr(WgwLaunchDialog) dialog = user_data;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, NULL);
    g_autoptr(WgwLaunchPlan) plan = reply ? wgw_launch_plan_new(reply) : NULL;
    g_autofree char *heading = NULL;

    if (!dialog->client) /* closed meanwhile */
        return;
    if (!plan || !wgw_launch_plan_is_risky(plan)) {
        launch(dialog);
        return;
    }
    heading = g_strdup_printf(_("A Copy of %s Runs Outside the Tunnel"), dialog->what);
    wgw_ask(GTK_WINDOW(dialog), heading, wgw_launch_plan_get_copy_words(plan), answers,
            G_N_ELEMENTS(answers), G_CALLBACK(on_answer));
}

static void
begin_app(WgwLaunchDialog *dialog, WgwInstalledApp *app)
{
    g_set_object(&dialog->app, app);
    begin(dialog, g_strdup(wgw_installed_app_get_name(app)));
    wgw_client_describe_launch(dialog->client, dialog->tunnel, wgw_installed_app_get_id(app),
                               on_described, g_object_ref(dialog));
}

static void
run_command(WgwLaunchDialog *dialog, const char *text)
{
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_shell_parse_argv(text, NULL, &argv, &error)) {
        wgw_complain(GTK_WINDOW(dialog), _("The Program Was Not Launched"), error->message);
        return;
    }
    g_clear_object(&dialog->app);
    begin(dialog, g_path_get_basename(argv[0]));
    wgw_client_launch(dialog->client, dialog->tunnel, (const char *const *)argv, NULL, on_launched,
                      g_object_ref(dialog));
}

/* Without a scheme it is one of the web. */
static void
open_address(WgwLaunchDialog *dialog, const char *text)
{
    g_autofree char *address =
        strstr(text, "://") ? g_strdup(text) : g_strconcat("https://", text, NULL);

    g_clear_object(&dialog->app);
    begin(dialog, g_strdup(address));
    wgw_client_open_uri(dialog->client, dialog->tunnel, address, NULL, on_launched,
                        g_object_ref(dialog));
}

/* ---- What the person does ---- */

static void
on_activate(GtkListView *list, guint position, WgwLaunchDialog *dialog)
{
    g_autoptr(WgwInstalledApp) app =
        g_list_model_get_item(G_LIST_MODEL(gtk_list_view_get_model(list)), position);

    begin_app(dialog, app);
}

static void
on_search(GtkEditable *entry, WgwLaunchDialog *dialog)
{
    GListModel *model = G_LIST_MODEL(gtk_list_view_get_model(dialog->list));

    gtk_filter_changed(dialog->filter, GTK_FILTER_CHANGE_DIFFERENT);
    gtk_widget_set_visible(dialog->nothing, g_list_model_get_n_items(model) == 0);
}

/* Return takes the first application that matches, else runs what was typed. */
static void
on_search_activate(GtkSearchEntry *entry, WgwLaunchDialog *dialog)
{
    GListModel *model = G_LIST_MODEL(gtk_list_view_get_model(dialog->list));
    const char *text = gtk_editable_get_text(dialog->entry);

    if (g_list_model_get_n_items(model) > 0)
        on_activate(dialog->list, 0, dialog);
    else if (strstr(text, "://"))
        open_address(dialog, text);
    else if (*text)
        run_command(dialog, text);
}

static void
on_typed(GtkEditable *row, GtkWidget *button)
{
    gtk_widget_set_sensitive(button, *gtk_editable_get_text(row) != '\0');
}

static void
on_run_command(GtkWidget *widget, gpointer user_data)
{
    WgwLaunchDialog *dialog = user_data;

    if (gtk_widget_get_sensitive(dialog->command_button))
        run_command(dialog, gtk_editable_get_text(dialog->command));
}

static void
on_open_address(GtkWidget *widget, gpointer user_data)
{
    WgwLaunchDialog *dialog = user_data;

    if (gtk_widget_get_sensitive(dialog->address_button))
        open_address(dialog, gtk_editable_get_text(dialog->address));
}

static void
app_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwLaunchDialog *dialog = WGW_LAUNCH_DIALOG(widget);
    WgwInstalledApp *app = find_app(dialog, g_variant_get_string(parameter, NULL));

    if (app)
        begin_app(dialog, app);
}

static void
details_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwLaunchDialog *dialog = WGW_LAUNCH_DIALOG(widget);
    WgwInstalledApp *app = find_app(dialog, g_variant_get_string(parameter, NULL));

    if (!app)
        return;
    wgw_launch_details_show(dialog->details, dialog->client, dialog->tunnel, app);
    gtk_stack_set_visible_child_name(dialog->stack, "details");
    gtk_widget_set_visible(dialog->back_button, TRUE);
    gtk_widget_child_focus(GTK_WIDGET(dialog->details), GTK_DIR_TAB_FORWARD);
}

static void
back_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WgwLaunchDialog *dialog = WGW_LAUNCH_DIALOG(widget);

    if (!gtk_widget_get_visible(dialog->back_button)) {
        gtk_window_close(GTK_WINDOW(dialog));
        return;
    }
    gtk_stack_set_visible_child_name(dialog->stack, "list");
    gtk_widget_set_visible(dialog->back_button, FALSE);
    gtk_widget_grab_focus(GTK_WIDGET(dialog->entry));
}

/* By Escape, which the entry keeps from the window. */
static void
on_stop_search(GtkSearchEntry *entry, WgwLaunchDialog *dialog)
{
    gtk_window_close(GTK_WINDOW(dialog));
}

/* ---- Class ---- */

static void
wgw_launch_dialog_dispose(GObject *object)
{
    WgwLaunchDialog *dialog = WGW_LAUNCH_DIALOG(object);

    g_clear_object(&dialog->app);
    g_clear_object(&dialog->apps);
    g_clear_object(&dialog->filter);
    g_clear_object(&dialog->settings);
    g_clear_object(&dialog->tunnel);
    g_clear_object(&dialog->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_LAUNCH_DIALOG);
    G_OBJECT_CLASS(wgw_launch_dialog_parent_class)->dispose(object);
}

static void
wgw_launch_dialog_finalize(GObject *object)
{
    g_free(WGW_LAUNCH_DIALOG(object)->what);
    G_OBJECT_CLASS(wgw_launch_dialog_parent_class)->finalize(object);
}

static void
wgw_launch_dialog_class_init(WgwLaunchDialogClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_launch_dialog_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_launch_dialog_finalize;
    g_type_ensure(WGW_TYPE_LAUNCH_DETAILS);
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/launch-dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, title);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, back_button);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, entry);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, list);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, nothing);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, command);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, command_button);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, address);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, address_button);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, details);
    gtk_widget_class_bind_template_callback(widget_class, on_run_command);
    gtk_widget_class_bind_template_callback(widget_class, on_open_address);
    gtk_widget_class_install_action(widget_class, "launch.app", "s", app_action);
    gtk_widget_class_install_action(widget_class, "launch.details", "s", details_action);
    gtk_widget_class_install_action(widget_class, "launch.back", NULL, back_action);
}

static void
wgw_launch_dialog_init(WgwLaunchDialog *dialog)
{
    g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();
    g_autoptr(GtkNoSelection) selection = NULL;
    GListModel *filtered;

    gtk_widget_init_template(GTK_WIDGET(dialog));
    dialog->settings = g_settings_new(WGW_APPLICATION_ID);
    dialog->apps = wgw_app_list_new(dialog->settings);
    dialog->filter = GTK_FILTER(gtk_custom_filter_new(matches, dialog, NULL));
    filtered = G_LIST_MODEL(
        gtk_filter_list_model_new(g_object_ref(dialog->apps), g_object_ref(dialog->filter)));
    selection = gtk_no_selection_new(filtered);
    g_signal_connect_object(factory, "setup", G_CALLBACK(on_setup), dialog, 0);
    g_signal_connect_object(factory, "bind", G_CALLBACK(on_bind), dialog, 0);
    g_signal_connect_object(factory, "unbind", G_CALLBACK(on_unbind), dialog, 0);
    gtk_list_view_set_factory(dialog->list, factory);
    gtk_list_view_set_model(dialog->list, GTK_SELECTION_MODEL(selection));

    g_signal_connect_object(dialog->list, "activate", G_CALLBACK(on_activate), dialog, 0);
    g_signal_connect_object(dialog->entry, "changed", G_CALLBACK(on_search), dialog, 0);
    g_signal_connect_object(dialog->entry, "activate", G_CALLBACK(on_search_activate), dialog, 0);
    g_signal_connect_object(dialog->entry, "stop-search", G_CALLBACK(on_stop_search), dialog, 0);
    g_signal_connect_object(dialog->command, "changed", G_CALLBACK(on_typed),
                            dialog->command_button, 0);
    g_signal_connect_object(dialog->address, "changed", G_CALLBACK(on_typed),
                            dialog->address_button, 0);
}

void
wgw_launch_dialog_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel)
{
    WgwLaunchDialog *dialog = g_object_new(WGW_TYPE_LAUNCH_DIALOG, "transient-for", parent, NULL);

    dialog->client = g_object_ref(client);
    dialog->tunnel = g_object_ref(tunnel);
    adw_window_title_set_subtitle(dialog->title, wgw_tunnel_get_name(tunnel));
    gtk_window_present(GTK_WINDOW(dialog));
    gtk_widget_grab_focus(GTK_WIDGET(dialog->entry));
}
