/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "dbus/wgw-dbus-supervisor.h"

/* A running session as the daemon sees it: the private connection to its supervisor, and the
 * namespaces, of which the daemon is the second holder. The session is not this object's: dropping it
 * changes nothing out there.
 *
 * Signal "closed": the supervisor is gone; emitted once. */
#define WGW_TYPE_MIRROR (wgw_mirror_get_type())
G_DECLARE_FINAL_TYPE(WgwMirror, wgw_mirror, WGW, MIRROR, GObject)

/* wgw_mirror_connect_async - to the supervisor in the directory of the session @name. */
void wgw_mirror_connect_async(const char *name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
WgwMirror *wgw_mirror_connect_finish(GAsyncResult *result, GError **error);

const char *wgw_mirror_get_name(WgwMirror *mirror);

/* wgw_mirror_get_proxy - for its properties and signals. (transfer none) */
WgwDbusSupervisor1 *wgw_mirror_get_proxy(WgwMirror *mirror);

gboolean wgw_mirror_is_closed(WgwMirror *mirror);

/* wgw_mirror_get_foreign - what to tell people of a session that another version of wg-wrap has started;
 * NULL: this one has. It can be looked at and closed, and every other call is refused. */
const char *wgw_mirror_get_foreign(WgwMirror *mirror);

/* wgw_mirror_get_namespaces - user, mount and network; NULL of a foreign one. (transfer none) */
GUnixFDList *wgw_mirror_get_namespaces(WgwMirror *mirror);

/* wgw_mirror_is_ended - whether @error says that the session is past its end, so that the same
 * request may be made of a new one. */
gboolean wgw_mirror_is_ended(const GError *error);

/* wgw_mirror_call_async - call a method of org.wgwrap.Supervisor1. @parameters may be floating.
 * G_IO_ERROR_TIMED_OUT: it does not answer, and the message says what to do.
 * Finish with wgw_mirror_call_finish: the answer (transfer full) and its descriptors. */
void wgw_mirror_call_async(WgwMirror *mirror,
                           const char *method,
                           GVariant *parameters,
                           GUnixFDList *fds,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
GVariant *wgw_mirror_call_finish(WgwMirror *mirror,
                                 GAsyncResult *result,
                                 GUnixFDList **ret_fds,
                                 GError **error);

/* wgw_mirror_set_unresolved - @reason says which endpoint's name does not resolve; "": all do. */
void wgw_mirror_set_unresolved(WgwMirror *mirror, const char *reason);

/* wgw_mirror_wait_async - until there was a handshake, which is begun at once; or, after @timeout
 * seconds, WGW_ERROR_HANDSHAKE_TIMEOUT, or WGW_ERROR_ENDPOINT_UNRESOLVED if it was for want of an
 * address. The session does not end meanwhile. */
void wgw_mirror_wait_async(WgwMirror *mirror,
                           guint timeout,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean wgw_mirror_wait_finish(WgwMirror *mirror, GAsyncResult *result, GError **error);
