/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "session/registry.h"

/* What calls.c has of the registry. */

WgwBridge *wgw_registry_get_bridge(WgwRegistry *registry);

/* wgw_registry_get_mirror - the profile's session, running: @callback gets a GTask of WgwMirror. */
void wgw_registry_get_mirror(WgwRegistry *registry,
                             WgwProfile *profile,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

/* wgw_registry_drop - @mirror's session has ended, whether or not it has been told. */
void wgw_registry_drop(WgwRegistry *registry, WgwMirror *mirror);
