/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* wgw_remove - remove @tunnel's profile, and offer to undo that in a toast of @toasts. Until that is
 * gone, the profile's text is kept in memory. One with mistakes the service would not take back: the
 * user is asked beforehand. */
void wgw_remove(AdwToastOverlay *toasts, WgwClient *client, WgwTunnel *tunnel);
