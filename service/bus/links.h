/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"
#include "dbus/wgw-dbus.h"

/* wgw_links_serve - what the manager's object says of links: its rules, and the browser. */
void wgw_links_serve(WgwService *service, WgwDbusManager *manager);

/* wgw_links_rename_profile - the rules for it are for its new name. Those for one that is removed stay: its
 * links then open nowhere, rather than outside. */
void wgw_links_rename_profile(WgwService *service, const char *profile, const char *name);
