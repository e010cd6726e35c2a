/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/text-edit.h"

void
wgw_text_edit_apply(GtkTextBuffer *buffer, const char *text, GArray *edits)
{
    const WgwTextEdit *first = &g_array_index(edits, WgwTextEdit, 0);
    gboolean several =
        edits->len > 1 || (edits->len == 1 && first->end > first->start && *first->replacement);

    if (several)
        gtk_text_buffer_begin_user_action(buffer);
    /* From the end, so that places before an edit stay what they are. */
    for (guint i = edits->len; i > 0; i--) {
        const WgwTextEdit *edit = &g_array_index(edits, WgwTextEdit, i - 1);
        GtkTextIter start, end;

        gtk_text_buffer_get_iter_at_offset(buffer, &start,
                                           g_utf8_pointer_to_offset(text, text + edit->start));
        gtk_text_buffer_get_iter_at_offset(buffer, &end,
                                           g_utf8_pointer_to_offset(text, text + edit->end));
        gtk_text_buffer_delete(buffer, &start, &end);
        gtk_text_buffer_insert(buffer, &start, edit->replacement, -1);
    }
    if (several)
        gtk_text_buffer_end_user_action(buffer);
}
