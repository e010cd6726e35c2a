/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/qr-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "gui/complaint.h"
#include "gui/config-text.h"
#include "gui/qr-code.h"

#define WGW_TYPE_QR_DIALOG (wgw_qr_dialog_get_type())
G_DECLARE_FINAL_TYPE(WgwQrDialog, wgw_qr_dialog, WGW, QR_DIALOG, AdwWindow)

struct _WgwQrDialog {
    AdwWindow parent_instance;

    AdwWindowTitle *title;
    GtkStack *stack;
    WgwQrCode *code;
    AdwStatusPage *too_long;
};

G_DEFINE_FINAL_TYPE(WgwQrDialog, wgw_qr_dialog, ADW_TYPE_WINDOW)

static void
wgw_qr_dialog_dispose(GObject *object)
{
    gtk_widget_dispose_template(GTK_WIDGET(object), WGW_TYPE_QR_DIALOG);
    G_OBJECT_CLASS(wgw_qr_dialog_parent_class)->dispose(object);
}

static void
wgw_qr_dialog_class_init(WgwQrDialogClass *class)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

    G_OBJECT_CLASS(class)->dispose = wgw_qr_dialog_dispose;
    g_type_ensure(WGW_TYPE_QR_CODE);
    gtk_widget_class_set_template_from_resource(widget_class, "/org/wgwrap/WgWrap/qr-dialog.ui");
    gtk_widget_class_bind_template_child(widget_class, WgwQrDialog, title);
    gtk_widget_class_bind_template_child(widget_class, WgwQrDialog, stack);
    gtk_widget_class_bind_template_child(widget_class, WgwQrDialog, code);
    gtk_widget_class_bind_template_child(widget_class, WgwQrDialog, too_long);
}

static void
wgw_qr_dialog_init(WgwQrDialog *dialog)
{
    gtk_widget_init_template(GTK_WIDGET(dialog));
}

static void
show(WgwQrDialog *dialog, const char *config)
{
    g_autofree char *description = NULL;

    if (wgw_qr_code_set_text(dialog->code, config))
        return;
    description = g_strdup_printf(_("The profile has %zu bytes, and a QR code holds %d at most. "
                                    "Export it to a file, and send that to the phone."),
                                  strlen(config), WGW_QR_CODE_MAX);
    adw_status_page_set_description(dialog->too_long, description);
    gtk_stack_set_visible_child_name(dialog->stack, "too-long");
}

typedef struct {
    GtkWindow *parent;
    char *name;
} Request;

static void
request_free(Request *request)
{
    g_object_unref(request->parent);
    g_free(request->name);
    g_free(request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)

static void
on_config(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(Request) request = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(WGW_CLIENT(source), result, &error);
    g_autoptr(WgwConfigText) config = NULL;
    g_autofree char *label = NULL;
    WgwQrDialog *dialog;

    if (!reply) {
        wgw_complain(request->parent, _("This Did Not Work"), error->message);
        return;
    }
    config = wgw_config_text_take(reply);
    dialog = g_object_new(WGW_TYPE_QR_DIALOG, "transient-for", request->parent, NULL);
    label = g_strdup_printf(_("QR code of the tunnel “%s”"), request->name);
    adw_window_title_set_subtitle(dialog->title, request->name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(dialog->code), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   label, -1);
    show(dialog, config);
    gtk_window_present(GTK_WINDOW(dialog));
}

/* The dialog is made when there is an answer: while the last of all windows is one that was never shown,
 * GTK 4.8 crashes when assistive technology asks for one that has just been closed. */
void
wgw_qr_dialog_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel)
{
    Request *request = g_new0(Request, 1);

    request->parent = g_object_ref(parent);
    request->name = g_strdup(wgw_tunnel_get_name(tunnel));
    wgw_client_get_config(client, tunnel, TRUE, on_config, request);
}
