/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_check_window_present - look at this machine, and show what was found as a report that is safe to
 * paste; or, with @tunnel, look from inside whether what runs in it is really in the tunnel. As often
 * as is wanted. */
void wgw_check_window_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);
