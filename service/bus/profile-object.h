/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"

/* wgw_profile_object_add - put @profile on the bus, as org.wgwrap.WgWrap1.Profile. */
void wgw_profile_object_add(WgwService *service, WgwProfile *profile);

/* wgw_profile_object_update - its file or its session has changed. */
void wgw_profile_object_update(WgwService *service, WgwProfile *profile);

void wgw_profile_object_remove(WgwService *service, WgwProfile *profile);

/* wgw_profile_object_logged - one more entry in the log of the profile @name: "logged" of WgwLogs. */
void wgw_profile_object_logged(WgwLogs *logs,
                               const char *name,
                               guint64 time,
                               const char *severity,
                               const char *message,
                               WgwService *service);
