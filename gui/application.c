/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/application.h"

#include <glib/gi18n.h>

#include "config.h"
#include "dbus/names.h"
#include "gui/accessible.h"
#include "gui/client.h"
#include "gui/editor.h"
#include "gui/escape.h"
#include "gui/notifier.h"
#include "gui/open-files.h"
#include "gui/window.h"

/* What `--open` is to the running application: the hint of its “open”. */
#define IN_TUNNEL "in-tunnel"

struct _WgwApplication {
    AdwApplication parent_instance;

    WgwClient *client;
    GSettings *settings;
    WgwNotifier *notifier;
};

G_DEFINE_FINAL_TYPE(WgwApplication, wgw_application, ADW_TYPE_APPLICATION)

/* Not the active one: that may be a dialog. */
static WgwWindow *
get_window(WgwApplication *application)
{
    for (GList *window = gtk_application_get_windows(GTK_APPLICATION(application)); window;
         window = window->next)
        if (WGW_IS_WINDOW(window->data))
            return window->data;
    return wgw_window_new(ADW_APPLICATION(application), application->client);
}

static void
about_action(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkApplication *application = user_data;
    GtkWindow *about = g_object_new(
        ADW_TYPE_ABOUT_WINDOW, "transient-for", gtk_application_get_active_window(application),
        "modal", TRUE, "application-name", _("Tunnels"), "application-icon", WGW_APPLICATION_ID,
        "version", WGW_VERSION, "developer-name", _("The wg-wrap authors"), "comments",
        _("Run chosen programs in a WireGuard tunnel."), "license-type", GTK_LICENSE_GPL_3_0, NULL);

    wgw_close_by_escape(about);
    gtk_window_present(about);
}

/* Of a notification. */
static void
show_tunnel_action(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkWidget *window = GTK_WIDGET(get_window(user_data));

    gtk_window_present(GTK_WINDOW(window));
    gtk_widget_activate_action_variant(window, "win.show-tunnel", parameter);
}

/* Not a help overlay, which GtkApplication would make with the window and keep: while a toplevel that was
 * never shown is the last of all, GTK 4.8 crashes when assistive technology asks for a window that has
 * just been closed. */
static void
shortcuts_action(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    g_autoptr(GtkBuilder) builder =
        gtk_builder_new_from_resource("/org/wgwrap/WgWrap/shortcuts.ui");
    GtkWindow *window = GTK_WINDOW(gtk_builder_get_object(builder, "shortcuts"));

    gtk_window_set_transient_for(window, gtk_application_get_active_window(user_data));
    gtk_window_present(window);
}

static void
quit_action(GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
    GtkApplication *application = user_data;
    GList *windows;

    if (wgw_editor_ask_all(application))
        return;
    /* With its last window the application ends, once all that it holds on to is written. */
    while ((windows = gtk_application_get_windows(application)))
        gtk_window_destroy(windows->data);
}

static const GActionEntry actions[] = {
    {"about", about_action},
    {"shortcuts", shortcuts_action},
    {"quit", quit_action},
    {"show-tunnel", show_tunnel_action, "s"},
};

static void
on_color_scheme(GSettings *settings, const char *key, gpointer user_data)
{
    g_autofree char *value = g_settings_get_string(settings, "color-scheme");
    AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

    if (g_str_equal(value, "light"))
        scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
    else if (g_str_equal(value, "dark"))
        scheme = ADW_COLOR_SCHEME_FORCE_DARK;
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(), scheme);
}

static void
wgw_application_startup(GApplication *application)
{
    WgwApplication *self = WGW_APPLICATION(application);

    G_APPLICATION_CLASS(wgw_application_parent_class)->startup(application);

    gtk_window_set_default_icon_name(WGW_APPLICATION_ID);
    g_action_map_add_action_entries(G_ACTION_MAP(application), actions, G_N_ELEMENTS(actions),
                                    application);
    gtk_application_set_accels_for_action(GTK_APPLICATION(application), "app.quit",
                                          (const char *[]){"<Control>q", NULL});
    gtk_application_set_accels_for_action(
        GTK_APPLICATION(application), "app.shortcuts",
        (const char *[]){"<Control>question", "<Control>F1", NULL});
    gtk_application_set_accels_for_action(GTK_APPLICATION(application), "window.close",
                                          (const char *[]){"<Control>w", NULL});
    wgw_accessible_mend();
    self->client = wgw_client_new();
    self->settings = g_settings_new(WGW_APPLICATION_ID);
    g_signal_connect_object(self->settings, "changed::color-scheme", G_CALLBACK(on_color_scheme),
                            self, 0);
    on_color_scheme(self->settings, NULL, self);
    wgw_editor_keep_drafts(GTK_APPLICATION(application), self->client);
    self->notifier = wgw_notifier_new(GTK_APPLICATION(application), self->client, self->settings);
}

static void
wgw_application_activate(GApplication *application)
{
    gtk_window_present(GTK_WINDOW(get_window(WGW_APPLICATION(application))));
}

static void
wgw_application_open(GApplication *application, GFile **files, int n_files, const char *hint)
{
    g_autoptr(GListStore) model = g_list_store_new(G_TYPE_FILE);
    WgwWindow *window;

    if (g_str_equal(hint, IN_TUNNEL)) {
        wgw_open_files(GTK_APPLICATION(application), WGW_APPLICATION(application)->client, files,
                       n_files);
        return;
    }
    window = get_window(WGW_APPLICATION(application));
    g_list_store_splice(model, 0, 0, (gpointer *)files, n_files);
    gtk_window_present(GTK_WINDOW(window));
    wgw_window_import_files(window, G_LIST_MODEL(model));
}

/* Files on the command line; -1: none. */
static int
wgw_application_handle_local_options(GApplication *application, GVariantDict *options)
{
    gboolean in_tunnel = g_variant_dict_contains(options, "open");
    g_auto(GStrv) words = NULL;
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_object_unref);
    g_autoptr(GError) error = NULL;

    g_variant_dict_lookup(options, G_OPTION_REMAINING, "^aay", &words);
    if (!words) {
        if (in_tunnel)
            g_printerr(_("wg-wrap-gtk: --open needs a file to open\n"));
        return in_tunnel ? 2 : -1;
    }
    for (char **word = words; *word; word++)
        g_ptr_array_add(files, g_file_new_for_commandline_arg(*word));
    if (!g_application_register(application, NULL, &error)) {
        g_printerr("wg-wrap-gtk: %s\n", error->message);
        return 1;
    }
    g_application_open(application, (GFile **)files->pdata, (int)files->len,
                       in_tunnel ? IN_TUNNEL : "");
    return 0;
}

static void
wgw_application_dispose(GObject *object)
{
    WgwApplication *self = WGW_APPLICATION(object);

    g_clear_object(&self->notifier);
    g_clear_object(&self->settings);
    g_clear_object(&self->client);
    G_OBJECT_CLASS(wgw_application_parent_class)->dispose(object);
}

static void
wgw_application_class_init(WgwApplicationClass *class)
{
    GApplicationClass *application_class = G_APPLICATION_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_application_dispose;
    application_class->startup = wgw_application_startup;
    application_class->activate = wgw_application_activate;
    application_class->open = wgw_application_open;
    application_class->handle_local_options = wgw_application_handle_local_options;
}

static void
wgw_application_init(WgwApplication *application)
{
    static const GOptionEntry options[] = {
        {"open", 0, 0, G_OPTION_ARG_NONE, NULL,
         N_("Open the files in a tunnel, do not import them"), NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_("[FILE…]")},
        G_OPTION_ENTRY_NULL,
    };

    g_application_add_main_option_entries(G_APPLICATION(application), options);
}

WgwApplication *
wgw_application_new(void)
{
    return g_object_new(WGW_TYPE_APPLICATION, "application-id", WGW_APPLICATION_ID, "flags",
                        G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/org/wgwrap/WgWrap",
                        NULL);
}
