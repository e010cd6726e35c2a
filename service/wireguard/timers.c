/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/timers.h"

#include "wireguard/peer.h"
#include "wireguard/send.h"

/* The rules, as the kernel has them. Five timers for each peer, all sleeping if nobody talks:
 *
 *   retransmit handshake    5 s + jitter after an initiation without response: again, 18 times; then
 *                           drop the staged packets and give up, until there is a new one.
 *   send keepalive          10 s after we received data and sent nothing: so that the other end does
 *                           not think us gone. If data came meanwhile, another one 10 s later.
 *   new handshake           15 s + jitter after we sent data and received nothing at all.
 *   zero key material       540 s after the last session began: wipe all keys.
 *   persistent keepalive    so long after any packet either way, if configured.
 *
 * Rekeying by age and by number of messages needs no timer: it comes with a packet (send.c). */

static void
schedule(struct wg_peer *peer)
{
    uint64_t earliest = WG_NEVER;

    for (unsigned i = 0; i < WG_TIMERS; i++) {
        if (peer->timers.at[i] < earliest)
            earliest = peer->timers.at[i];
    }
    if (earliest != peer->timers.deadline.at)
        wg_deadlines_set(&peer->device->deadlines, &peer->timers.deadline, earliest);
}

static void
arm(struct wg_peer *peer, enum wg_timer timer, uint64_t at)
{
    if (peer->timers.at[timer] == at)
        return;
    peer->timers.at[timer] = at;
    schedule(peer);
}

static void
disarm(struct wg_peer *peer, enum wg_timer timer)
{
    arm(peer, timer, WG_NEVER);
}

static bool
is_armed(const struct wg_peer *peer, enum wg_timer timer)
{
    return peer->timers.at[timer] != WG_NEVER;
}

/* So that two ends which began together do not go on colliding. Drawn with each handshake, for to draw it
 * is a system call. */
static void
draw_jitter(struct wg_peer *peer)
{
    const struct wg_random *random = &peer->device->local.random;
    uint32_t number;

    random->fill(random->context, &number, sizeof number);
    peer->timers.jitter = number % WG_REKEY_TIMEOUT_JITTER;
}

static void
arm_zero_key_material(struct wg_peer *peer, struct wg_time now)
{
    arm(peer, WG_TIMER_ZERO_KEY_MATERIAL, now.mono + 3 * WG_REJECT_AFTER_TIME);
}

static void
arm_persistent_keepalive(struct wg_peer *peer, struct wg_time now)
{
    if (peer->persistent_keepalive)
        arm(peer, WG_TIMER_PERSISTENT_KEEPALIVE, now.mono + peer->persistent_keepalive * WG_SECOND);
}

static void
expired_retransmit_handshake(struct wg_peer *peer, struct wg_time now)
{
    if (peer->timers.handshake_attempts >= WG_MAX_HANDSHAKE_ATTEMPTS) {
        disarm(peer, WG_TIMER_SEND_KEEPALIVE);
        wg_send_drop_staged(peer);
        if (!is_armed(peer, WG_TIMER_ZERO_KEY_MATERIAL))
            arm_zero_key_material(peer, now);
        return;
    }
    peer->timers.handshake_attempts++;
    /* Perhaps it is our own address that answers do not find. */
    wg_peer_forget_source(peer);
    wg_send_initiation(peer, now, true);
}

static void
expired_send_keepalive(struct wg_peer *peer, struct wg_time now)
{
    bool another = peer->timers.need_another_keepalive;

    peer->timers.need_another_keepalive = false;
    wg_send_keepalive(peer, now);
    if (another)
        arm(peer, WG_TIMER_SEND_KEEPALIVE, now.mono + WG_KEEPALIVE_TIMEOUT);
}

static void
expired_new_handshake(struct wg_peer *peer, struct wg_time now)
{
    wg_peer_begin_waiting(peer, peer->unanswered_since);
    wg_peer_forget_source(peer);
    wg_send_initiation(peer, now, false);
}

static void
expired_zero_key_material(struct wg_peer *peer, struct wg_time now)
{
    wg_index_remove(&peer->device->indices, &peer->handshake_index);
    wg_noise_clear(peer->handshake);
    wg_keypairs_clear(&peer->keypairs);
}

static void
expired_persistent_keepalive(struct wg_peer *peer, struct wg_time now)
{
    if (!peer->persistent_keepalive || !wg_endpoint_is_set(&peer->endpoint))
        return;
    /* Even if nothing can be sent now, for a handshake was only just tried. */
    arm_persistent_keepalive(peer, now);
    wg_send_keepalive(peer, now);
}

void
wg_timers_init(struct wg_peer *peer)
{
    peer->timers = (struct wg_timers){.deadline = {.at = WG_NEVER}};
    for (unsigned i = 0; i < WG_TIMERS; i++)
        peer->timers.at[i] = WG_NEVER;
}

void
wg_timers_stop(struct wg_peer *peer)
{
    for (unsigned i = 0; i < WG_TIMERS; i++)
        peer->timers.at[i] = WG_NEVER;
    schedule(peer);
}

void
wg_timers_run(struct wg_peer *peer, struct wg_time now)
{
    static void (*const expired[WG_TIMERS])(struct wg_peer *, struct wg_time) = {
        [WG_TIMER_RETRANSMIT_HANDSHAKE] = expired_retransmit_handshake,
        [WG_TIMER_SEND_KEEPALIVE] = expired_send_keepalive,
        [WG_TIMER_NEW_HANDSHAKE] = expired_new_handshake,
        [WG_TIMER_ZERO_KEY_MATERIAL] = expired_zero_key_material,
        [WG_TIMER_PERSISTENT_KEEPALIVE] = expired_persistent_keepalive,
    };

    for (unsigned i = 0; i < WG_TIMERS; i++) {
        if (peer->timers.at[i] <= now.mono) {
            disarm(peer, i);
            expired[i](peer, now);
        }
    }
}

void
wg_timers_data_sent(struct wg_peer *peer, struct wg_time now)
{
    if (is_armed(peer, WG_TIMER_NEW_HANDSHAKE))
        return;
    peer->unanswered_since = now.real;
    arm(peer, WG_TIMER_NEW_HANDSHAKE,
        now.mono + WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT + peer->timers.jitter);
}

void
wg_timers_data_received(struct wg_peer *peer, struct wg_time now)
{
    if (is_armed(peer, WG_TIMER_SEND_KEEPALIVE))
        peer->timers.need_another_keepalive = true;
    else
        arm(peer, WG_TIMER_SEND_KEEPALIVE, now.mono + WG_KEEPALIVE_TIMEOUT);
}

void
wg_timers_any_authenticated_packet_sent(struct wg_peer *peer, struct wg_time now)
{
    disarm(peer, WG_TIMER_SEND_KEEPALIVE);
    arm_persistent_keepalive(peer, now);
}

void
wg_timers_any_authenticated_packet_received(struct wg_peer *peer, struct wg_time now)
{
    disarm(peer, WG_TIMER_NEW_HANDSHAKE);
    wg_peer_end_waiting(peer);
    arm_persistent_keepalive(peer, now);
}

void
wg_timers_handshake_initiated(struct wg_peer *peer, struct wg_time now)
{
    draw_jitter(peer);
    arm(peer, WG_TIMER_RETRANSMIT_HANDSHAKE, now.mono + WG_REKEY_TIMEOUT + peer->timers.jitter);
    wg_peer_begin_waiting(peer, now.real);
}

void
wg_timers_handshake_complete(struct wg_peer *peer, struct wg_time now)
{
    disarm(peer, WG_TIMER_RETRANSMIT_HANDSHAKE);
    peer->timers.handshake_attempts = 0;
    peer->sent_last_minute = false;
    peer->last_handshake = now.real;
    peer->device->event = true;
}

void
wg_timers_session_derived(struct wg_peer *peer, struct wg_time now)
{
    draw_jitter(peer);
    arm_zero_key_material(peer, now);
}
