/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* The way from tunnels to a session bus whose address is abstract: an xdg-dbus-proxy, which lets everything
 * through, in the host's network namespace, with a socket in the file system (base/bridge.h). One for all
 * sessions, as long as somebody holds it. For any other bus, or without xdg-dbus-proxy, it does nothing. */
typedef struct _WgwBridge WgwBridge;

/* wgw_bridge_new - for the bus at @bus, an address, or NULL. Lives as long as the process. */
WgwBridge *wgw_bridge_new(const char *bus);

/* wgw_bridge_hold, wgw_bridge_release - keep it there, and no longer. */
void wgw_bridge_hold(WgwBridge *bridge);
void wgw_bridge_release(WgwBridge *bridge);

/* wgw_bridge_settle - what a former wg-wrapd has left is ended, if nobody holds it. */
void wgw_bridge_settle(WgwBridge *bridge);

/* wgw_bridge_ask - call @callback, perhaps at once, when it is there, or cannot be: after seconds at
 * most. Until @callback has returned it is held. */
void wgw_bridge_ask(WgwBridge *bridge, void (*callback)(gpointer user_data), gpointer user_data);

/* wgw_bridge_look_up - the address under which programs in tunnels reach the bus at @bus, an address or NULL.
 * Lent; NULL if that is not ours, or the bridge is not there. */
const char *wgw_bridge_look_up(WgwBridge *bridge, const char *bus);

/* wgw_bridge_close - the bus has ended. */
void wgw_bridge_close(WgwBridge *bridge);
