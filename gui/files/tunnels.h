/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What a menu shows: the tunnels there are, as far as the service has said. Kept up to date in the
 * background, so that to look costs nothing and never waits. */
typedef struct _WgwTunnels WgwTunnels;

typedef struct {
    char *name;
    char *state; /* the contract's word; NULL: no session runs */
} WgwTunnelEntry;

/* wgw_tunnels_new - begins to ask; the service is started if it does not run. They live as long as the
 * process does. @changed is called, unless it is NULL, when a look may show something new. */
WgwTunnels *wgw_tunnels_new(void (*changed)(void));

/* wgw_tunnels_look - the usable tunnels in the order of their names, WgwTunnelEntry. NULL: there has
 * been no answer yet. After a service has gone, what it said last. (transfer none), until the main
 * loop runs. */
const GPtrArray *wgw_tunnels_look(WgwTunnels *tunnels);
