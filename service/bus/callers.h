/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* Who listens. D-Bus does not tell a service who has subscribed to its signals; but whoever shows
 * counters has first asked for objects or properties, and is there as long as its unique name is. */
typedef struct _WgwCallers WgwCallers;

/* wgw_callers_new - @changed is called when the first comes and when the last goes. */
WgwCallers *wgw_callers_new(GDBusConnection *connection,
                            void (*changed)(gboolean listening, gpointer user_data),
                            gpointer user_data);

gboolean wgw_callers_are_listening(WgwCallers *callers);
