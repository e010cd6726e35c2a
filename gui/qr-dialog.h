/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_qr_dialog_present - show @tunnel's profile, keys and all, as a code that the WireGuard
 * application of a phone scans. */
void wgw_qr_dialog_present(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);
