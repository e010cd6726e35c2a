/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/installed-app.h"

/* An application in a list: icon, name, a star, and a button for the action "launch.details", whose
 * target is the desktop ID. */
#define WGW_TYPE_APP_ROW (wgw_app_row_get_type())
G_DECLARE_FINAL_TYPE(WgwAppRow, wgw_app_row, WGW, APP_ROW, GtkBox)

WgwAppRow *wgw_app_row_new(GSettings *settings);

/* wgw_app_row_set_app - @app may be NULL: none for now. */
void wgw_app_row_set_app(WgwAppRow *row, WgwInstalledApp *app);
