/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "dbus/wgw-dbus.h"

/* The service, as the command line sees it. Each call may start it. Calls block, and wait for an
 * answer for as long as it takes: the service has its own limits, and a person has Ctrl-C. */

/* wgw_client_bus - the session bus, (transfer full), or NULL with @error set. */
GDBusConnection *wgw_client_bus(GError **error);

/* wgw_client_manager - for calling methods; its properties are not loaded. (transfer full) */
WgwDbusManager *wgw_client_manager(GError **error);

/* wgw_client_get_property, wgw_client_set_property - one of @manager's, by the interface of properties: the
 * manager is no object of the object manager's, and a proxy's own setter does not wait for the answer.
 * (transfer full), or NULL with @error set. @value may be floating. */
GVariant *wgw_client_get_property(WgwDbusManager *manager, const char *name, GError **error);
gboolean
wgw_client_set_property(WgwDbusManager *manager, const char *name, GVariant *value, GError **error);

/* wgw_client_profile - the profile @name with its properties, (transfer full), or NULL with @error
 * set: WGW_ERROR_NO_SUCH_PROFILE if there is none. */
WgwDbusProfile *wgw_client_profile(const char *name, GError **error);

/* wgw_client_session - the session that @profile runs in, with its properties, (transfer full), or
 * NULL with @error set: WGW_ERROR_NO_SUCH_SESSION if it runs in none. */
WgwDbusSession *wgw_client_session(WgwDbusProfile *profile, GError **error);

/* wgw_client_objects - all profiles and sessions, kept up to date by the main loop. (transfer full)
 */
GDBusObjectManager *wgw_client_objects(GError **error);

/* wgw_client_list_profiles - those among @objects, by name. (transfer full), of WgwDbusProfile */
GPtrArray *wgw_client_list_profiles(GDBusObjectManager *objects);

/* wgw_client_check_profile - whether the profile @name is among @objects. If not,
 * WGW_ERROR_NO_SUCH_PROFILE. */
gboolean wgw_client_check_profile(GDBusObjectManager *objects, const char *name, GError **error);

/* wgw_client_find_session - the session of @profile among @objects, (transfer full), or NULL. */
WgwDbusSession *wgw_client_find_session(GDBusObjectManager *objects, WgwDbusProfile *profile);
