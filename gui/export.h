/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_export - ask for a file, and write @tunnel's profile, keys and all, into it so that only the
 * user may read it. */
void wgw_export(GtkWindow *parent, WgwClient *client, WgwTunnel *tunnel);
