/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/profile.h"

/* The directory of profiles, NAME.conf each. The files are the truth: the store follows what others
 * do to them, within a fraction of a second, and never changes or removes one unasked.
 *
 * Signals, each with (WgwProfile *profile), emitted in the thread-default main context in which the
 * store was opened, and for the store's own methods before they return:
 *   "profile-added", "profile-changed" (its config, problems or validity), "profile-removed"
 * A rename is a removal and an addition of another WgwProfile. */
#define WGW_TYPE_PROFILE_STORE (wgw_profile_store_get_type())
G_DECLARE_FINAL_TYPE(WgwProfileStore, wgw_profile_store, WGW, PROFILE_STORE, GObject)

/* wgw_profile_store_new - a store for directory; NULL: $XDG_CONFIG_HOME/wg-wrap/profiles. It is
 * empty until wgw_profile_store_open. Free with g_object_unref. */
WgwProfileStore *wgw_profile_store_new(const char *directory);

/* wgw_profile_store_open - make the directory (0700) if it is missing, read it ("profile-added" for
 * each), and follow it from now on. */
gboolean wgw_profile_store_open(WgwProfileStore *store, GError **error);

/* wgw_profile_store_get_directory - absolute, in the file system's encoding. */
const char *wgw_profile_store_get_directory(WgwProfileStore *store);

/* wgw_profile_store_lookup - the profile of that name, lent, or NULL. */
WgwProfile *wgw_profile_store_lookup(WgwProfileStore *store, const char *name);

/* wgw_profile_store_dup_profiles - (transfer container) all of them, sorted by name. Free with
 * g_ptr_array_unref. */
GPtrArray *wgw_profile_store_dup_profiles(WgwProfileStore *store);

/* wgw_profile_store_import - store text (len bytes, -1: up to the NUL) under a new name. Returns
 * the new profile, lent. Errors: WGW_ERROR_INVALID_ARGUMENT (the name), WGW_ERROR_INVALID_PROFILE
 * ("line:column: …"), WGW_ERROR_PROFILE_EXISTS, WGW_ERROR_LIMIT_REACHED (no space). */
WgwProfile *wgw_profile_store_import(
    WgwProfileStore *store, const char *name, const char *text, gssize len, GError **error);

/* wgw_profile_store_update - replace the file's text, with its keys where text says "(hidden)". On
 * any error the file is as it was; WGW_ERROR_INVALID_PROFILE for a text without a word, too. */
gboolean wgw_profile_store_update(
    WgwProfileStore *store, WgwProfile *profile, const char *text, gssize len, GError **error);

/* wgw_profile_store_rename - give the file another name; never over an existing one. Returns the
 * profile that takes its place, lent. */
WgwProfile *wgw_profile_store_rename(WgwProfileStore *store,
                                     WgwProfile *profile,
                                     const char *name,
                                     GError **error);

/* wgw_profile_store_remove - delete the file. */
gboolean wgw_profile_store_remove(WgwProfileStore *store, WgwProfile *profile, GError **error);
