/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

#include "profile/config.h"

/* A file of a WgwProfileStore, as the store saw it last. It keeps no secrets: those are read from
 * the file when they are needed. Belongs to the thread of its store. */
#define WGW_TYPE_PROFILE (wgw_profile_get_type())
G_DECLARE_FINAL_TYPE(WgwProfile, wgw_profile, WGW, PROFILE, GObject)

/* A profile's name, in characters. */
#define WGW_PROFILE_NAME_MAX 64

/* wgw_profile_name_check - whether name may name a profile: UTF-8, 1 to 64 characters, no "/", no
 * control characters, not beginning with ".". If not, WGW_ERROR_INVALID_ARGUMENT says why. */
gboolean wgw_profile_name_check(const char *name, GError **error);

const char *wgw_profile_get_name(WgwProfile *profile);
/* wgw_profile_get_path - absolute, in the file system's encoding. */
const char *wgw_profile_get_path(WgwProfile *profile);
/* wgw_profile_is_valid - whether the file was read without errors. */
gboolean wgw_profile_is_valid(WgwProfile *profile);
/* wgw_profile_get_config - without secrets, lent until the profile changes; NULL if invalid. */
WgwConfig *wgw_profile_get_config(WgwProfile *profile);
/* wgw_profile_get_problems - of WgwProblem, lent until the profile changes, never NULL. */
GPtrArray *wgw_profile_get_problems(WgwProfile *profile);

/* wgw_profile_open - a descriptor of the file as it is now (read-only, O_CLOEXEC), the caller's to
 * close: for --config-fd. -1 with WGW_ERROR_NO_SUCH_PROFILE or WGW_ERROR_NOT_PERMITTED (a symbolic
 * link, no regular file, somebody else's). */
int wgw_profile_open(WgwProfile *profile, GError **error);

/* wgw_profile_read - the file's text, of whatever worth. Free with wgw_secret_free. */
WgwSecret *wgw_profile_read(WgwProfile *profile, GError **error);

/* wgw_profile_load - the file's configuration as it is now, with secrets. Free with
 * wgw_config_unref. */
WgwConfig *wgw_profile_load(WgwProfile *profile, GError **error);
