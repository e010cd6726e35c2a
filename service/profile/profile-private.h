/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/profile.h"

/* What the store does with its profiles. */

#define WGW_PROFILE_SUFFIX ".conf"

/* wgw_profile_new - of a file that was not read yet. Free with g_object_unref. */
WgwProfile *wgw_profile_new(const char *directory, const char *name);

typedef enum {
    WGW_REFRESH_SAME,
    WGW_REFRESH_CHANGED,
    WGW_REFRESH_GONE, /* there is no such file; the profile is as it was */
} WgwRefresh;

/* wgw_profile_refresh - read the file again, and tell what came of it. */
WgwRefresh wgw_profile_refresh(WgwProfile *profile);
