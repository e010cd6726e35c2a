/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

#include "wireguard/deadlines.h"
#include "wireguard/device.h"

/* Section 6 of the paper: what time does to a session. Each function is called when what it is named for
 * has just happened; the rules are in timers.c. */

struct wg_peer;

enum wg_timer {
    WG_TIMER_RETRANSMIT_HANDSHAKE,
    WG_TIMER_SEND_KEEPALIVE,
    WG_TIMER_NEW_HANDSHAKE,
    WG_TIMER_ZERO_KEY_MATERIAL,
    WG_TIMER_PERSISTENT_KEEPALIVE,
    WG_TIMERS,
};

struct wg_timers {
    uint64_t at[WG_TIMERS]; /* mono, or WG_NEVER */
    struct wg_deadline deadline;
    uint64_t jitter; /* of the two about handshakes */
    unsigned handshake_attempts;
    bool need_another_keepalive;
};

void wg_timers_init(struct wg_peer *peer);
void wg_timers_stop(struct wg_peer *peer);

/* wg_timers_run - do all that is due. */
void wg_timers_run(struct wg_peer *peer, struct wg_time now);

/* Packets with something in them. */
void wg_timers_data_sent(struct wg_peer *peer, struct wg_time now);
void wg_timers_data_received(struct wg_peer *peer, struct wg_time now);

/* Packets, keepalives, handshakes. */
void wg_timers_any_authenticated_packet_sent(struct wg_peer *peer, struct wg_time now);
void wg_timers_any_authenticated_packet_received(struct wg_peer *peer, struct wg_time now);

void wg_timers_handshake_initiated(struct wg_peer *peer, struct wg_time now);
void wg_timers_handshake_complete(struct wg_peer *peer, struct wg_time now);
void wg_timers_session_derived(struct wg_peer *peer, struct wg_time now);
