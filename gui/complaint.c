/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/complaint.h"

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

void
wgw_ask(GtkWindow *parent,
        const char *heading,
        const char *body,
        const WgwAnswer *answers,
        gsize n_answers,
        GCallback on_response)
{
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG(adw_message_dialog_new(parent, heading, body));

    for (gsize i = 0; i < n_answers; i++) {
        adw_message_dialog_add_response(dialog, answers[i].id, _(answers[i].label));
        adw_message_dialog_set_response_appearance(dialog, answers[i].id, answers[i].appearance);
    }
    adw_message_dialog_set_default_response(dialog, answers[n_answers - 1].id);
    adw_message_dialog_set_close_response(dialog, "cancel");
    g_signal_connect_object(dialog, "response", on_response, parent, 0);
    gtk_window_present(GTK_WINDOW(dialog));
}
