/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/state.h"

static const char *const names[] = {
    [WGW_STATE_PREPARING] = "preparing",
    [WGW_STATE_UP] = "up",
    [WGW_STATE_LINGERING] = "lingering",
    [WGW_STATE_CLOSING] = "closing",
};

static const gboolean edges[G_N_ELEMENTS(names)][G_N_ELEMENTS(names)] = {
    [WGW_STATE_PREPARING] = {[WGW_STATE_LINGERING] = TRUE, [WGW_STATE_CLOSING] = TRUE},
    [WGW_STATE_UP] = {[WGW_STATE_LINGERING] = TRUE, [WGW_STATE_CLOSING] = TRUE},
    [WGW_STATE_LINGERING] = {[WGW_STATE_UP] = TRUE, [WGW_STATE_CLOSING] = TRUE},
};

const char *
wgw_state_to_string(WgwState state)
{
    return names[state];
}

gboolean
wgw_state_enter(WgwState *state, WgwState next, const char *why)
{
    if (!edges[*state][next])
        return FALSE;
    g_debug("session: %s -> %s (%s)", names[*state], names[next], why);
    *state = next;
    return TRUE;
}
