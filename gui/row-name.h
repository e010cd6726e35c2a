/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_row_name - name the row of a list in which @item is, for GTK names no row by what is in it, and
 * say more of it; @description may be NULL. Called from the closures by which a row's file gets the text that is shown, so it is called
 * whenever that changes; NULL is taken for nothing. */
void wgw_row_name(GtkListItem *item, const char *name, const char *description);
