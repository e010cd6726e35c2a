/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_new_tunnel_present - ask for a name, and open an editor on a new profile with a new key. */
void wgw_new_tunnel_present(GtkWindow *parent, WgwClient *client);
