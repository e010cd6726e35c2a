/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* What is said to somebody who looks elsewhere: while no window of the application is the active one
 * and the settings allow it, a notification when a tunnel gets no answer, when it is back, and when
 * a program has ended of which that is to be said. */
#define WGW_TYPE_NOTIFIER (wgw_notifier_get_type())
G_DECLARE_FINAL_TYPE(WgwNotifier, wgw_notifier, WGW, NOTIFIER, GObject)

/* wgw_notifier_new - @application, which owns it, is not kept alive by it. */
WgwNotifier *wgw_notifier_new(GtkApplication *application, WgwClient *client, GSettings *settings);
