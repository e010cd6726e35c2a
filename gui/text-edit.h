/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/config-lines.h"

/* wgw_text_edit_apply - to @buffer, whose text is @text: @edits are in the text's order. They are one step
 * of the buffer's history; a single letter that is added to the one before is one step with that, as
 * when it is typed there. */
void wgw_text_edit_apply(GtkTextBuffer *buffer, const char *text, GArray *edits);
