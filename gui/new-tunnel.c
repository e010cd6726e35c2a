/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/new-tunnel.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/complaint.h"
#include "gui/draft.h"
#include "gui/editor.h"
#include "gui/key-mask.h"

/* The contract's: see Manager.ImportProfile. */
#define MAX_NAME 64

#define EXPLANATION _("A new key is made for it. You fill in the rest.")
#define FOUND       _("What was typed for it was not saved, and can be restored.")

struct request {
    GtkWindow *parent;
    WgwClient *client;
    char *name;
    char **drafts; /* names for which something was typed and not saved; NULL: not yet known */
};

static void
request_free(gpointer data)
{
    struct request *request = data;

    g_clear_object(&request->parent);
    g_clear_object(&request->client);
    g_free(request->name);
    g_strfreev(request->drafts);
    g_free(request);
}

/* Why @name will not do; NULL: it does. */
static const char *
get_objection(WgwClient *client, const char *name)
{
    if (*name == '.')
        return _("A name cannot begin with a dot.");
    for (const char *p = name; *p; p = g_utf8_next_char(p))
        if (*p == '/' || g_unichar_iscntrl(g_utf8_get_char(p)))
            return _("A name cannot have a slash in it.");
    return wgw_client_has_tunnel(client, name) ? _("There is a tunnel of this name already.")
                                               : NULL;
}

static char *
make_template(const char *private_key)
{
    return g_strdup_printf("[Interface]\n"
                           "PrivateKey = %s\n"
                           "# %s\n"
                           "Address = \n"
                           "# %s\n"
                           "#DNS = 10.0.0.1\n"
                           "\n"
                           "[Peer]\n"
                           "# %s\n"
                           "PublicKey = \n"
                           "# %s\n"
                           "Endpoint = \n"
                           "# %s\n"
                           "AllowedIPs = 0.0.0.0/0, ::/0\n",
                           private_key, _("Yours in the tunnel, such as 10.0.0.2/32"),
                           _("The tunnel's name server; without one, names do not resolve"),
                           _("The other side's"), _("Where it is, such as vpn.example.com:51820"),
                           _("What it may be asked to reach; this is everything"));
}

static void
on_key(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    const char *private_key, *public_key;

    if (reply) {
        g_autoptr(WgwKeyText) text = NULL;

        g_variant_get(reply, "(&s&s)", &private_key, &public_key);
        text = make_template(private_key);
        wgw_editor_present_new(request->parent, request->client, request->name, text, private_key,
                               public_key);
    } else
        wgw_complain(request->parent, _("No Key Was Made"), error->message);
    request_free(request);
}

static void
on_response(AdwMessageDialog *dialog, const char *response, const struct request *request)
{
    GtkEditable *entry = GTK_EDITABLE(adw_message_dialog_get_extra_child(dialog));
    struct request *next;

    if (!g_str_equal(response, "create"))
        return;
    next = g_new0(struct request, 1);
    next->parent = g_object_ref(request->parent);
    next->client = g_object_ref(request->client);
    next->name = g_strdup(gtk_editable_get_text(entry));
    wgw_client_generate_key(next->client, on_key, next);
}

static void
on_changed(GtkEditable *entry, AdwMessageDialog *dialog)
{
    const struct request *request = g_object_get_data(G_OBJECT(dialog), "request");
    const char *name = gtk_editable_get_text(entry);
    const char *objection = get_objection(request->client, name);
    gboolean found = request->drafts && g_strv_contains((const char *const *)request->drafts, name);

    adw_message_dialog_set_body(dialog, objection ? objection : found ? FOUND : EXPLANATION);
    adw_message_dialog_set_response_enabled(dialog, "create", *name && !objection);
}

/* After a crash, the tunnel that was not saved is what to go on with. */
static void
on_drafts(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(AdwMessageDialog) dialog = user_data;
    struct request *request = g_object_get_data(G_OBJECT(dialog), "request");
    GtkEditable *entry = GTK_EDITABLE(adw_message_dialog_get_extra_child(dialog));

    request->drafts = wgw_draft_list_finish(result);
    if (!entry || *gtk_editable_get_text(entry))
        return;
    for (char **name = request->drafts; *name; name++)
        if (!get_objection(request->client, *name)) {
            gtk_editable_set_text(entry, *name);
            gtk_editable_select_region(entry, 0, -1);
            return;
        }
}

void
wgw_new_tunnel_present(GtkWindow *parent, WgwClient *client)
{
    GtkWidget *dialog = adw_message_dialog_new(parent, _("New Tunnel"), EXPLANATION);
    GtkWidget *entry = gtk_entry_new();
    struct request *request = g_new0(struct request, 1);

    request->parent = g_object_ref(parent);
    request->client = g_object_ref(client);
    gtk_entry_set_max_length(GTK_ENTRY(entry), MAX_NAME);
    gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
    gtk_entry_set_placeholder_text(GTK_ENTRY(entry), _("Name"));
    gtk_accessible_update_property(GTK_ACCESSIBLE(entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Name"),
                                   -1);
    adw_message_dialog_set_extra_child(ADW_MESSAGE_DIALOG(dialog), entry);
    adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", _("_Cancel"), "create",
                                     _("C_reate"), NULL);
    adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "create",
                                               ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_response_enabled(ADW_MESSAGE_DIALOG(dialog), "create", FALSE);
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "create");
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
    g_object_set_data_full(G_OBJECT(dialog), "request", request, request_free);
    g_signal_connect_object(entry, "changed", G_CALLBACK(on_changed), dialog, 0);
    g_signal_connect(dialog, "response", G_CALLBACK(on_response), request);
    gtk_window_present(GTK_WINDOW(dialog));
    wgw_draft_list(on_drafts, g_object_ref(dialog));
}
