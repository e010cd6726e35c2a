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

/* wgw_desktop_launcher_remove - remove it. WGW_ERROR_NO_SUCH_APPLICATION if there is none;
 * WGW_ERROR_NOT_PERMITTED if the file of that name is not of our making. */
gboolean wgw_desktop_launcher_remove(const char *profile, const char *desktop_id, GError **error);
