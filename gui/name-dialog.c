/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/name-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "gui/choices.h"
#include "gui/config-text.h"
#include "gui/profile-name.h"

/* The contract's. */
#define NAME_MAX_CHARS 64

#define WGW_TYPE_NAME_DIALOG (wgw_name_dialog_get_type())
G_DECLARE_FINAL_TYPE(WgwNameDialog, wgw_name_dialog, WGW, NAME_DIALOG, AdwWindow)

struct _WgwNameDialog {
    AdwWindow parent_instance;

    WgwClient *client;
    WgwTunnel *tunnel;
    WgwNamePurpose purpose;
    char *name; /* asked for */
    guint step; /* of what is copied, the next */

    GtkButton *apply;
    GtkEditable *entry;
    GtkLabel *fault;
};

G_DEFINE_FINAL_TYPE(WgwNameDialog, wgw_name_dialog, ADW_TYPE_WINDOW)

/* Closed meanwhile: there is nobody to tell. */
static gboolean
is_closed(WgwNameDialog *dialog)
{
    return dialog->client == NULL;
}

/* Nobody means the space at either end of a name. */
static char *
dup_name(WgwNameDialog *dialog)
{
    return g_strstrip(g_strdup(gtk_editable_get_text(dialog->entry)));
}

/* What is wrong with it as far as can be seen from here: the service has the last word. */
static const char *
find_fault(WgwNameDialog *dialog, const char *name)
{
    if (*name == '.')
        return _("A name cannot begin with a full stop.");
    for (const char *p = name; *p; p = g_utf8_next_char(p))
        if (*p == '/' || g_unichar_iscntrl(g_utf8_get_char(p)))
            return _("A name cannot have a slash or a control character in it.");
    if (wgw_client_has_tunnel(dialog->client, name) &&
        g_strcmp0(name, wgw_tunnel_get_name(dialog->tunnel)) != 0)
        return _("Another tunnel has this name.");
    return NULL;
}

static void
set_fault(WgwNameDialog *dialog, const char *fault)
{
    gtk_label_set_label(dialog->fault, fault ? fault : "");
    gtk_widget_set_visible(GTK_WIDGET(dialog->fault), fault != NULL);
    gtk_accessible_update_state(GTK_ACCESSIBLE(dialog->entry), GTK_ACCESSIBLE_STATE_INVALID,
                                fault ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                                -1);
    if (fault)
        gtk_widget_add_css_class(GTK_WIDGET(dialog->entry), "error");
    else
        gtk_widget_remove_css_class(GTK_WIDGET(dialog->entry), "error");
}

static void
on_changed(GtkEditable *entry, gpointer user_data)
{
    WgwNameDialog *dialog = user_data;
    g_autofree char *name = dup_name(dialog);
    const char *fault = find_fault(dialog, name);
    gboolean own = g_strcmp0(name, wgw_tunnel_get_name(dialog->tunnel)) == 0;

    set_fault(dialog, fault);
    gtk_widget_set_sensitive(GTK_WIDGET(dialog->apply), *name && !fault && !own);
}

static void
finish(WgwNameDialog *dialog, const GError *error)
{
    if (is_closed(dialog))
        return;
    gtk_widget_set_sensitive(GTK_WIDGET(dialog), TRUE);
    if (error) {
        /* The service's words for it are those of the command line. */
        set_fault(dialog,
                  dialog->purpose == WGW_NAME_RENAME && wgw_tunnel_get_active(dialog->tunnel)
                      ? _("The tunnel is open. Disconnect it, then it can be renamed.")
                      : error->message);
        gtk_widget_grab_focus(GTK_WIDGET(dialog->entry));
        return;
    }
    gtk_widget_activate_action(GTK_WIDGET(gtk_window_get_transient_for(GTK_WINDOW(dialog))),
                               "win.show-tunnel", "s", dialog->name);
    gtk_window_close(GTK_WINDOW(dialog));
}

/* Of a rename, or the last step of a duplicate. */
static void
on_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwNameDialog) dialog = user_data;
    g_autoptr(GError) error = NULL;
    G_GNUC_UNUSED g_autoptr(GVariant) reply =
        wgw_client_call_finish(WGW_CLIENT(source), result, &error);

    finish(dialog, reply ? NULL : error);
}

static void on_step(GObject *source, GAsyncResult *result, gpointer user_data);

/* What is chosen beside the file is of the profile, too; not whether it opens at login. */
static void
copy_next(WgwNameDialog *dialog, WgwTunnel *copy)
{
    WgwChoices *choices = wgw_tunnel_get_choices(dialog->tunnel);
    g_autofree char *forwarded = wgw_choices_dup_forwarded(choices);
    g_autofree char *published = wgw_choices_dup_published(choices);

    switch (dialog->step++) {
    case 0:
        wgw_client_set_local_ports(dialog->client, copy, wgw_choices_parse_ports(forwarded),
                                   wgw_choices_parse_ports(published), on_step,
                                   g_object_ref(dialog));
        break;
    case 1:
        wgw_client_set_tunnel_dns(dialog->client, copy, wgw_choices_get_dns(choices), on_step,
                                  g_object_ref(dialog));
        break;
    case 2:
        wgw_client_set_bus(dialog->client, copy, wgw_choices_get_bus(choices), on_step,
                           g_object_ref(dialog));
        break;
    default:
        wgw_client_set_address_page(dialog->client, copy, wgw_choices_get_page(choices), on_done,
                                    g_object_ref(dialog));
    }
}

/* Of a duplicate: the import or what follows has gone well, or it is at an end. */
static void
on_step(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwNameDialog) dialog = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    WgwTunnel *copy =
        reply && !is_closed(dialog) ? wgw_client_find_tunnel(dialog->client, dialog->name) : NULL;

    if (copy)
        copy_next(dialog, copy);
    else
        finish(dialog, error);
}

static void
on_config(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwNameDialog) dialog = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(WgwConfigText) config = reply ? wgw_config_text_take(reply) : NULL;

    if (!config)
        finish(dialog, error);
    else if (!is_closed(dialog))
        wgw_client_import(dialog->client, dialog->name, config, on_step, g_object_ref(dialog));
}

static void
on_apply(GtkWidget *widget, gpointer user_data)
{
    WgwNameDialog *dialog = user_data;

    /* By Return as well. */
    if (!gtk_widget_get_sensitive(GTK_WIDGET(dialog->apply)))
        return;
    gtk_widget_set_sensitive(GTK_WIDGET(dialog), FALSE);
    g_free(dialog->name);
    dialog->name = dup_name(dialog);
    switch (dialog->purpose) {
    case WGW_NAME_RENAME:
        wgw_client_rename(dialog->client, dialog->tunnel, dialog->name, on_done,
                          g_object_ref(dialog));
        break;
    case WGW_NAME_DUPLICATE:
        dialog->step = 0;
        wgw_client_get_config(dialog->client, dialog->tunnel, TRUE, on_config,
                              g_object_ref(dialog));
        break;
    }
}

static void
wgw_name_dialog_dispose(GObject *object)
{
    WgwNameDialog *dialog = WGW_NAME_DIALOG(object);

    g_clear_object(&dialog->tunnel);
    g_clear_object(&dialog->client);
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_NAME_DIALOG);
    G_OBJECT_CLASS(wgw_name_dialog_parent_class)->dispose(object);
}

static void
wgw_name_dialog_finalize(GObject *object)
{
    g_free(WGW_NAME_DIALOG(object)->name);
    G_OBJECT_CLASS(wgw_name_dialog_parent_class)->finalize(object);
}

static void
wgw_name_dialog_class_init(WgwNameDialogClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_name_dialog_dispose;
    G_OBJECT_CLASS(class)->finalize = wgw_name_dialog_finalize;
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/name-dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwNameDialog, apply);
    gtk_widget_class_bind_template_child(widget_class, WgwNameDialog, entry);
    gtk_widget_class_bind_template_child(widget_class, WgwNameDialog, fault);
    gtk_widget_class_bind_template_callback(widget_class, on_apply);
}

static void
wgw_name_dialog_init(WgwNameDialog *dialog)
{
    gtk_widget_init_template(GTK_WIDGET(dialog));
    gtk_text_set_max_length(GTK_TEXT(gtk_editable_get_delegate(dialog->entry)), NAME_MAX_CHARS);
    g_signal_connect_object(dialog->entry, "changed", G_CALLBACK(on_changed), dialog, 0);
}

void
wgw_name_dialog_present(GtkWindow *parent,
                        WgwClient *client,
                        WgwTunnel *tunnel,
                        WgwNamePurpose purpose)
{
    WgwNameDialog *dialog = g_object_new(WGW_TYPE_NAME_DIALOG, "transient-for", parent, NULL);
    const char *name = wgw_tunnel_get_name(tunnel);
    g_autofree char *suggestion = g_strdup(name);

    dialog->client = g_object_ref(client);
    dialog->tunnel = g_object_ref(tunnel);
    dialog->purpose = purpose;
    switch (purpose) {
    case WGW_NAME_RENAME:
        gtk_window_set_title(GTK_WINDOW(dialog), _("Rename the Tunnel"));
        gtk_button_set_label(dialog->apply, _("_Rename"));
        break;
    case WGW_NAME_DUPLICATE:
        gtk_window_set_title(GTK_WINDOW(dialog), _("Duplicate the Tunnel"));
        gtk_button_set_label(dialog->apply, _("_Duplicate"));
        for (guint number = 2; wgw_client_has_tunnel(dialog->client, suggestion); number++) {
            g_free(suggestion);
            suggestion = wgw_profile_name_make(name, number);
        }
        break;
    }
    gtk_editable_set_text(dialog->entry, suggestion);
    on_changed(dialog->entry, dialog);
    gtk_window_present(GTK_WINDOW(dialog));
    gtk_widget_grab_focus(GTK_WIDGET(dialog->entry));
}
