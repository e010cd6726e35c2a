/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* The first page on a machine where no tunnel can run: why, and how to mend it. Property "unable":
 * whether it is one, notified of after each look. */
#define WGW_TYPE_UNABLE_PAGE (wgw_unable_page_get_type())
G_DECLARE_FINAL_TYPE(WgwUnablePage, wgw_unable_page, WGW, UNABLE_PAGE, AdwBin)

void wgw_unable_page_set_client(WgwUnablePage *page, WgwClient *client);

/* wgw_unable_page_look - whether the machine was looked at; if not, that begins. */
gboolean wgw_unable_page_look(WgwUnablePage *page);
