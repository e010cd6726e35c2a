/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

#include "profile/secret.h"

/* The configuration that the session has, kept for the successor of a supervisor that died: it is what
 * addresses, routes and names were made of, whatever has become of the profile's file meanwhile. It is
 * in memory that has no name, and nobody but the supervisor and the engine, which both let nobody look
 * into them, has a descriptor of it. */

/* wgw_legacy_new - the descriptor, the caller's; -1 with errno. */
int wgw_legacy_new(void);

/* wgw_legacy_write - keep @text, a wg-quick configuration, and the MTU where it has none, in place of what
 * was there. 0 or a negative errno: then there is none. */
int wgw_legacy_write(int fd, const WgwSecret *text, guint path_mtu);

/* wgw_legacy_read - what was kept; NULL if none was, or not all of it. Free with wgw_secret_free. */
WgwSecret *wgw_legacy_read(int fd, guint *ret_path_mtu);
