/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"
#include "dbus/wgw-dbus.h"

/* wgw_defaults_serve - keep the manager's properties DefaultBus and DefaultLinger, and what goes by them. */
void wgw_defaults_serve(WgwService *service, WgwDbusManager *manager);
