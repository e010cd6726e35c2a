/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* What a tunnel and this computer reach of each other, to be seen and to be changed. */
#define WGW_TYPE_CHOICES_GROUP (wgw_choices_group_get_type())
G_DECLARE_FINAL_TYPE(WgwChoicesGroup, wgw_choices_group, WGW, CHOICES_GROUP, AdwPreferencesGroup)

/* wgw_choices_group_set_tunnel - both may be NULL. */
void wgw_choices_group_set_tunnel(WgwChoicesGroup *group, WgwClient *client, WgwTunnel *tunnel);
