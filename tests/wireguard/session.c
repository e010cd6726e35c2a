/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>

#include "wireguard/peer.h"
#include "world.h"

#define MS (WG_SECOND / 1000)

static void
the_first_packet_brings_up_a_session_and_arrives(void)
{
    for (int family = AF_INET; family != 0; family = family == AF_INET ? AF_INET6 : 0) {
        G_WORLD_AUTO world = world_new(1, 2);
        struct wg_peer_info info;

        world_connect(world, 0, 1, NULL);
        g_assert_cmpint(world_send(world, 0, 1, family, 100, 3), ==, -EAGAIN);
        world_run(world, 30 * MS);
        g_assert_cmpuint(world->nodes[1].delivered, ==, 3);
        g_assert_cmpint(world_send(world, 1, 0, family, 1420, 40), ==, 0);
        g_assert_cmpint(world_send(world, 0, 1, family, 1420, 40), ==, 0);
        world_run(world, 10 * MS);
        g_assert_cmpuint(world->nodes[0].delivered, ==, 40);
        g_assert_cmpuint(world->nodes[1].delivered, ==, 43);
        g_assert_cmpuint(world->nodes[0].sent->len, ==, 1 + 3 + 40);

        /* initiation, response, packets of 112 and 1420 bytes with their overhead of 32 */
        wg_peer_get_info(world_peer(world, 0, 1), &info);
        g_assert_cmpuint(info.tx_bytes, ==, 148 + 3 * (112 + 32) + 40 * (1420 + 32));
        g_assert_cmpuint(info.rx_bytes, ==, 92 + 40 * (1420 + 32));
        g_assert_cmpuint(info.last_handshake, ==, WORLD_START_REAL + 20 * MS);
        wg_peer_get_info(world_peer(world, 1, 0), &info);
        g_assert_cmpuint(info.rx_bytes, ==, 148 + 3 * (112 + 32) + 40 * (1420 + 32));
        g_assert_cmpuint(info.tx_bytes, ==, 92 + 40 * (1420 + 32));
        g_assert_cmpuint(info.last_handshake, ==, WORLD_START_REAL + 30 * MS);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/the-first-packet-brings-up-a-session-and-arrives",
                    the_first_packet_brings_up_a_session_and_arrives);
    return g_test_run();
}
