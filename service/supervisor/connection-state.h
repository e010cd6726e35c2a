/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

#include "profile/config.h"

/* For how long packets or handshakes may go unanswered before a person is told, in seconds: the 15 s
 * after which WireGuard itself gives up hope in a keypair (KEEPALIVE_TIMEOUT + REKEY_TIMEOUT). */
#define WGW_PATIENCE 15

/* What people are told of a tunnel's connection. */
typedef struct {
    const char *state;  /* "connecting", "connected" or "stalled" */
    char *reason;       /* owned, never NULL */
    guint64 changes_at; /* seconds since 1970 when time alone makes another of it; 0: never */
} WgwConnectionState;

/* wgw_connection_state - from what the engine says of the peers, WgwPeerStatus each.
 * @hint: what else is known to be wrong, "" for nothing. @now: seconds since 1970. Free
 * .reason. */
WgwConnectionState
wgw_connection_state(const WgwConfig *config, GPtrArray *peers, const char *hint, guint64 now);
