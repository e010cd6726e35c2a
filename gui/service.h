/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* Whether the service is there, and its objects while it is. It may vanish and come back at any time.
 *
 * Signal: "changed": another answer to what is asked below. */
#define WGW_TYPE_SERVICE (wgw_service_get_type())
G_DECLARE_FINAL_TYPE(WgwService, wgw_service, WGW, SERVICE, GObject)

/* wgw_service_new - of the session bus, once wgw_service_start() has been called. */
WgwService *wgw_service_new(void);

/* wgw_service_start - has the bus start it, and looks for its objects again where that has failed. */
void wgw_service_start(WgwService *service);

/* wgw_service_get_connection - to the bus; NULL until that has answered. (transfer none) */
GDBusConnection *wgw_service_get_connection(WgwService *service);

/* wgw_service_get_objects - of wgw-dbus.h's types; NULL while it is not there. Those of a service that comes
 * back are others. (transfer none) */
GDBusObjectManager *wgw_service_get_objects(WgwService *service);

/* wgw_service_get_error - why there are no objects; NULL: there are, or they are waited for from the first. */
const char *wgw_service_get_error(WgwService *service);
