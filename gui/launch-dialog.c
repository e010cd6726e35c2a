/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/launch-dialog.h"

#include <adwaita.h>
#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>

#include "gui/complaint.h"
#include "gui/row-name.h"

#define WGW_TYPE_LAUNCH_DIALOG (wgw_launch_dialog_get_type())
G_DECLARE_FINAL_TYPE(WgwLaunchDialog, wgw_launch_dialog, WGW, LAUNCH_DIALOG, AdwWindow)

struct _WgwLaunchDialog {
    AdwWindow parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    GtkFilter *filter;

    AdwWindowTitle *title;
    GtkEditable *entry;
    GtkListView *list;
    GtkWidget *run_button;
};

G_DEFINE_FINAL_TYPE(WgwLaunchDialog, wgw_launch_dialog, ADW_TYPE_WINDOW)

/* Called by application-row.ui. */
char *wgw_launch_dialog_get_name(GtkListItem *item, GAppInfo *app);
GIcon *wgw_launch_dialog_get_icon(GtkListItem *item, GAppInfo *app);

char *
wgw_launch_dialog_get_name(GtkListItem *item, GAppInfo *app)
{
    const char *name = app ? g_app_info_get_display_name(app) : NULL;

    wgw_row_name(item, name);
    return g_strdup(name);
}

GIcon *
wgw_launch_dialog_get_icon(GtkListItem *item, GAppInfo *app)
{
    GIcon *icon = app ? g_app_info_get_icon(app) : NULL;

    return icon ? g_object_ref(icon) : g_themed_icon_new("application-x-executable");
}

static gboolean
matches(gpointer item, gpointer user_data)
{
    WgwLaunchDialog *dialog = user_data;
    GAppInfo *app = item;
    const char *text = gtk_editable_get_text(dialog->entry);
    const char *fields[] = {g_app_info_get_display_name(app), g_app_info_get_name(app),
                            g_app_info_get_executable(app)};

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i] && g_str_match_string(text, fields[i], TRUE))
            return TRUE;
    return !*text;
}

static int
compare(gconstpointer a, gconstpointer b, gpointer user_data)
{
    return g_utf8_collate(g_app_info_get_display_name(G_APP_INFO((gpointer)a)),
                          g_app_info_get_display_name(G_APP_INFO((gpointer)b)));
}

static GListModel *
list_applications(void)
{
    GListStore *store = g_list_store_new(G_TYPE_APP_INFO);

    for (GList *apps = g_app_info_get_all(); apps; apps = g_list_delete_link(apps, apps)) {
        g_autoptr(GAppInfo) app = apps->data;

        if (g_app_info_should_show(app))
            g_list_store_insert_sorted(store, app, compare, NULL);
    }
    return G_LIST_MODEL(store);
}

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwLaunchDialog) dialog = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply) {
        wgw_complain(GTK_WINDOW(dialog), _("The Program Was Not Launched"), error->message);
        gtk_widget_set_sensitive(GTK_WIDGET(dialog), TRUE);
        return;
    }
    gtk_window_close(GTK_WINDOW(dialog));
}

/* The new window's right to the focus. (transfer full), NULL where the display has no such thing. */
static char *
dup_activation_token(WgwLaunchDialog *dialog, GAppInfo *app)
{
    g_autoptr(GdkAppLaunchContext) context =
        gdk_display_get_app_launch_context(gtk_widget_get_display(GTK_WIDGET(dialog)));

    return app ? g_app_launch_context_get_startup_notify_id(G_APP_LAUNCH_CONTEXT(context), app,
                                                            NULL)
               : NULL;
}

static void
on_activate(GtkListView *list, guint position, WgwLaunchDialog *dialog)
{
    g_autoptr(GAppInfo) app =
        g_list_model_get_item(G_LIST_MODEL(gtk_list_view_get_model(list)), position);
    g_autofree char *token = dup_activation_token(dialog, app);

    gtk_widget_set_sensitive(GTK_WIDGET(dialog), FALSE);
    wgw_client_launch_app(dialog->client, dialog->tunnel, g_app_info_get_id(app), token,
                          on_launched, g_object_ref(dialog));
}

/* What was typed is an address if it has a scheme, else a command as in a shell. */
static void
run_typed(WgwLaunchDialog *dialog)
{
    const char *text = gtk_editable_get_text(dialog->entry);
    g_autofree char *scheme = g_uri_parse_scheme(text);
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) error = NULL;

    if (scheme && strstr(text, "://")) {
        gtk_widget_set_sensitive(GTK_WIDGET(dialog), FALSE);
        wgw_client_open_uri(dialog->client, dialog->tunnel, text, NULL, on_launched,
                            g_object_ref(dialog));
        return;
    }
    if (!g_shell_parse_argv(text, NULL, &argv, &error)) {
        wgw_complain(GTK_WINDOW(dialog), _("The Program Was Not Launched"), error->message);
        return;
    }
    gtk_widget_set_sensitive(GTK_WIDGET(dialog), FALSE);
    wgw_client_launch(dialog->client, dialog->tunnel, (const char *const *)argv, NULL, on_launched,
                      g_object_ref(dialog));
}

static void
on_run(GtkButton *button, gpointer user_data)
{
    run_typed(user_data);
}

static void
on_changed(GtkEditable *entry, WgwLaunchDialog *dialog)
{
    gtk_widget_set_sensitive(dialog->run_button, *gtk_editable_get_text(entry) != '\0');
    gtk_filter_changed(dialog->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

/* Return takes the first application that matches, else runs what was typed. */
static void
on_entry_activate(GtkSearchEntry *entry, WgwLaunchDialog *dialog)
{
    GListModel *model = G_LIST_MODEL(gtk_list_view_get_model(dialog->list));

    if (g_list_model_get_n_items(model) > 0)
        on_activate(dialog->list, 0, dialog);
    else if (*gtk_editable_get_text(dialog->entry))
        run_typed(dialog);
}

static void
wgw_launch_dialog_dispose(GObject *object)
{
    WgwLaunchDialog *dialog = WGW_LAUNCH_DIALOG(object);

    g_clear_object(&dialog->filter);
    g_clear_object(&dialog->tunnel);
    g_clear_object(&dialog->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_LAUNCH_DIALOG);
    G_OBJECT_CLASS(wgw_launch_dialog_parent_class)->dispose(object);
}

static void
wgw_launch_dialog_class_init(WgwLaunchDialogClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_launch_dialog_dispose;
    gtk_widget_class_set_template_from_resource(widget_class,
                                                "/org/wgwrap/WgWrap/launch-dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, title);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, entry);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, list);
    gtk_widget_class_bind_template_child(widget_class, WgwLaunchDialog, run_button);
    gtk_widget_class_bind_template_callback(widget_class, on_run);
}

static void
wgw_launch_dialog_init(WgwLaunchDialog *dialog)
{
    GListModel *filtered;
    GtkNoSelection *selection;

    gtk_widget_init_template(GTK_WIDGET(dialog));
    dialog->filter = GTK_FILTER(gtk_custom_filter_new(matches, dialog, NULL));
    filtered =
        G_LIST_MODEL(gtk_filter_list_model_new(list_applications(), g_object_ref(dialog->filter)));
    selection = gtk_no_selection_new(filtered);
    gtk_list_view_set_model(dialog->list, GTK_SELECTION_MODEL(selection));
    g_object_unref(selection);

    g_signal_connect_object(dialog->list, "activate", G_CALLBACK(on_activate), dialog, 0);
    g_signal_connect_object(dialog->entry, "changed", G_CALLBACK(on_changed), dialog, 0);
    g_signal_connect_object(dialog->entry, "activate", G_CALLBACK(on_entry_activate), dialog, 0);
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
