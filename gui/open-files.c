/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/open-files.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "files/opening.h"
#include "gui/tunnel.h"

struct request {
    GtkApplication *application;
    WgwClient *client;
    char **uris;
    gulong waiting; /* for the service's first word */
};

static void
request_free(struct request *request)
{
    g_object_unref(request->client);
    g_strfreev(request->uris);
    g_application_release(G_APPLICATION(request->application));
    g_free(request);
}

static void
start(struct request *request, WgwTunnel *tunnel)
{
    g_autoptr(GdkAppLaunchContext) context =
        gdk_display_get_app_launch_context(gdk_display_get_default());

    wgw_opening_start(wgw_tunnel_get_name(tunnel), (const char *const *)request->uris,
                      G_APP_LAUNCH_CONTEXT(context));
}

static void
on_response(AdwMessageDialog *dialog, const char *response, struct request *request)
{
    GtkDropDown *list = GTK_DROP_DOWN(adw_message_dialog_get_extra_child(dialog));
    WgwTunnel *tunnel = gtk_drop_down_get_selected_item(list);

    if (g_str_equal(response, "open") && tunnel)
        start(request, tunnel);
    request_free(request);
}

/* @tunnels is consumed. */
static void
ask(struct request *request, GListModel *tunnels)
{
    GtkWidget *dialog = adw_message_dialog_new(NULL, _("Open in Which Tunnel?"), NULL);
    GtkWidget *list =
        gtk_drop_down_new(tunnels, gtk_property_expression_new(WGW_TYPE_TUNNEL, NULL, "name"));
    g_autoptr(GFile) file = g_file_new_for_uri(request->uris[0]);
    g_autofree char *base = g_file_get_basename(file);
    g_autofree char *name = g_filename_display_name(base);
    guint count = g_strv_length(request->uris);

    if (count == 1)
        adw_message_dialog_set_body(ADW_MESSAGE_DIALOG(dialog), name);
    else
        adw_message_dialog_format_body(ADW_MESSAGE_DIALOG(dialog),
                                       ngettext("%u file", "%u files", count), count);
    gtk_accessible_update_property(GTK_ACCESSIBLE(list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Tunnel"),
                                   -1);
    adw_message_dialog_set_extra_child(ADW_MESSAGE_DIALOG(dialog), list);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "open",
                                     _("_Open"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "open",
                                               ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "open");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect(dialog, "response", G_CALLBACK(on_response), request);
    gtk_window_present(GTK_WINDOW(dialog));
}

/* Those that can be used, by name. (transfer full) */
static GListModel *
new_usable(WgwClient *client)
{
    GtkFilter *valid = GTK_FILTER(
        gtk_bool_filter_new(gtk_property_expression_new(WGW_TYPE_TUNNEL, NULL, "valid")));
    GtkSorter *by_name = GTK_SORTER(
        gtk_string_sorter_new(gtk_property_expression_new(WGW_TYPE_TUNNEL, NULL, "name")));
    GListModel *all = g_object_ref(wgw_client_get_tunnels(client));

    return G_LIST_MODEL(
        gtk_sort_list_model_new(G_LIST_MODEL(gtk_filter_list_model_new(all, valid)), by_name));
}

static void
choose(struct request *request)
{
    g_autoptr(GListModel) tunnels = new_usable(request->client);
    g_autoptr(WgwTunnel) first = g_list_model_get_item(tunnels, 0);

    if (g_list_model_get_n_items(tunnels) > 1) {
        ask(request, g_steal_pointer(&tunnels));
        return;
    }
    if (first)
        start(request, first);
    else
        g_application_activate(G_APPLICATION(request->application));
    request_free(request);
}

static void
on_available(WgwClient *client, GParamSpec *pspec, struct request *request)
{
    if (!wgw_client_is_settled(client))
        return;
    g_signal_handler_disconnect(client, request->waiting);
    choose(request);
}

void
wgw_open_files(GtkApplication *application, WgwClient *client, GFile **files, int n_files)
{
    struct request *request = g_new0(struct request, 1);
    g_autoptr(GStrvBuilder) uris = g_strv_builder_new();

    for (int i = 0; i < n_files; i++) {
        g_autofree char *uri = g_file_get_uri(files[i]);

        g_strv_builder_add(uris, uri);
    }
    request->application = application;
    request->client = g_object_ref(client);
    request->uris = g_strv_builder_end(uris);
    g_application_hold(G_APPLICATION(application));
    if (wgw_client_is_settled(client))
        choose(request);
    else
        request->waiting =
            g_signal_connect(client, "notify::available", G_CALLBACK(on_available), request);
}
