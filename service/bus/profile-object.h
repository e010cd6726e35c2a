/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"

/* wgw_profile_object_add - put @profile on the bus, as org.wgwrap.WgWrap1.Profile. */
void wgw_profile_object_add(WgwService *service, WgwProfile *profile);

/* wgw_profile_object_update - its file or its session has changed. */
void wgw_profile_object_update(WgwService *service, WgwProfile *profile);

/* wgw_profile_object_outlive - the file of the profile @name is gone, but its session is there: an
 * object without a configuration, by which people see it and can close it. */
void wgw_profile_object_outlive(WgwService *service, const char *name);

void wgw_profile_object_remove(WgwService *service, const char *name);

/* wgw_profile_object_logged - one more entry in the log of the profile @name: "logged" of WgwLogs. */
void wgw_profile_object_logged(WgwLogs *logs,
                               const char *name,
                               guint64 time,
                               const char *severity,
                               const char *message,
                               WgwService *service);
