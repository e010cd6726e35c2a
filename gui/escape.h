/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_close_by_escape - for the windows that libadwaita 1.2 leaves to the mouse to close. */
void wgw_close_by_escape(GtkWindow *window);
