/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/config-field.h"

#include <glib/gi18n.h>

/* In the place of a secret, however long that is. */
#define BULLETS "••••••••••••"

struct _WgwConfigField {
    AdwEntryRow parent_instance;

    const char *key;
    guint emptied;     /* the idle source that tells; 0: there is none */
    gboolean showing;  /* it is not the user who changes the text */
    GtkButton *reveal; /* NULL: there is nothing to hide */
    GtkWidget *problem_row;
    GtkLabel *problem_label;
    GtkImage *problem_icon;
};

enum { SIGNAL_EDITED, SIGNAL_REVEAL, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(WgwConfigField, wgw_config_field, ADW_TYPE_ENTRY_ROW)

static GtkWidget *
get_text_widget(WgwConfigField *field)
{
    return GTK_WIDGET(gtk_editable_get_delegate(GTK_EDITABLE(field)));
}

/* Of a list, what is between the commas, for blanks are not kept. */
static char *
normalise(const char *text)
{
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    GString *normal = g_string_new(NULL);

    for (char **item = items; *item; item++)
        if (*g_strstrip(*item))
            g_string_append_printf(normal, "%s%s", normal->len > 0 ? ", " : "", *item);
    return g_string_free(normal, FALSE);
}

static gboolean
on_emptied(gpointer user_data)
{
    WgwConfigField *field = user_data;

    field->emptied = 0;
    g_signal_emit(field, signals[SIGNAL_EDITED], 0, "");
    return G_SOURCE_REMOVE;
}

static void
on_changed(WgwConfigField *field, gpointer user_data)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(field));

    g_clear_handle_id(&field->emptied, g_source_remove);
    if (field->showing)
        return;
    /* What is typed over a selection empties the field first, which is not meant; before the next key it
     * is. */
    if (*text)
        g_signal_emit(field, signals[SIGNAL_EDITED], 0, text);
    else
        field->emptied = g_idle_add_full(G_PRIORITY_HIGH, on_emptied, field, NULL);
}

static void
on_reveal(GtkButton *button, WgwConfigField *field)
{
    g_signal_emit(field, signals[SIGNAL_REVEAL], 0);
}

static void
name_button(GtkButton *button, const char *icon_name, const char *name)
{
    gtk_button_set_icon_name(button, icon_name);
    gtk_widget_set_tooltip_text(GTK_WIDGET(button), name);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
wgw_config_field_dispose(GObject *object)
{
    g_clear_handle_id(&WGW_CONFIG_FIELD(object)->emptied, g_source_remove);
    G_OBJECT_CLASS(wgw_config_field_parent_class)->dispose(object);
}

static void
wgw_config_field_class_init(WgwConfigFieldClass *class)
{
    G_OBJECT_CLASS(class)->dispose = wgw_config_field_dispose;
    signals[SIGNAL_EDITED] = g_signal_new("edited", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[SIGNAL_REVEAL] = g_signal_new("reveal", G_TYPE_FROM_CLASS(class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wgw_config_field_init(WgwConfigField *field)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *text = get_text_widget(field);

    field->problem_row = adw_preferences_row_new();
    field->problem_label = GTK_LABEL(gtk_label_new(NULL));
    field->problem_icon =
        g_object_new(GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, "valign",
                     GTK_ALIGN_START, NULL);
    gtk_label_set_wrap(field->problem_label, TRUE);
    gtk_label_set_wrap_mode(field->problem_label, PANGO_WRAP_WORD_CHAR);
    gtk_label_set_xalign(field->problem_label, 0);
    gtk_widget_set_hexpand(GTK_WIDGET(field->problem_label), TRUE);
    gtk_widget_add_css_class(GTK_WIDGET(field->problem_label), "caption");
    gtk_box_append(GTK_BOX(box), GTK_WIDGET(field->problem_icon));
    gtk_box_append(GTK_BOX(box), GTK_WIDGET(field->problem_label));
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(field->problem_row), box);
    gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(field->problem_row), FALSE);
    gtk_widget_set_focusable(field->problem_row, FALSE);
    gtk_widget_add_css_class(field->problem_row, "problem");
    gtk_widget_set_visible(field->problem_row, FALSE);
    /* What stands there is of no language, and no part of it belongs elsewhere than where it is written. */
    gtk_widget_set_direction(text, GTK_TEXT_DIR_LTR);
    if (gtk_widget_get_direction(GTK_WIDGET(field)) == GTK_TEXT_DIR_RTL)
        gtk_editable_set_alignment(GTK_EDITABLE(field), 1);
    /* The text has a history, which is of both views. */
    gtk_editable_set_enable_undo(GTK_EDITABLE(field), FALSE);
    g_signal_connect(field, "changed", G_CALLBACK(on_changed), NULL);
}

WgwConfigField *
wgw_config_field_new(AdwPreferencesGroup *group,
                     const char *title,
                     const char *key,
                     gboolean secret)
{
    WgwConfigField *field = g_object_new(WGW_TYPE_CONFIG_FIELD, "title", title, NULL);

    field->key = key;
    if (secret) {
        field->reveal = GTK_BUTTON(gtk_button_new());
        gtk_widget_set_valign(GTK_WIDGET(field->reveal), GTK_ALIGN_CENTER);
        gtk_widget_add_css_class(GTK_WIDGET(field->reveal), "flat");
        g_signal_connect_object(field->reveal, "clicked", G_CALLBACK(on_reveal), field, 0);
        adw_entry_row_add_suffix(ADW_ENTRY_ROW(field), GTK_WIDGET(field->reveal));
    }
    adw_preferences_group_add(group, GTK_WIDGET(field));
    adw_preferences_group_add(group, field->problem_row);
    return field;
}

const char *
wgw_config_field_get_key(WgwConfigField *field)
{
    return field->key;
}

void
wgw_config_field_show(WgwConfigField *field, const char *text, gboolean hidden)
{
    GtkEditable *editable = GTK_EDITABLE(field);
    g_autofree char *shown = normalise(gtk_editable_get_text(editable));
    g_autofree char *wanted = normalise(text);

    if (field->reveal) {
        gtk_widget_set_visible(GTK_WIDGET(field->reveal), *text != '\0');
        name_button(field->reveal, hidden ? "view-reveal-symbolic" : "view-conceal-symbolic",
                    hidden ? _("Show the Key") : _("Hide the Key"));
        gtk_editable_set_editable(editable, !hidden);
        if (hidden)
            gtk_widget_add_css_class(GTK_WIDGET(field), "hidden");
        else
            gtk_widget_remove_css_class(GTK_WIDGET(field), "hidden");
    }
    if (g_str_equal(shown, hidden ? BULLETS : wanted))
        return;
    field->showing = TRUE;
    if (hidden)
        gtk_editable_set_text(editable, BULLETS);
    else {
        int position = gtk_editable_get_position(editable);

        gtk_editable_set_text(editable, text);
        gtk_editable_set_position(editable, position);
    }
    field->showing = FALSE;
}

void
wgw_config_field_set_problem(WgwConfigField *field, const char *severity, const char *message)
{
    static const char *const classes[] = {"error", "warning"};
    gboolean is_error = message && g_str_equal(severity, "error");
    GtkWidget *widgets[] = {GTK_WIDGET(field), GTK_WIDGET(field->problem_label),
                            GTK_WIDGET(field->problem_icon)};
    /* The one is what is read, the other has the focus. */
    GtkWidget *accessibles[] = {GTK_WIDGET(field), get_text_widget(field)};

    for (gsize i = 0; i < G_N_ELEMENTS(widgets); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(classes); j++)
            if (message && g_str_equal(severity, classes[j]))
                gtk_widget_add_css_class(widgets[i], classes[j]);
            else
                gtk_widget_remove_css_class(widgets[i], classes[j]);
    gtk_label_set_label(field->problem_label, message ? message : "");
    gtk_image_set_from_icon_name(field->problem_icon,
                                 is_error ? "dialog-error-symbolic" : "dialog-warning-symbolic");
    gtk_widget_set_visible(field->problem_row, message != NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(accessibles); i++) {
        GtkAccessible *accessible = GTK_ACCESSIBLE(accessibles[i]);

        gtk_accessible_update_state(
            accessible, GTK_ACCESSIBLE_STATE_INVALID,
            is_error ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
        gtk_accessible_update_property(accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       message ? message : "", -1);
    }
}

void
wgw_config_field_focus(WgwConfigField *field)
{
    gtk_text_grab_focus_without_selecting(GTK_TEXT(get_text_widget(field)));
}
