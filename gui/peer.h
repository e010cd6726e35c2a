/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

/* One peer of a tunnel: what the profile says of it, and what the session sees of it. Read-only
 * properties for widgets: "public-key", "endpoint", "allowed-ips" (one line), "last-handshake"
 * (seconds since 1970, 0 for never), "rx-bytes", "tx-bytes". */
#define WGW_TYPE_PEER (wgw_peer_get_type())
G_DECLARE_FINAL_TYPE(WgwPeer, wgw_peer, WGW, PEER, GObject)

/* wgw_peer_new - the peer that @profile, one a{sv} of the contract's Profile.Peers, describes. */
WgwPeer *wgw_peer_new(GVariant *profile);

/* wgw_peer_set_profile, wgw_peer_set_session - take over the values of an a{sv} of Profile.Peers or
 * Session.Peers; a NULL session means that none runs. */
void wgw_peer_set_profile(WgwPeer *peer, GVariant *profile);
void wgw_peer_set_session(WgwPeer *peer, GVariant *session);

const char *wgw_peer_get_public_key(WgwPeer *peer);
const char *wgw_peer_get_endpoint(WgwPeer *peer);
const char *wgw_peer_get_allowed_ips(WgwPeer *peer);
guint64 wgw_peer_get_last_handshake(WgwPeer *peer);
guint64 wgw_peer_get_rx_bytes(WgwPeer *peer);
guint64 wgw_peer_get_tx_bytes(WgwPeer *peer);
