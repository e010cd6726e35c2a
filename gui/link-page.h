/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* The page of the preferences about web links: which hosts' links open in which tunnel, and whether the
 * desktop asks for that at all. It asks whoever has it to tell the settings anew by activating
 * "settings.reload". */
#define WGW_TYPE_LINK_PAGE (wgw_link_page_get_type())
G_DECLARE_FINAL_TYPE(WgwLinkPage, wgw_link_page, WGW, LINK_PAGE, AdwPreferencesPage)

void wgw_link_page_set_client(WgwLinkPage *page, WgwClient *client);

/* wgw_link_page_set_rules - a{ss}, pattern and profile. */
void wgw_link_page_set_rules(WgwLinkPage *page, GVariant *rules);
