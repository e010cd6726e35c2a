/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/complaint.h"

#include <adwaita.h>
#include <glib/gi18n.h>

void
wgw_complain(GtkWindow *parent, const char *heading, const char *body)
{
    GtkWidget *dialog = adw_message_dialog_new(parent, heading, body);

    adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", _("_OK"));
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "close");
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "close");
    gtk_window_present(GTK_WINDOW(dialog));
}
