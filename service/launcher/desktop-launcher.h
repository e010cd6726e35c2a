/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* "Application (profile)" among the user's applications: a desktop entry in
 * $XDG_DATA_HOME/applications made from the application's own, with `wg-wrap open` in Exec=. */

/* The entry's key that says which profile's it is; no other entry has it. */
#define WGW_DESKTOP_LAUNCHER_PROFILE "X-WgWrap-Profile"

/* wgw_desktop_launcher_create - write the launcher of an application (a desktop ID) and a profile,
 * over the one there was. The new entry's path, in the file system's encoding; free with g_free. */
char *wgw_desktop_launcher_create(const char *profile, const char *desktop_id, GError **error);

/* wgw_desktop_launcher_find - the path of the launcher of the two, in the file system's encoding; free
 * with g_free. NULL if there is none. */
char *wgw_desktop_launcher_find(const char *profile, const char *desktop_id);

/* wgw_desktop_launcher_find_window_class - the class by which a desktop tells windows of the launcher from
 * those of the application; free with g_free. NULL if there is no launcher. */
char *wgw_desktop_launcher_find_window_class(const char *profile, const char *desktop_id);

/* wgw_desktop_launcher_remove - remove it. WGW_ERROR_NO_SUCH_APPLICATION if there is none;
 * WGW_ERROR_NOT_PERMITTED if the file of that name is not of our making. */
gboolean wgw_desktop_launcher_remove(const char *profile, const char *desktop_id, GError **error);

/* wgw_desktop_launcher_refresh_all - have each launcher be what would be made of its application now: one
 * whose application is gone is hidden until that is back, one whose profile is gone is removed. Reads small
 * local files, and writes those that have changed. Whether there was any launcher. */
gboolean wgw_desktop_launcher_refresh_all(gboolean (*has_profile)(const char *name,
                                                                  gpointer user_data),
                                          gpointer user_data);

/* wgw_desktop_launcher_rename_profile - its launchers are those of the new name. */
void wgw_desktop_launcher_rename_profile(const char *profile, const char *name);

/* wgw_desktop_launcher_remove_profile - the profile's launchers go with it. */
void wgw_desktop_launcher_remove_profile(const char *profile);
