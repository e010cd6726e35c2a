/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config.h"

/* A configuration as text of the cross-platform configuration protocol, complete with the empty
 * line at the end, for the engine's UAPI socket. listen_port and fwmark are left out: the engine is
 * handed sockets that are bound already. An endpoint that is a host name is left out too, until
 * wgw_uapi_write_endpoint tells what it resolved to. */

/* wgw_config_write_uapi - the whole: set=1, private_key, replace_peers=true, each peer. config must
 * have been read with secrets. Free with wgw_secret_free. */
WgwSecret *wgw_config_write_uapi(const WgwConfig *config);

/* wgw_config_write_uapi_change - what turns an engine that runs from into one that runs to, and
 * touches nothing else: peers that stay as they are keep their sessions. NULL if there is nothing
 * to tell. Free with wgw_secret_free. */
WgwSecret *wgw_config_write_uapi_change(const WgwConfig *from, const WgwConfig *to);

/* wgw_uapi_is_same_peer - whether there is nothing to tell of a peer that both configurations have. */
gboolean wgw_uapi_is_same_peer(const WgwPeer *a, const WgwPeer *b);

/* wgw_uapi_write_endpoint - set the endpoint of one peer that the engine has (update_only=true).
 * address: a numeric address, IPv6 without brackets. Free with g_free. */
char *
wgw_uapi_write_endpoint(const guint8 public_key[WGW_KEY_LEN], const char *address, guint16 port);
