/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"
#include "dbus/wgw-dbus.h"

/* wgw_private_data_serve - what the manager's object does with what programs keep for profiles. What an
 * earlier service did not get to remove is removed. */
void wgw_private_data_serve(WgwService *service, WgwDbusManager *manager);
