/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/tunnel.h"

/* A tunnel's receive and send rates over the last minutes. Property "tunnel"; "span", how many
 * seconds it shows, 60 to WGW_HISTORY_LENGTH. Draws anew only when the tunnel was sampled, so not
 * while nobody looks. */
#define WGW_TYPE_THROUGHPUT_GRAPH (wgw_throughput_graph_get_type())
G_DECLARE_FINAL_TYPE(WgwThroughputGraph, wgw_throughput_graph, WGW, THROUGHPUT_GRAPH, GtkWidget)
