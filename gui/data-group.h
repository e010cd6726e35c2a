/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* What programs keep for a tunnel, or for tunnels that were removed: a row for each, by which it can be
 * deleted. Not to be seen while there is nothing. */
#define WGW_TYPE_DATA_GROUP (wgw_data_group_get_type())
G_DECLARE_FINAL_TYPE(WgwDataGroup, wgw_data_group, WGW, DATA_GROUP, AdwPreferencesGroup)

/* wgw_data_group_set_tunnel - @tunnel NULL: none. It is looked at again whenever a program comes or goes. */
void wgw_data_group_set_tunnel(WgwDataGroup *group, WgwClient *client, WgwTunnel *tunnel);

/* wgw_data_group_set_removed - what is kept for tunnels that there are not. */
void wgw_data_group_set_removed(WgwDataGroup *group, WgwClient *client);
