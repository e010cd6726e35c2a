/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_log_window_present - what has happened to @tunnel and what happens from now on: the window that
 * there is, or a new one. */
void wgw_log_window_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);
