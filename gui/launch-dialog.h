/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_launch_dialog_present - let the person choose an application, or type a command or an address,
 * and run it in @tunnel. What came of it is said by the action "win.say" of @parent. */
void wgw_launch_dialog_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);
