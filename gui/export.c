/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/export.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/complaint.h"
#include "gui/config-text.h"

struct export
{
    GtkWindow *parent;
    WgwClient *client;
    WgwTunnel *tunnel;
    GFile *file;
};

static void
export_free(struct export *export)
{
    g_object_unref(export->parent);
    g_object_unref(export->client);
    g_object_unref(export->tunnel);
    g_clear_object(&export->file);
    g_free(export);
}

static void
complain(struct export *export, GError *error)
{
    wgw_complain(export->parent, _("The Profile Was Not Exported"), error->message);
    export_free(export);
}

static void
on_written(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct export *export = user_data;
    g_autoptr(GError) error = NULL;
    g_autofree char *base = g_file_get_basename(export->file);
    g_autofree char *name = g_filename_display_name(base);
    g_autofree char *said = NULL;

    if (!g_file_replace_contents_finish(G_FILE(source), result, NULL, &error)) {
        complain(export, error);
        return;
    }
    said = g_strdup_printf(_("Exported with its private key to “%s”"), name);
    gtk_widget_activate_action(GTK_WIDGET(export->parent), "win.say", "s", said);
    export_free(export);
}

static void
on_config(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct export *export = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(GBytes) bytes = NULL;
    char *config;

    if (!reply) {
        complain(export, error);
        return;
    }
    config = wgw_config_text_take(reply);
    bytes = g_bytes_new_with_free_func(config, strlen(config), (GDestroyNotify)wgw_config_text_free,
                                       config);
    /* A new file in the place of one that others may read. */
    g_file_replace_contents_bytes_async(export->file, bytes, NULL, FALSE,
                                        G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION,
                                        NULL, on_written, export);
}

static void
on_chosen(GtkNativeDialog *dialog, int response, struct export *export)
{
    export->file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
    if (response == GTK_RESPONSE_ACCEPT && export->file)
        wgw_client_get_config(export->client, export->tunnel, TRUE, on_config, export);
    else
        export_free(export);
    g_object_unref(dialog);
}

void
wgw_export(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel)
{
    struct export *export = g_new0(struct export, 1);
    g_autofree char *name = g_strconcat(wgw_tunnel_get_name(tunnel), ".conf", NULL);
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new(
        _("Export the Profile"), parent, GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), _("_Cancel"));

    export->parent = g_object_ref(parent);
    export->client = g_object_ref(client);
    export->tunnel = g_object_ref(tunnel);
    gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(dialog), name);
    g_signal_connect(dialog, "response", G_CALLBACK(on_chosen), export);
    gtk_native_dialog_show(GTK_NATIVE_DIALOG(dialog));
}
