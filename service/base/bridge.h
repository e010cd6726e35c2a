/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* Where a session bus whose address is abstract has a path (session/bridge.h). A name that is abstract
 * belongs to a network namespace, so none is known in a tunnel. */
#define WGW_BRIDGE_DIRECTORY "wg-wrap-bus" /* below $XDG_RUNTIME_DIR; 0700 */
#define WGW_BRIDGE_PREFIX    "unix:path="

/* Room for the longest path of a socket. */
#define WGW_BRIDGE_SIZE (sizeof WGW_BRIDGE_PREFIX + 108)

/* wgw_bridge_address - the address with a path of the bus at `bus`. What is after WGW_BRIDGE_PREFIX is the
 * path. 0; -ENOENT if that has a path, or is not abstract either; -ENAMETOOLONG: there can be none. */
int wgw_bridge_address(const char *bus, char ret_address[static WGW_BRIDGE_SIZE]);

/* wgw_bridge_connect - to the socket at path, without waiting; it must be served by a process of this user's.
 * The connection (O_CLOEXEC, the caller's), or a negative errno. ret_pid, which may be NULL: the server's. */
int wgw_bridge_connect(const char *path, int *ret_pid);
