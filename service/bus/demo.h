/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

#include "profile/store.h"

/* A tunnel for who has none yet: its other end is wg-wrap-demo-peer, a child of the service which ends
 * with it, or with the profile's removal. The profile stays, as any other; the next demo takes it
 * over, under a session too, for its other end has new keys. */
typedef struct _WgwDemo WgwDemo;

/* wgw_demo_new - @store stays the caller's, and outlives the demo, which is never freed. */
WgwDemo *wgw_demo_new(WgwProfileStore *store);

/* wgw_demo_start_async - make the demo tunnel; if there is one, that is the answer. */
void wgw_demo_start_async(WgwDemo *demo, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_demo_start_finish - the profile's name, (transfer full); or NULL with @error set:
 * WGW_ERROR_BUSY if it is being made just now. */
char *wgw_demo_start_finish(WgwDemo *demo, GAsyncResult *result, GError **error);
