/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_tunnel_order_new - the order of @tunnels, a model of WgwTunnel, that the application's @settings ask for: by
 * name, by state, or by which was used last, and then by name. It follows both, and notes in the settings which
 * tunnels were used. (transfer full) */
GtkSorter *wgw_tunnel_order_new(GListModel *tunnels, GSettings *settings);
