/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The form and the text, which are two views of one buffer: which of them is seen, and what has the
 * focus there. */

#include "gui/editor-private.h"

static gboolean
is_form(WgwEditor *editor)
{
    return g_str_equal(adw_view_stack_get_visible_child_name(editor->views), "form");
}

/* Where the focus is, there one goes on: the field of the line that the cursor is in. */
static void
on_view(AdwViewStack *views, GParamSpec *pspec, WgwEditor *editor)
{
    GtkTextIter cursor;

    if (!editor->ready)
        return;
    if (!is_form(editor)) {
        gtk_widget_grab_focus(GTK_WIDGET(editor->view));
        return;
    }
    gtk_text_buffer_get_iter_at_mark(editor->buffer, &cursor,
                                     gtk_text_buffer_get_insert(editor->buffer));
    if (!wgw_config_form_focus(editor->form, gtk_text_iter_get_line(&cursor) + 1) &&
        !wgw_config_form_focus(editor->form, 0))
        gtk_widget_child_focus(GTK_WIDGET(editor->form), GTK_DIR_TAB_FORWARD);
}

static void
show_text(WgwEditor *editor)
{
    adw_view_stack_set_visible_child_name(editor->views, "text");
    gtk_widget_grab_focus(GTK_WIDGET(editor->view));
}

static void
on_to_text(WgwConfigForm *form, WgwEditor *editor)
{
    show_text(editor);
}

/* The form shows what it has a field for. */
static gboolean
on_jump(WgwProblemList *list, guint line, guint column, WgwEditor *editor)
{
    if (is_form(editor) && wgw_config_form_focus(editor->form, line))
        return TRUE;
    show_text(editor);
    return FALSE;
}

void
wgw_editor_choose_view(WgwEditor *editor)
{
    if (!wgw_config_form_can_show(editor->form)) {
        show_text(editor);
        return;
    }
    adw_view_stack_set_visible_child_name(editor->views, "form");
    wgw_config_form_focus(editor->form, 0);
}

void
wgw_editor_change_view(WgwEditor *editor)
{
    adw_view_stack_set_visible_child_name(editor->views, is_form(editor) ? "text" : "form");
}

void
wgw_editor_connect_views(WgwEditor *editor)
{
    g_signal_connect_object(editor->views, "notify::visible-child", G_CALLBACK(on_view), editor, 0);
    g_signal_connect_object(editor->form, "to-text", G_CALLBACK(on_to_text), editor, 0);
    g_signal_connect_object(editor->problems, "jump", G_CALLBACK(on_jump), editor, 0);
}
