/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_row_menu_attach - offer "win.toggle" and @menu for a row of @list, whose model is a GtkSingleSelection of
 * WgwTunnel: by the secondary button or a long touch, which selects the row first, and by the keys that open
 * a context menu. The menu's actions are those of the selected tunnel. */
void wgw_row_menu_attach(GtkListView *list, GMenuModel *menu);
