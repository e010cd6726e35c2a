/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_launch_dialog_present - let the person choose an application, or type a command or an address,
 * and run it in @tunnel. The dialog closes when that has begun, and says why if it has not. */
void wgw_launch_dialog_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);
