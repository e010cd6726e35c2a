/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/choices.h"
#include "gui/history.h"

/* What a person calls a tunnel: a profile, and its session while one runs. It knows no bus: the
 * client fills it through properties that have the names and the types of the contract's, and
 * widgets bind to the derived ones.
 *
 * Filled by the client: "name", "valid", "problems", "public-key", "addresses", "dns",
 * "search-domains", "mtu", "profile-peers"; and while a session runs "session-state", "reason",
 * "since", "session-peers", "rx-bytes", "tx-bytes", "programs-value", "held".
 * For widgets: "state", "state-label", "icon-name", "summary", "active", "rx-rate", "tx-rate". */
#define WGW_TYPE_TUNNEL (wgw_tunnel_get_type())
G_DECLARE_FINAL_TYPE(WgwTunnel, wgw_tunnel, WGW, TUNNEL, GObject)

typedef enum {
    WGW_TUNNEL_INVALID, /* the profile has mistakes; nothing runs */
    WGW_TUNNEL_OFF,
    WGW_TUNNEL_STARTING,
    WGW_TUNNEL_CONNECTING,
    WGW_TUNNEL_CONNECTED,
    WGW_TUNNEL_STALLED,
    WGW_TUNNEL_CLOSING,
    WGW_TUNNEL_FAILED,
} WgwTunnelState;

/* wgw_tunnel_new - @path is the profile's object path. */
WgwTunnel *wgw_tunnel_new(const char *path);

const char *wgw_tunnel_get_path(WgwTunnel *tunnel);
const char *wgw_tunnel_get_name(WgwTunnel *tunnel);
WgwTunnelState wgw_tunnel_get_state(WgwTunnel *tunnel);
/* wgw_tunnel_get_active - whether a session runs, in whatever state. */
gboolean wgw_tunnel_get_active(WgwTunnel *tunnel);
/* wgw_tunnel_get_reason - why it is in its state, for people; never NULL. */
const char *wgw_tunnel_get_reason(WgwTunnel *tunnel);

/* wgw_tunnel_get_peers, wgw_tunnel_get_programs - models of WgwPeer and WgwProgram whose items stay
 * the same objects while they change. (transfer none) */
GListModel *wgw_tunnel_get_peers(WgwTunnel *tunnel);
GListModel *wgw_tunnel_get_programs(WgwTunnel *tunnel);

/* wgw_tunnel_get_choices - (transfer none), the same as long as the tunnel lives. */
WgwChoices *wgw_tunnel_get_choices(WgwTunnel *tunnel);

/* wgw_tunnel_clear_session - the session is gone: forget what it said. */
void wgw_tunnel_clear_session(WgwTunnel *tunnel);

/* wgw_tunnel_sample - note the throughput since the call before; @now is monotonic, in µs. Emits
 * "sampled". */
void wgw_tunnel_sample(WgwTunnel *tunnel, gint64 now);

/* wgw_tunnel_get_sample - see wgw_history_get. */
WgwSample wgw_tunnel_get_sample(WgwTunnel *tunnel, guint age);
