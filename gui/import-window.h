/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/import.h"

/* wgw_import_window_run - start @import, which is taken, for the main window @parent: with a window that tells how
 * far it is and can end it if it takes a while, and that lists what was wrong, if anything was. If nothing was, it
 * says so in a toast, and shows the tunnel if it is one. */
void wgw_import_window_run(GtkWindow *parent, WgwImport *import);
