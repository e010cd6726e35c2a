/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>

#include "wireguard/peer.h"
#include "world.h"

/* Section 6 of the paper, rule by rule, on a clock that moves when it is told to. Node 0 is the initiator
 * unless said otherwise. */

#define MS     (WG_SECOND / 1000)
#define SECOND WG_SECOND

enum { DATA = 100, KEEPALIVE = WG_TRANSPORT_OVERHEAD };

static struct world *
two_in_session(void)
{
    struct world *world = world_new(g_test_rand_int(), 2);

    world_connect(world, 0, 1, NULL);
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, DATA, 1), ==, -EAGAIN);
    world_run(world, 30 * MS);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 1);
    return world;
}

static unsigned
initiations(const struct world *world, unsigned node, uint64_t since)
{
    return world_sent(&world->nodes[node], WG_MESSAGE_INITIATION, 0, since);
}

static unsigned
keepalives(const struct world *world, unsigned node, uint64_t since)
{
    return world_sent(&world->nodes[node], WG_MESSAGE_TRANSPORT, KEEPALIVE, since);
}

/* When the n-th initiation since then went out. */
static uint64_t
initiation_at(const struct world *world, unsigned node, uint64_t since, unsigned n)
{
    const GArray *all = world->nodes[node].sent;

    for (unsigned i = 0; i < all->len; i++) {
        const struct sent *sent = &g_array_index(all, struct sent, i);

        if (sent->at >= since && sent->type == WG_MESSAGE_INITIATION && n-- == 0)
            return sent->at;
    }
    g_assert_not_reached();
}

/* Both ends say something, so that nobody owes a keepalive or waits for one. */
static void
both_talk(struct world *world)
{
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, DATA, 1), ==, 0);
    g_assert_cmpint(world_send(world, 1, 0, AF_INET, DATA, 1), ==, 0);
    world_run(world, 20 * MS);
}

static void
an_idle_session_sleeps_until_its_keys_are_wiped(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t quiet;

    /* What was received is answered by a keepalive after 10 s; then all is quiet. */
    world_run(world, 11 * SECOND);
    quiet = world->now;
    world_run(world, 500 * SECOND);
    for (unsigned i = 0; i < 2; i++) {
        const struct node *node = &world->nodes[i];

        g_assert_cmpuint(world_sent(node, WG_MESSAGE_TRANSPORT, 0, quiet), ==, 0);
        g_assert_cmpuint(initiations(world, i, quiet), ==, 0);
        g_assert_cmpuint(wg_device_next_deadline(node->device), >, quiet + 500 * SECOND);
        g_assert_cmpuint(wg_device_next_deadline(node->device), <=, WORLD_START + 541 * SECOND);
    }
    world_run(world, 100 * SECOND);
    for (unsigned i = 0; i < 2; i++)
        g_assert_cmpuint(wg_device_next_deadline(world->nodes[i].device), ==, UINT64_MAX);
}

static void
a_handshake_is_retried_every_5_s_and_given_up_after_90(void)
{
    G_WORLD_AUTO world = world_new(3, 2);
    struct wg_peer_info info;
    unsigned count;

    world_connect(world, 0, 1, NULL);
    world->nodes[1].deaf = true;
    world_send(world, 0, 1, AF_INET, DATA, 5);
    g_assert_cmpuint(initiations(world, 0, 0), ==, 1);
    g_assert_cmpuint(world_peer(world, 0, 1)->staged_count, ==, 5);
    world_run(world, 4999 * MS);
    g_assert_cmpuint(initiations(world, 0, 0), ==, 1);
    world_run(world, 120 * SECOND);
    count = initiations(world, 0, 0);
    g_assert_cmpuint(count, ==, 1 + WG_MAX_HANDSHAKE_ATTEMPTS);
    for (unsigned i = 1; i < count; i++) {
        uint64_t gap = initiation_at(world, 0, 0, i) - initiation_at(world, 0, 0, i - 1);

        g_assert_cmpuint(gap, >=, WG_REKEY_TIMEOUT);
        g_assert_cmpuint(gap, <, WG_REKEY_TIMEOUT + WG_REKEY_TIMEOUT_JITTER);
    }
    g_assert_cmpuint(world_peer(world, 0, 1)->staged_count, ==, 0);
    g_assert_cmpuint(world->nodes[0].device->staged_bytes, ==, 0);
    wg_peer_get_info(world_peer(world, 0, 1), &info);
    g_assert_cmpuint(info.waiting_since, ==, WORLD_START_REAL);

    /* The next packet begins anew, with as many attempts. */
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 120 * SECOND);
    g_assert_cmpuint(initiations(world, 0, 0), ==, 2 * count);

    /* And it finds the peer if it is there again. */
    world->nodes[1].deaf = false;
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, SECOND);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 1);
    wg_peer_get_info(world_peer(world, 0, 1), &info);
    g_assert_cmpuint(info.waiting_since, ==, 0);
}

static void
the_jitter_of_retries_differs(void)
{
    G_WORLD_AUTO world = world_new(4, 2);
    uint64_t least = UINT64_MAX, most = 0;

    world_connect(world, 0, 1, NULL);
    world->nodes[1].deaf = true;
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 100 * SECOND);
    for (unsigned i = 1; i <= WG_MAX_HANDSHAKE_ATTEMPTS; i++) {
        uint64_t gap = initiation_at(world, 0, 0, i) - initiation_at(world, 0, 0, i - 1);

        least = MIN(least, gap);
        most = MAX(most, gap);
    }
    g_assert_cmpuint(most - least, >, WG_REKEY_TIMEOUT_JITTER / 4);
}

static void
no_two_initiations_within_5_s(void)
{
    G_WORLD_AUTO world = world_new(5, 2);

    world_connect(world, 0, 1, NULL);
    world->nodes[1].deaf = true;
    for (unsigned i = 0; i < 49; i++) {
        world_send(world, 0, 1, AF_INET, DATA, 1);
        world_run(world, 100 * MS);
    }
    g_assert_cmpuint(initiations(world, 0, 0), ==, 1);
}

static void
the_initiator_rekeys_after_120_s_when_it_sends(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t since = world->now;
    struct wg_peer_info info;

    world_run(world, WORLD_START + 119900 * MS - world->now);
    both_talk(world);
    g_assert_cmpuint(initiations(world, 0, since), ==, 0);
    world_run(world, 200 * MS);
    world_send(world, 0, 1, AF_INET, DATA, 1);
    g_assert_cmpuint(initiations(world, 0, since), ==, 1);
    world_run(world, SECOND);
    wg_peer_get_info(world_peer(world, 0, 1), &info);
    g_assert_cmpuint(info.last_handshake, >, WORLD_START_REAL + 120 * SECOND);

    /* Only once, and the new key carries on. */
    both_talk(world);
    both_talk(world);
    g_assert_cmpuint(initiations(world, 0, since), ==, 1);
    g_assert_cmpuint(initiations(world, 1, 0), ==, 0);
}

static void
the_responder_does_not_rekey_after_120_s(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t since = world->now;

    world_run(world, 150 * SECOND);
    world_send(world, 1, 0, AF_INET, DATA, 1);
    world_run(world, 5 * SECOND);
    g_assert_cmpuint(initiations(world, 1, since), ==, 0);
    g_assert_cmpuint(initiations(world, 0, since), ==, 0);
    g_assert_cmpuint(world->nodes[0].delivered, ==, 1);
}

static void
an_initiator_that_only_receives_rekeys_after_165_s(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t since = world->now;

    world_run(world, WORLD_START + 164 * SECOND - world->now);
    world_send(world, 1, 0, AF_INET, DATA, 1);
    world_run(world, 100 * MS);
    g_assert_cmpuint(initiations(world, 0, since), ==, 0);
    world_run(world, SECOND);
    world_send(world, 1, 0, AF_INET, DATA, 1);
    world_run(world, 10 * MS);
    g_assert_cmpuint(initiations(world, 0, since), ==, 1);
    world_run(world, SECOND);
    g_assert_cmpuint(world->nodes[0].delivered, ==, 2);
    g_assert_cmpuint(initiations(world, 1, since), ==, 0);
}

static void
that_handshake_is_retried_in_its_own_time(void)
{
    G_WORLD_AUTO world = two_in_session();

    world_run(world, WORLD_START + 166 * SECOND - world->now);
    world->nodes[1].deaf = true;
    for (unsigned i = 0; i < 120; i++) {
        g_assert_cmpint(world_send(world, 1, 0, AF_INET, DATA, 1), ==, 0);
        world_run(world, 100 * MS);
    }
    g_assert_cmpuint(initiations(world, 0, WORLD_START + SECOND), ==, 3);
    g_assert_cmpuint(world_peer(world, 0, 1)->timers.handshake_attempts, ==, 2);
}

static void
nothing_is_sent_or_taken_with_a_key_of_180_s(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_outbound outbound;
    uint8_t inner[64];

    /* A message made in time that arrives too late. */
    world_run(world, WORLD_START + 179 * SECOND - world->now);
    world->delay = 2 * SECOND;
    g_assert_cmpint(world_send(world, 1, 0, AF_INET, DATA, 1), ==, 0);
    world_run(world, 2 * SECOND);
    g_assert_cmpuint(world->nodes[0].delivered, ==, 0);
    g_assert_cmpuint(world->nodes[0].verdicts[EKEYEXPIRED], ==, 1);

    world->delay = 10 * MS;
    for (unsigned i = 0; i < 2; i++) {
        world_packet(inner, AF_INET, i, !i, sizeof inner, 0);
        g_assert_cmpint(wg_device_reserve(world->nodes[i].device, world_time(world), inner,
                                          sizeof inner, 1, &outbound),
                        ==, -EAGAIN);
    }
    /* The former responder may as well be the one to begin. */
    g_assert_cmpint(world_send(world, 1, 0, AF_INET, DATA, 1), ==, -EAGAIN);
    g_assert_cmpuint(initiations(world, 1, 0), ==, 1);
    world_run(world, SECOND);
    g_assert_cmpuint(world->nodes[0].delivered, ==, 1);
}

static void
all_keys_are_wiped_after_540_s(void)
{
    G_WORLD_AUTO world = two_in_session();

    world_run(world, WORLD_START + 539 * SECOND - world->now);
    for (unsigned i = 0; i < 2; i++)
        g_assert_nonnull(world_peer(world, i, !i)->keypairs.current);
    world_run(world, 2 * SECOND);
    for (unsigned i = 0; i < 2; i++) {
        const struct wg_peer *peer = world_peer(world, i, !i);

        g_assert_null(peer->keypairs.previous);
        g_assert_null(peer->keypairs.current);
        g_assert_null(peer->keypairs.next);
        g_assert_cmpint(peer->handshake->state, ==, WG_HANDSHAKE_ZEROED);
        g_assert_true(wg_is_zero(peer->handshake->ephemeral_private, WG_KEY_LEN));
        g_assert_true(wg_is_zero(peer->handshake->chaining_key, WG_HASH_LEN));
        g_assert_cmpuint(peer->device->indices.count, ==, 0);
    }
}

static void
a_peer_never_reached_is_wiped_too(void)
{
    G_WORLD_AUTO world = world_new(6, 2);

    world_connect(world, 0, 1, NULL);
    world->nodes[1].deaf = true;
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 200 * SECOND);
    g_assert_cmpint(world_peer(world, 0, 1)->handshake->state, ==, WG_HANDSHAKE_CREATED_INITIATION);
    world_run(world, 500 * SECOND);
    g_assert_cmpint(world_peer(world, 0, 1)->handshake->state, ==, WG_HANDSHAKE_ZEROED);
    g_assert_cmpuint(wg_device_next_deadline(world->nodes[0].device), ==, UINT64_MAX);
}

static void
data_without_answer_gets_a_keepalive_after_10_s(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t since;

    both_talk(world);
    world_run(world, 20 * SECOND);
    since = world->now;
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 10 * SECOND);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 0);
    world_run(world, 11 * MS);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 1);

    /* Only one, and a keepalive is not answered. */
    world_run(world, 60 * SECOND);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 1);
    g_assert_cmpuint(keepalives(world, 0, since), ==, 0);

    /* More data while the keepalive is due: another one 10 s after the first. */
    since = world->now;
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 5 * SECOND);
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 5 * SECOND + 20 * MS);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 1);
    world_run(world, 10 * SECOND);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 2);
    world_run(world, 30 * SECOND);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 2);
}

static void
data_that_is_answered_needs_no_keepalive(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t since;

    world_run(world, 20 * SECOND);
    since = world->now;
    both_talk(world);
    world_send(world, 1, 0, AF_INET, DATA, 1);
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 5 * SECOND);
    both_talk(world);
    world_run(world, 4 * SECOND);
    g_assert_cmpuint(keepalives(world, 0, since) + keepalives(world, 1, since), ==, 0);
}

static void
silence_for_15_s_after_data_begins_a_handshake(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_peer_info info;
    uint64_t since, at;

    world_run(world, 30 * SECOND);
    since = world->now;
    world->nodes[1].deaf = true;
    wg_device_take_event(world->nodes[0].device);
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 10 * SECOND);
    world_send(world, 0, 1, AF_INET, DATA, 1); /* does not move it */
    world_run(world, 4999 * MS);
    g_assert_cmpuint(initiations(world, 0, since), ==, 0);
    wg_peer_get_info(world_peer(world, 0, 1), &info);
    g_assert_cmpuint(info.waiting_since, ==, 0);
    g_assert_false(wg_device_take_event(world->nodes[0].device));

    world_run(world, WG_REKEY_TIMEOUT_JITTER + 2 * MS);
    g_assert_cmpuint(initiations(world, 0, since), ==, 1);
    at = initiation_at(world, 0, since, 0);
    g_assert_cmpuint(at - since, >=, 15 * SECOND);
    g_assert_cmpuint(at - since, <, 15 * SECOND + WG_REKEY_TIMEOUT_JITTER);

    /* It counts as waiting since that first packet, until the peer answers. */
    wg_peer_get_info(world_peer(world, 0, 1), &info);
    g_assert_cmpuint(info.waiting_since, ==, WORLD_START_REAL + since - WORLD_START);
    g_assert_true(wg_device_take_event(world->nodes[0].device));
    world->nodes[1].deaf = false;
    world_run(world, 6 * SECOND);
    wg_peer_get_info(world_peer(world, 0, 1), &info);
    g_assert_cmpuint(info.waiting_since, ==, 0);
    g_assert_true(wg_device_take_event(world->nodes[0].device));
}

static void
keepalives_alone_never_begin_a_handshake(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint64_t since;

    world_run(world, 11 * SECOND);
    since = world->now;
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 11 * SECOND);
    g_assert_cmpuint(keepalives(world, 1, since), ==, 1);
    world_run(world, 60 * SECOND);
    g_assert_cmpuint(initiations(world, 1, since), ==, 0);
    g_assert_cmpuint(initiations(world, 0, since), ==, 0);
}

static void
a_persistent_keepalive_keeps_its_interval(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_peer *peer = world_peer(world, 0, 1);
    uint64_t since;

    world_run(world, 20 * SECOND);
    since = world->now;
    wg_peer_set_persistent_keepalive(peer, 25);
    wg_peer_apply(peer, world_time(world));
    world_flush(&world->nodes[0]);
    g_assert_cmpuint(keepalives(world, 0, since), ==, 1); /* at once */
    world_run(world, 24999 * MS);
    g_assert_cmpuint(keepalives(world, 0, since), ==, 1);
    world_run(world, 2 * MS);
    g_assert_cmpuint(keepalives(world, 0, since), ==, 2);

    /* Data, either way, puts it off. */
    world_run(world, 20 * SECOND);
    world_send(world, 1, 0, AF_INET, DATA, 1);
    world_run(world, 20 * MS);
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world_run(world, 24 * SECOND);
    g_assert_cmpuint(keepalives(world, 0, since), ==, 2);

    /* It outlives keys: at most one interval after another, something is sent. */
    since = world->now;
    world_run(world, 1000 * SECOND);
    g_assert_cmpuint(keepalives(world, 0, since), >=, 1000 / 26);
    g_assert_cmpuint(initiations(world, 0, since), >=, 1000 / 180);
    g_assert_cmpuint(initiations(world, 0, since), <=, 1000 / 120);

    wg_peer_set_persistent_keepalive(peer, 0);
    wg_peer_apply(peer, world_time(world));
    world_run(world, 30 * SECOND);
    since = world->now;
    world_run(world, 100 * SECOND);
    g_assert_cmpuint(keepalives(world, 0, since), ==, 0);
}

static void
a_persistent_keepalive_finds_a_peer_that_was_away(void)
{
    static const uint16_t intervals[] = {3, 25}; /* within and beyond the time between handshakes */

    for (unsigned i = 0; i < G_N_ELEMENTS(intervals); i++) {
        G_WORLD_AUTO world = world_new(7, 2);
        struct wg_peer *peer;

        world_connect(world, 0, 1, NULL);
        peer = world_peer(world, 0, 1);
        world->nodes[1].deaf = true;
        wg_peer_set_persistent_keepalive(peer, intervals[i]);
        wg_peer_apply(peer, world_time(world));
        world_flush(&world->nodes[0]);
        world_run(world, 1000 * SECOND); /* long after the first attempts were given up */
        world->nodes[1].deaf = false;
        world_run(world, 30 * SECOND);
        g_assert_nonnull(peer->keypairs.current);
        g_assert_cmpuint(world_sent(&world->nodes[1], WG_MESSAGE_RESPONSE, 0, 0), ==, 1);
    }
}

static void
a_persistent_keepalive_outlasts_a_handshake_that_never_ended(void)
{
    G_WORLD_AUTO world = world_new(8, 2);

    world_connect(world, 0, 1, NULL);
    wg_peer_set_persistent_keepalive(world_peer(world, 1, 0), 3);
    world_send(world, 0, 1, AF_INET, DATA, 1);
    world->nodes[0].deaf = true;
    world_run(world, 2 * SECOND); /* the response goes nowhere, and may not be followed for 5 s */
    world->nodes[0].deaf = false;
    wg_timers_stop(world_peer(world, 0, 1)); /* it does not try again by itself */
    g_assert_cmpuint(initiations(world, 1, 0), ==, 0);
    world_run(world, 10 * SECOND);
    g_assert_cmpuint(initiations(world, 1, 0), ==, 1);
    g_assert_nonnull(world_peer(world, 1, 0)->keypairs.current);
}

static void
without_answers_the_local_address_is_chosen_anew(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_peer *peer = world_peer(world, 0, 1);
    struct wg_endpoint sticky = world->nodes[1].endpoint;
    struct wg_peer_info info;

    sticky.src4.s_addr = 0x01020304;
    sticky.src_ifindex = 7;
    world_run(world, 30 * SECOND);
    world->nodes[1].deaf = true;

    /* Once for the silence, once more for a handshake that goes unanswered. */
    for (unsigned i = 0; i < 2; i++) {
        wg_peer_set_endpoint(peer, &sticky);
        if (i == 0)
            world_send(world, 0, 1, AF_INET, DATA, 1);
        world_run(world, i == 0 ? 14 * SECOND : 4 * SECOND);
        wg_peer_get_info(peer, &info);
        g_assert_true(wg_endpoint_equal(&info.endpoint, &sticky));
        world_run(world, 1500 * MS);
        wg_peer_get_info(peer, &info);
        g_assert_cmpuint(info.endpoint.src4.s_addr, ==, 0);
        g_assert_cmpint(info.endpoint.src_ifindex, ==, 0);
        g_assert_cmpuint(info.endpoint.in4.sin_addr.s_addr, ==, sticky.in4.sin_addr.s_addr);
    }
}

static void
a_key_is_replaced_after_so_many_messages(void)
{
    /* Either end does: it is not for their age. */
    for (unsigned from = 0; from < 2; from++) {
        G_WORLD_AUTO world = two_in_session();
        struct wg_keypair *keypair = world_peer(world, from, !from)->keypairs.current;
        uint64_t since;

        world_run(world, 10 * SECOND); /* since the last handshake message */
        since = world->now;
        keypair->sending_counter = WG_REKEY_AFTER_MESSAGES - 1;
        g_assert_cmpint(world_send(world, from, !from, AF_INET, DATA, 1), ==, 0);
        g_assert_cmpuint(initiations(world, from, since), ==, 0);
        g_assert_cmpint(world_send(world, from, !from, AF_INET, DATA, 1), ==, 0);
        g_assert_cmpuint(initiations(world, from, since), ==, 1);
        world_run(world, SECOND);
        g_assert_true(world_peer(world, from, !from)->keypairs.current != keypair);
        g_assert_cmpuint(world->nodes[!from].delivered, ==, from == 0 ? 3 : 2);
    }
}

static void
no_counter_is_used_beyond_the_limit(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_keypair *keypair = world_peer(world, 0, 1)->keypairs.current;
    struct wg_outbound outbound;
    uint8_t inner[64];

    world_run(world, 10 * SECOND);
    keypair->sending_counter = WG_REJECT_AFTER_MESSAGES - 2;
    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(wg_device_reserve(world->nodes[0].device, world_time(world), inner,
                                      sizeof inner, 3, &outbound),
                    ==, -EAGAIN);
    g_assert_cmpint(wg_device_reserve(world->nodes[0].device, world_time(world), inner,
                                      sizeof inner, 2, &outbound),
                    ==, 0);
    g_assert_cmpuint(outbound.counter + 1, ==, WG_REJECT_AFTER_MESSAGES - 1);
    wg_device_sent(world->nodes[0].device, world_time(world), &outbound, 0);
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, DATA, 1), ==, -EAGAIN);
    world_run(world, SECOND);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 2);
    g_assert_true(world_peer(world, 0, 1)->keypairs.current != keypair);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/" #name, name)
    CASE(an_idle_session_sleeps_until_its_keys_are_wiped);
    CASE(a_handshake_is_retried_every_5_s_and_given_up_after_90);
    CASE(the_jitter_of_retries_differs);
    CASE(no_two_initiations_within_5_s);
    CASE(the_initiator_rekeys_after_120_s_when_it_sends);
    CASE(the_responder_does_not_rekey_after_120_s);
    CASE(an_initiator_that_only_receives_rekeys_after_165_s);
    CASE(that_handshake_is_retried_in_its_own_time);
    CASE(nothing_is_sent_or_taken_with_a_key_of_180_s);
    CASE(all_keys_are_wiped_after_540_s);
    CASE(a_peer_never_reached_is_wiped_too);
    CASE(data_without_answer_gets_a_keepalive_after_10_s);
    CASE(data_that_is_answered_needs_no_keepalive);
    CASE(silence_for_15_s_after_data_begins_a_handshake);
    CASE(keepalives_alone_never_begin_a_handshake);
    CASE(a_persistent_keepalive_keeps_its_interval);
    CASE(a_persistent_keepalive_finds_a_peer_that_was_away);
    CASE(a_persistent_keepalive_outlasts_a_handshake_that_never_ended);
    CASE(without_answers_the_local_address_is_chosen_anew);
    CASE(a_key_is_replaced_after_so_many_messages);
    CASE(no_counter_is_used_beyond_the_limit);
    return g_test_run();
}
