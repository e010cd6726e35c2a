/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

#include "profile/secret.h"

/* The supervisor's side of the cross-platform configuration protocol
 * (https://www.wireguard.com/xplatform/), one transaction for a connection. */

/* wgw_uapi_set_async - send @request, a whole "set" operation, to the engine that listens at @path.
 * @request is taken, and wiped once it is sent. Finish with wgw_uapi_set_finish: the engine's errno
 * is an error with a message. */
void wgw_uapi_set_async(const char *path,
                        WgwSecret *request,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
gboolean wgw_uapi_set_finish(GAsyncResult *result, GError **error);

/* What the engine says of one peer. */
typedef struct {
    char *public_key;       /* base64 */
    char *endpoint;         /* "" while there is none */
    guint64 last_handshake; /* seconds since 1970, 0: never */
    guint64 waiting_since;  /* seconds since 1970, 0: is not waiting */
    guint64 rx_bytes;
    guint64 tx_bytes;
} WgwPeerStatus;

/* wgw_uapi_get_async - ask the engine that listens at @path. Finish with wgw_uapi_get_finish: the
 * peers, (element-type WgwPeerStatus) (transfer full). */
void wgw_uapi_get_async(const char *path,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
GPtrArray *wgw_uapi_get_finish(GAsyncResult *result, GError **error);
