/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/complaint.h"

#include <glib/gi18n.h>

void
wgw_complain(GtkWindow *parent, const char *heading, const char *body)
{
    wgw_complain_with_output(parent, heading, body, "");
}

/* It may be long in both directions. */
static GtkWidget *
create_output(const char *output)
{
    GtkWidget *label = gtk_label_new(output);
    GtkWidget *window = gtk_scrolled_window_new();

    gtk_label_set_selectable(GTK_LABEL(label), TRUE);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_widget_add_css_class(label, "monospace");
    gtk_widget_add_css_class(label, "caption");
    gtk_accessible_update_property(GTK_ACCESSIBLE(window), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   _("What the program wrote last"), -1);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(window), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(window), TRUE);
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(window), 240);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(window), label);
    return window;
}

void
wgw_complain_with_output(GtkWindow *parent,
                         const char *heading,
                         const char *body,
                         const char *output)
{
    GtkWidget *dialog = adw_message_dialog_new(parent, heading, body);

    adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", _("_OK"));
    adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "close");
    adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "close");
    if (*output)
        adw_message_dialog_set_extra_child(ADW_MESSAGE_DIALOG(dialog), create_output(output));
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
