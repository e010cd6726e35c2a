/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A session's life.
 *
 *      PREPARING ──> LINGERING <──> UP
 *          │             │          │
 *          └──────> CLOSING <───────┘
 *
 * PREPARING  the box is being built: nobody can come in.
 * UP         a program is in it, or somebody holds it: everything is allowed.
 * LINGERING  empty and not held; who comes in time takes it over as it is. The first state after
 *            PREPARING: whoever asked for the session has not come in yet.
 * CLOSING    the door is shut, every request is refused, and there is no way back. */
typedef enum {
    WGW_STATE_PREPARING,
    WGW_STATE_UP,
    WGW_STATE_LINGERING,
    WGW_STATE_CLOSING,
} WgwState;

const char *wgw_state_to_string(WgwState state);

/* wgw_state_enter - change over, and log old -> new. FALSE, and nothing changes, for an edge that the
 * table does not have; to enter the state that one is in is no edge. */
gboolean wgw_state_enter(WgwState *state, WgwState next, const char *why);
