/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* Everything about one tunnel. */
#define WGW_TYPE_TUNNEL_PAGE (wgw_tunnel_page_get_type())
G_DECLARE_FINAL_TYPE(WgwTunnelPage, wgw_tunnel_page, WGW, TUNNEL_PAGE, AdwBin)

/* wgw_tunnel_page_set_client - once, before the first tunnel. */
void wgw_tunnel_page_set_client(WgwTunnelPage *page, WgwClient *client);

/* wgw_tunnel_page_set_tunnel - NULL: none. */
void wgw_tunnel_page_set_tunnel(WgwTunnelPage *page, WgwTunnel *tunnel);

/* wgw_tunnel_page_toggle - what the switch does: open the tunnel, or close it, and ask first if programs run in it. */
void wgw_tunnel_page_toggle(WgwTunnelPage *page);
