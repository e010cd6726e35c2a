/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"

/* The main window: the list of tunnels, and the page of the one selected. */
#define WGW_TYPE_WINDOW (wgw_window_get_type())
G_DECLARE_FINAL_TYPE(WgwWindow, wgw_window, WGW, WINDOW, AdwApplicationWindow)

/* wgw_window_new - @client is shared with the application. */
WgwWindow *wgw_window_new(AdwApplication *application, WgwClient *client);

/* wgw_window_import_files - take over the profiles in files, a GListModel of GFile, and say how it went. */
void wgw_window_import_files(WgwWindow *window, GListModel *files);

/* wgw_window_get_client - lent. */
WgwClient *wgw_window_get_client(WgwWindow *window);

/* wgw_window_show_tunnel - go to the page of the tunnel @name. Lent; NULL if it is not in the list. */
WgwTunnel *wgw_window_show_tunnel(WgwWindow *window, const char *name);

/* wgw_window_add_toast - @toast is taken. */
void wgw_window_add_toast(WgwWindow *window, AdwToast *toast);

/* wgw_window_toast - say something that needs no answer. @message is plain text. */
void wgw_window_toast(WgwWindow *window, const char *message);
