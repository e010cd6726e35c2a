/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_preferences_window_present - what the user decides on: the settings of this application, and
 * the service's default profile. Each takes effect at once. */
void wgw_preferences_window_present(GtkWindow *parent, WgwClient *client);
