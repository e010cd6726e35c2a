/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

/* The application: one window, opened anew when it is activated; files given to it are imported. */
#define WGW_TYPE_APPLICATION (wgw_application_get_type())
G_DECLARE_FINAL_TYPE(WgwApplication, wgw_application, WGW, APPLICATION, AdwApplication)

WgwApplication *wgw_application_new(void);
