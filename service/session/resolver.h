/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config.h"
#include "session/mirror.h"

/* The endpoints' host names of one session: resolved when it starts, again while nobody answers and
 * after the network has changed, with a growing pause while that fails. What is found is told to the
 * supervisor; that nothing is found, too, for people to see. */
typedef struct _WgwResolver WgwResolver;

/* wgw_resolver_new - begins at once. @mirror outlives it. Free with wgw_resolver_free. */
WgwResolver *wgw_resolver_new(WgwMirror *mirror, const WgwConfig *config);
void wgw_resolver_free(WgwResolver *resolver);

/* wgw_resolver_set_config - the profile was edited. */
void wgw_resolver_set_config(WgwResolver *resolver, const WgwConfig *config);

/* wgw_resolver_refresh - resolve all anew, now, and have handshakes begun. */
void wgw_resolver_refresh(WgwResolver *resolver);
