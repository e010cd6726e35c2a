/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_bus_name_look_async - ask the session bus about an application's name. */
void wgw_bus_name_look_async(GDBusConnection *connection,
                             const char *name,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

/* wgw_bus_name_look_finish - whether a request by that name would reach somebody: it is owned or can be
 * activated, or the bus does not say. *ret_owner (may be NULL) is the owner's process ID, 0 if there is
 * none. */
gboolean wgw_bus_name_look_finish(GAsyncResult *result, guint *ret_owner);
