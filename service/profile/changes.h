/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config.h"

/* What is not as it was between two configurations, in words for people. Of keys only the beginning of a
 * public one is told, by which people know their peers. */

/* wgw_changes_new - of char *; from NULL: what the interface of to has. Both must have been read with
 * secrets, or a peer's preshared key is passed over. Free with g_ptr_array_unref. */
GPtrArray *wgw_changes_new(const WgwConfig *from, const WgwConfig *to);

/* wgw_changes_add_mtu - one that neither configuration has in it. */
void wgw_changes_add_mtu(GPtrArray *changes, guint mtu);

/* wgw_changes_join - in a row; no more to be added to. Free with g_free. */
char *wgw_changes_join(GPtrArray *changes);
