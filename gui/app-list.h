/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_app_list_new - the installed applications as WgwInstalledApp: favourites, those that were
 * launched of late, and the others, each by name. It does not change: no row moves away from under the
 * hand that has just made a favourite of it. @settings are the application's. (transfer full) */
GListModel *wgw_app_list_new(GSettings *settings);

/* wgw_app_list_set_favourite, wgw_app_list_note_launch - remember that of the application of that
 * desktop ID. */
void wgw_app_list_set_favourite(GSettings *settings, const char *id, gboolean favourite);
void wgw_app_list_note_launch(GSettings *settings, const char *id);
