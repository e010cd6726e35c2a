/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/accessible.h"

#include <adwaita.h>

/* On a button: it has a name that is not its label. On a label: what it says is said of its row. */
#define NAMED  "wgw-named"
#define MENDED "wgw-mended"

/* GTK joins the label as it is written, "_Stop", and as it is shown. */
static void
mend_button(GtkButton *button)
{
    if (gtk_button_get_use_underline(button) && !g_object_get_data(G_OBJECT(button), NAMED))
        gtk_accessible_reset_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

/* libadwaita joins a name that they have with the title of the row that they are in. */
static void
mend_switch(GtkWidget *widget)
{
    if (gtk_widget_get_ancestor(widget, ADW_TYPE_ACTION_ROW))
        gtk_accessible_reset_relation(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* Its title, without a mnemonic's underscore. */
static void
name_after_row(GtkWidget *widget, GtkWidget *row)
{
    AdwPreferencesRow *titled = ADW_PREFERENCES_ROW(row);
    const char *title = adw_preferences_row_get_title(titled);
    g_auto(GStrv) parts = g_strsplit(title, "_", -1);
    g_autofree char *plain = g_strjoinv("", parts);

    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   adw_preferences_row_get_use_underline(titled) ? plain : title,
                                   -1);
}

/* libadwaita's row has a name but never the focus, which is the text's in it. */
static void
mend_entry_row(GtkWidget *text)
{
    GtkWidget *row = gtk_widget_get_ancestor(text, ADW_TYPE_ENTRY_ROW);

    /* A role is for good, and a view may be shown again. */
    if (!row ||
        gtk_accessible_get_accessible_role(GTK_ACCESSIBLE(text)) == GTK_ACCESSIBLE_ROLE_TEXT_BOX)
        return;
    g_object_set(text, "accessible-role", GTK_ACCESSIBLE_ROLE_TEXT_BOX, NULL);
    name_after_row(text, row);
}

static void
describe(GtkWidget *row, GtkLabel *subtitle)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   gtk_label_get_text(subtitle), -1);
}

/* Where the focus is a change may be read aloud, and some change every second: those are told when it
 * comes. */
static void
on_subtitle(GtkLabel *subtitle, GParamSpec *pspec, GtkWidget *row)
{
    if (!gtk_widget_has_focus(row))
        describe(row, subtitle);
}

static void
on_row_focus(GtkWidget *row, GParamSpec *pspec, GtkLabel *subtitle)
{
    if (gtk_widget_has_focus(row))
        describe(row, subtitle);
}

static void
mend_subtitle(GtkLabel *subtitle)
{
    GtkWidget *row = gtk_widget_get_ancestor(GTK_WIDGET(subtitle), ADW_TYPE_ACTION_ROW);

    if (!row || g_object_get_data(G_OBJECT(subtitle), MENDED))
        return;
    g_object_set_data(G_OBJECT(subtitle), MENDED, GINT_TO_POINTER(TRUE));
    g_signal_connect_object(subtitle, "notify::label", G_CALLBACK(on_subtitle), row, 0);
    g_signal_connect_object(row, "notify::has-focus", G_CALLBACK(on_row_focus), subtitle, 0);
    describe(row, subtitle);
}

/* Of a combo row's items; what is chosen is one of them in a list of its own, outside the popover. */
static void
on_choice(GtkLabel *label, GParamSpec *pspec, GtkWidget *item)
{
    GtkWidget *row = gtk_widget_get_ancestor(item, ADW_TYPE_COMBO_ROW);
    const char *text = gtk_label_get_text(label);

    gtk_accessible_update_property(GTK_ACCESSIBLE(item), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
    if (row && !gtk_widget_get_ancestor(item, GTK_TYPE_POPOVER))
        gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       text, -1);
}

/* Neither its lists nor what is in them has a name. */
static void
mend_choice(GtkLabel *label)
{
    GtkWidget *row = gtk_widget_get_ancestor(GTK_WIDGET(label), ADW_TYPE_COMBO_ROW);
    GtkWidget *list = gtk_widget_get_ancestor(GTK_WIDGET(label), GTK_TYPE_LIST_VIEW);
    GtkWidget *item = GTK_WIDGET(label);

    if (!row || !list || !gtk_widget_is_ancestor(list, row) ||
        g_object_get_data(G_OBJECT(label), MENDED))
        return;
    while (gtk_widget_get_parent(item) != list)
        item = gtk_widget_get_parent(item);
    name_after_row(list, row);
    g_object_set_data(G_OBJECT(label), MENDED, GINT_TO_POINTER(TRUE));
    g_signal_connect_object(label, "notify::label", G_CALLBACK(on_choice), item, 0);
    on_choice(label, NULL, item);
}

static gboolean
on_map(GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
    GtkWidget *widget = g_value_get_object(values);

    if (GTK_IS_BUTTON(widget))
        mend_button(GTK_BUTTON(widget));
    else if (GTK_IS_SWITCH(widget) || GTK_IS_CHECK_BUTTON(widget) || GTK_IS_SPIN_BUTTON(widget))
        mend_switch(widget);
    else if (GTK_IS_TEXT(widget))
        mend_entry_row(widget);
    else if (GTK_IS_LABEL(widget) && gtk_widget_has_css_class(widget, "subtitle"))
        mend_subtitle(GTK_LABEL(widget));
    else if (GTK_IS_LABEL(widget))
        mend_choice(GTK_LABEL(widget));
    return TRUE;
}

void
wgw_accessible_mend(void)
{
    /* A signal is known with its class. */
    g_type_class_unref(g_type_class_ref(GTK_TYPE_WIDGET));
    /* Buttons and rows are made all over, by libadwaita as well. */
    g_signal_add_emission_hook(g_signal_lookup("map", GTK_TYPE_WIDGET), 0, on_map, NULL, NULL);
}

void
wgw_accessible_name_button(GtkButton *button, const char *name)
{
    g_object_set_data(G_OBJECT(button), NAMED, GINT_TO_POINTER(TRUE));
    gtk_accessible_reset_relation(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
