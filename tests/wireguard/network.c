/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/peer.h"
#include "world.h"

/* Hours of traffic between devices over networks of every kind. */

#define MS (WG_SECOND / 1000)

static void
check_no_leftovers(const struct world *world)
{
    for (unsigned i = 0; i < world->count; i++) {
        const struct node *node = &world->nodes[i];
        struct wg_peer *peer = NULL;

        g_assert_cmpuint(node->delivered_twice, ==, 0);
        /* At most three keypairs and a handshake for each peer, however many there were. */
        g_assert_cmpuint(node->device->indices.count, <=, 4 * node->device->peer_count);
        while ((peer = wg_device_next_peer(node->device, peer)))
            g_assert_cmpuint(peer->staged_count, <=, WG_STAGED_PACKETS);
    }
}

static void
all_talk_for_hours_over(double loss, double duplication, uint64_t spread, double least_delivered)
{
    G_WORLD_AUTO world = world_new(g_test_rand_int(), WORLD_NODES);
    unsigned sent = 0, delivered = 0, initiations = 0, seconds = 4 * 3600;

    world->loss = loss;
    world->duplication = duplication;
    world->delay_spread = spread;
    for (unsigned a = 0; a < WORLD_NODES; a++) {
        for (unsigned b = a + 1; b < WORLD_NODES; b++)
            world_connect(world, a, b, NULL);
    }
    wg_peer_set_persistent_keepalive(world_peer(world, 0, 1), 25);
    wg_peer_apply(world_peer(world, 0, 1), world_time(world));
    for (uint64_t end = world->now + seconds * WG_SECOND; world->now < end;) {
        unsigned from = g_rand_int_range(world->rand, 0, WORLD_NODES);
        unsigned to = (from + g_rand_int_range(world->rand, 1, WORLD_NODES)) % WORLD_NODES;
        unsigned count = g_rand_int_range(world->rand, 1, 8);

        world_send(world, from, to, g_rand_boolean(world->rand) ? AF_INET : AF_INET6,
                   g_rand_int_range(world->rand, 60, 1421), count);
        sent += count;
        /* Mostly bursts, sometimes hours of sleep. */
        world_run(world, g_rand_int_range(world->rand, 0, 50)
                             ? g_rand_int_range(world->rand, 1, 2000) * MS
                             : 300 * WG_SECOND);
        if (g_rand_int_range(world->rand, 0, 100) == 0)
            check_no_leftovers(world);
    }
    world_run(world, 200 * WG_SECOND);
    for (unsigned i = 0; i < WORLD_NODES; i++) {
        delivered += world->nodes[i].delivered;
        initiations += world_sent(&world->nodes[i], WG_MESSAGE_INITIATION, 0, 0);
    }
    check_no_leftovers(world);
    g_test_message("%u sent, %u delivered, %u initiations", sent, delivered, initiations);
    g_assert_cmpuint(sent, >, 1000);
    g_assert_cmpuint(delivered, <=, sent);
    g_assert_cmpfloat(delivered, >=, sent * least_delivered);
}

static void
nothing_is_lost_on_a_perfect_network(void)
{
    all_talk_for_hours_over(0, 0, 0, 1);
}

static void
nothing_is_lost_by_reordering_and_duplication(void)
{
    all_talk_for_hours_over(0, 0.2, 300 * MS, 1);
}

static void
a_lossy_network_loses_little_more_than_it_must(void)
{
    all_talk_for_hours_over(0.1, 0.1, 100 * MS, 0.85);
}

static void
a_terrible_network_still_delivers(void)
{
    all_talk_for_hours_over(0.5, 0.5, 2 * WG_SECOND, 0.3);
}

static void
a_restarted_peer_is_found_again(void)
{
    G_WORLD_AUTO world = world_new(5, 2);
    struct node *node = &world->nodes[1];

    world_connect(world, 0, 1, NULL);
    for (unsigned round = 0; round < 10; round++) {
        uint8_t key[WG_KEY_LEN];
        const struct wg_endpoint *home = &world->nodes[0].endpoint;
        const uint8_t inner[4] = {10, 0, 0};
        struct wg_peer *peer;
        unsigned before;

        world_send(world, 0, 1, AF_INET, 100, 1);
        world_run(world, 20 * WG_SECOND);
        /* All that it knew is gone but its configuration. */
        memcpy(key, wg_device_get_private_key(node->device), sizeof key);
        wg_device_free(node->device);
        g_assert_cmpint(wg_device_new(&node->random, &node->device), ==, 0);
        g_assert_cmpint(wg_device_set_private_key(node->device, key), ==, 0);
        g_assert_cmpint(wg_device_add_peer(node->device, world->nodes[0].public_key, &peer), ==, 0);
        wg_peer_set_endpoint(peer, home);
        g_assert_cmpint(wg_peer_add_allowed_ip(peer, AF_INET, inner, 24), ==, 0);
        before = node->delivered;
        for (unsigned i = 0; i < 30; i++) {
            world_send(world, 0, 1, AF_INET, 100, 1);
            world_run(world, WG_SECOND);
        }
        g_assert_cmpuint(node->delivered, >=, before + 10); /* within some 15 s of silence */
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/" #name, name)
    CASE(nothing_is_lost_on_a_perfect_network);
    CASE(nothing_is_lost_by_reordering_and_duplication);
    CASE(a_lossy_network_loses_little_more_than_it_must);
    CASE(a_terrible_network_still_delivers);
    CASE(a_restarted_peer_is_found_again);
    return g_test_run();
}
