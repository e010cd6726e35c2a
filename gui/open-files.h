/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_open_files - open each of @files in a tunnel, as the file managers' menus do: in the only one, or
 * in one that is chosen in a dialog. Without a tunnel, or without a service, the application is
 * activated: its window says how to go on. */
void wgw_open_files(GtkApplication *application, WgwClient *client, GFile **files, int n_files);
