/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* An installed application, and what the person thinks of it. */
#define WGW_TYPE_INSTALLED_APP (wgw_installed_app_get_type())
G_DECLARE_FINAL_TYPE(WgwInstalledApp, wgw_installed_app, WGW, INSTALLED_APP, GObject)

/* wgw_installed_app_new - @rank: how recently it was launched here, 0 the last, -1 not of late. */
WgwInstalledApp *wgw_installed_app_new(GAppInfo *info, gboolean favourite, int rank);

GAppInfo *wgw_installed_app_get_info(WgwInstalledApp *app);
/* wgw_installed_app_get_id - its desktop ID. */
const char *wgw_installed_app_get_id(WgwInstalledApp *app);
const char *wgw_installed_app_get_name(WgwInstalledApp *app);
/* wgw_installed_app_get_icon - one that stands for any program if it has none. */
GIcon *wgw_installed_app_get_icon(WgwInstalledApp *app);
gboolean wgw_installed_app_get_favourite(WgwInstalledApp *app);
void wgw_installed_app_set_favourite(WgwInstalledApp *app, gboolean favourite);
int wgw_installed_app_get_rank(WgwInstalledApp *app);

/* wgw_installed_app_matches - whether what is typed into a search means it. */
gboolean wgw_installed_app_matches(WgwInstalledApp *app, const char *text);
