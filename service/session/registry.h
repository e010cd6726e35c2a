/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/store.h"
#include "session/bridge.h"
#include "session/logs.h"
#include "session/mirror.h"

/* All running sessions, by the profile's name; at most one for each.
 *
 * Signals: "added" and "removed", each with (WgwMirror *mirror). */
#define WGW_TYPE_REGISTRY (wgw_registry_get_type())
G_DECLARE_FINAL_TYPE(WgwRegistry, wgw_registry, WGW, REGISTRY, GObject)

/* wgw_registry_new - what happens to sessions is entered in @logs; @bridge is held as long as there are any. */
WgwRegistry *wgw_registry_new(WgwProfileStore *store, WgwLogs *logs, WgwBridge *bridge);

/* wgw_registry_adopt_async - look for sessions that run already, take them over, and sweep what is
 * left of others. Finish with wgw_registry_adopt_finish. */
void
wgw_registry_adopt_async(WgwRegistry *registry, GAsyncReadyCallback callback, gpointer user_data);
void wgw_registry_adopt_finish(WgwRegistry *registry, GAsyncResult *result);

/* wgw_registry_list - of WgwMirror, those that are there by now. (transfer full) */
GPtrArray *wgw_registry_list(WgwRegistry *registry);

/* wgw_registry_lookup - lent, or NULL. */
WgwMirror *wgw_registry_lookup(WgwRegistry *registry, const char *name);

/* wgw_registry_call_async - call a method of the supervisor of @profile's session, which is started if it
 * does not run. If it ends in that moment, another is started: the caller never meets a dying one.
 * @wait: first wait for a handshake, that many seconds; 0: do not.
 * @ticket: of what must not be done twice, its place in @fds: it is done once, or there is an error that
 * says whether it may have been. -1: what may be done twice. */
void wgw_registry_call_async(WgwRegistry *registry,
                             WgwProfile *profile,
                             guint wait,
                             const char *method,
                             GVariant *parameters,
                             GUnixFDList *fds,
                             int ticket,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GVariant *wgw_registry_call_finish(WgwRegistry *registry,
                                   GAsyncResult *result,
                                   GUnixFDList **ret_fds,
                                   GError **error);

/* wgw_registry_set_linger - in seconds, of sessions that are started from now on. To be called once
 * before the first is. */
void wgw_registry_set_linger(WgwRegistry *registry, guint seconds);

/* wgw_registry_profile_changed - its file was edited: a running session changes over. */
void wgw_registry_profile_changed(WgwRegistry *registry, WgwProfile *profile);

/* wgw_registry_reconnect - resolve the endpoints of a running session and begin handshakes. */
void wgw_registry_reconnect(WgwRegistry *registry, WgwMirror *mirror);

/* wgw_registry_wake - the machine has slept: the same for all sessions. */
void wgw_registry_wake(WgwRegistry *registry);
