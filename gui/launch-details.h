/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"
#include "gui/installed-app.h"

/* The launch dialog's page about one application: how it is kept apart in the tunnel, whether a copy
 * runs outside, and whether the desktop always offers it in the tunnel. Launching is the action
 * "launch.app", whose target is the desktop ID. */
#define WGW_TYPE_LAUNCH_DETAILS (wgw_launch_details_get_type())
G_DECLARE_FINAL_TYPE(WgwLaunchDetails, wgw_launch_details, WGW, LAUNCH_DETAILS, AdwBin)

void wgw_launch_details_show(WgwLaunchDetails *details,
                             WgwClient *client,
                             WgwTunnel *tunnel,
                             WgwInstalledApp *app);
