/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Steps: the text is asked for, the profile removed, the toast put up. Undo imports the text under
 * its name; should that fail, for whatever reason, the toast is put up again and stays, so that the
 * text is not lost before the user says so. Each step hands the struct on to the next. */

#include "gui/removal.h"

#include <glib/gi18n.h>

#include "gui/complaint.h"
#include "gui/config-text.h"

#define TOAST_SECONDS 10

struct removal {
    AdwToastOverlay *toasts;
    WgwClient *client;
    WgwTunnel *tunnel;
    char *name;
    WgwConfigText *config;
};

static void
removal_free(struct removal *removal)
{
    g_object_unref(removal->toasts);
    g_object_unref(removal->client);
    g_object_unref(removal->tunnel);
    g_free(removal->name);
    wgw_config_text_free(removal->config);
    g_free(removal);
}

static GtkWindow *
get_window(struct removal *removal)
{
    return GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(removal->toasts)));
}

static void
complain(struct removal *removal, const char *heading, GError *error)
{
    wgw_complain(get_window(removal), heading, error->message);
}

static void show_toast(struct removal *removal, guint seconds);

static void
on_undone(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct removal *removal = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    g_application_release(g_application_get_default());
    if (!reply && get_window(removal)) {
        complain(removal, _("The Tunnel Is Not Back Yet"), error);
        show_toast(removal, 0);
        return;
    }
    gtk_widget_activate_action(GTK_WIDGET(removal->toasts), "win.show-tunnel", "s", removal->name);
    removal_free(removal);
}

static void
on_undo(AdwToast *toast, gpointer user_data)
{
    struct removal *removal = g_object_steal_data(G_OBJECT(toast), "removal");

    if (!removal)
        return;
    /* Who quits after that does not mean to lose it. */
    g_application_hold(g_application_get_default());
    wgw_client_import(removal->client, removal->name, removal->config, on_undone, removal);
}

/* The toast owns the removal until its button is pressed. */
static void
show_toast(struct removal *removal, guint seconds)
{
    g_autofree char *name = g_markup_escape_text(removal->name, -1);
    g_autofree char *title = g_strdup_printf(_("“%s” removed"), name);
    AdwToast *toast = adw_toast_new(title);

    adw_toast_set_button_label(toast, _("_Undo"));
    adw_toast_set_timeout(toast, seconds);
    g_object_set_data_full(G_OBJECT(toast), "removal", removal, (GDestroyNotify)removal_free);
    g_signal_connect(toast, "button-clicked", G_CALLBACK(on_undo), NULL);
    adw_toast_overlay_add_toast(removal->toasts, toast);
}

static void
on_removed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct removal *removal = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (reply && removal->config) {
        show_toast(removal, TOAST_SECONDS);
        return;
    }
    if (!reply)
        complain(removal, _("The Tunnel Was Not Removed"), error);
    removal_free(removal);
}

static void
on_config(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct removal *removal = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    if (!reply) {
        complain(removal, _("The Tunnel Was Not Removed"), error);
        removal_free(removal);
        return;
    }
    removal->config = wgw_config_text_take(reply);
    wgw_client_remove(removal->client, removal->tunnel, on_removed, removal);
}

static void
on_response(AdwMessageDialog *dialog, const char *response, struct removal *removal)
{
    if (g_str_equal(response, "remove"))
        wgw_client_remove(removal->client, removal->tunnel, on_removed, removal);
    else
        removal_free(removal);
}

static void
ask(struct removal *removal)
{
    GtkWidget *dialog =
        adw_message_dialog_new(get_window(removal), _("Remove the Tunnel for Good?"), NULL);

    adw_message_dialog_format_body(
        ADW_MESSAGE_DIALOG(dialog),
        _("The profile “%s” has mistakes, so that its removal cannot be undone."), removal->name);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "remove",
                                     _("_Remove"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "remove",
                                               ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_signal_connect(dialog, "response", G_CALLBACK(on_response), removal);
    gtk_window_present(GTK_WINDOW(dialog));
}

void
wgw_remove(AdwToastOverlay *toasts, WgwClient *client, WgwTunnel *tunnel)
{
    struct removal *removal = g_new0(struct removal, 1);
    gboolean valid;

    removal->toasts = g_object_ref(toasts);
    removal->client = g_object_ref(client);
    removal->tunnel = g_object_ref(tunnel);
    removal->name = g_strdup(wgw_tunnel_get_name(tunnel));
    g_object_get(tunnel, "valid", &valid, NULL);
    if (wgw_tunnel_get_active(tunnel)) {
        wgw_complain(get_window(removal), _("The Tunnel Is Open"),
                     _("Disconnect it, then it can be removed."));
        removal_free(removal);
    } else if (valid)
        wgw_client_get_config(client, tunnel, TRUE, on_config, removal);
    else
        ask(removal);
}
