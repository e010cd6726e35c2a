/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/store.h"

/* The keeper of the launchers that were made of applications: they follow these, and the profiles. */
typedef struct _WgwLaunchers WgwLaunchers;

/* wgw_launchers_new - looks for the first time when the main loop has nothing else to do. */
WgwLaunchers *wgw_launchers_new(WgwProfileStore *store);

/* wgw_launchers_look - there may be something new; asked often, looks once. */
void wgw_launchers_look(WgwLaunchers *launchers);
