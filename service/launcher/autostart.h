/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Tunnels that are opened at login: an entry for each in $XDG_CONFIG_HOME/autostart, which every desktop and
 * systemd --user follow (Desktop Application Autostart Specification). The file is the setting, so that the
 * desktop's own list of what it starts shows it, and may switch it off. */

/* wgw_autostart_get - whether the profile's tunnel is opened at login. */
gboolean wgw_autostart_get(const char *profile);

/* wgw_autostart_set - WGW_ERROR_NOT_PERMITTED if a file of that name is not of our making. */
gboolean wgw_autostart_set(const char *profile, gboolean on, GError **error);

/* wgw_autostart_rename_profile - the entry goes with it to its new name, one that the desktop switched off, too. */
gboolean wgw_autostart_rename_profile(const char *profile, const char *name, GError **error);
