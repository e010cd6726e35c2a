/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "wireguard/peer.h"
#include "world.h"

#define MS (WG_SECOND / 1000)

enum { PEERS = 1000 };

static void
number_key(uint8_t ret[WG_KEY_LEN], uint32_t number)
{
    memset(ret, 0x55, WG_KEY_LEN);
    memcpy(ret, &number, sizeof number);
}

static void
peers_are_found_by_key_in_the_order_they_came(void)
{
    G_WORLD_AUTO world = world_new(1, 1);
    struct wg_device *device = world->nodes[0].device;
    struct wg_peer *peer = NULL, *again;
    struct wg_peer_info info;
    uint8_t key[WG_KEY_LEN];
    unsigned n = 0;

    for (uint32_t i = 0; i < PEERS; i++) {
        number_key(key, i);
        g_assert_cmpint(wg_device_add_peer(device, key, &peer), ==, 0);
        g_assert_cmpint(wg_device_add_peer(device, key, &again), ==, 0);
        g_assert_true(peer == again);
    }
    for (uint32_t i = 0; i < PEERS; i += 2) {
        number_key(key, i);
        wg_device_remove_peer(device, wg_device_find_peer(device, key));
        g_assert_null(wg_device_find_peer(device, key));
    }
    for (peer = NULL; (peer = wg_device_next_peer(device, peer)); n++) {
        number_key(key, 2 * n + 1);
        wg_peer_get_info(peer, &info);
        g_assert_cmpmem(info.public_key, WG_KEY_LEN, key, WG_KEY_LEN);
        g_assert_true(wg_device_find_peer(device, key) == peer);
    }
    g_assert_cmpuint(n, ==, PEERS / 2);
    wg_device_remove_all_peers(device);
    g_assert_null(wg_device_next_peer(device, NULL));
}

static void
settings_come_back_as_they_were_set(void)
{
    G_WORLD_AUTO world = world_new(2, 1);
    struct wg_device *device = world->nodes[0].device;
    const uint8_t v4[4] = {10, 1, 2, 3}, v6[16] = {0xfd, 1, [15] = 9}, psk[WG_KEY_LEN] = {7};
    struct wg_endpoint endpoint = {.in4 = {.sin_family = AF_INET, .sin_port = htons(7)}};
    uint8_t key[WG_KEY_LEN], private_key[WG_KEY_LEN];
    struct wg_allowed_ip ip;
    struct wg_peer_info info;
    struct wg_peer *a, *b;
    const void *cursor = NULL;

    number_key(key, 1);
    g_assert_cmpint(wg_device_add_peer(device, key, &a), ==, 0);
    number_key(key, 2);
    g_assert_cmpint(wg_device_add_peer(device, key, &b), ==, 0);
    wg_peer_set_preshared_key(a, psk);
    wg_peer_set_endpoint(a, &endpoint);
    wg_peer_set_persistent_keepalive(a, 65535);
    g_assert_cmpint(wg_peer_add_allowed_ip(a, AF_INET, v4, 24), ==, 0);
    g_assert_cmpint(wg_peer_add_allowed_ip(a, AF_INET6, v6, 128), ==, 0);
    g_assert_cmpint(wg_peer_add_allowed_ip(a, AF_INET6, v6, 0), ==, 0);
    g_assert_cmpint(wg_peer_add_allowed_ip(a, AF_INET, v4, 33), ==, -EINVAL);
    g_assert_cmpint(wg_peer_add_allowed_ip(a, AF_UNIX, v4, 3), ==, -EINVAL);

    wg_peer_get_info(a, &info);
    g_assert_cmpmem(info.preshared_key, WG_KEY_LEN, psk, WG_KEY_LEN);
    g_assert_true(wg_endpoint_equal(&info.endpoint, &endpoint));
    g_assert_cmpuint(info.persistent_keepalive, ==, 65535);
    g_assert_cmpuint(info.last_handshake + info.rx_bytes + info.tx_bytes + info.waiting_since, ==,
                     0);

    g_assert_true(wg_peer_next_allowed_ip(a, &cursor, &ip));
    g_assert_cmpint(ip.family, ==, AF_INET);
    g_assert_cmpuint(ip.prefix, ==, 24);
    g_assert_cmpmem(ip.address, 4, ((uint8_t[]){10, 1, 2, 0}), 4);
    g_assert_true(wg_peer_next_allowed_ip(a, &cursor, &ip));
    g_assert_cmpuint(ip.prefix, ==, 128);
    g_assert_cmpmem(ip.address, 16, v6, 16);
    g_assert_true(wg_peer_next_allowed_ip(a, &cursor, &ip));
    g_assert_cmpuint(ip.prefix, ==, 0);
    g_assert_false(wg_peer_next_allowed_ip(a, &cursor, &ip));

    /* To another peer it moves; only its owner can give it up. */
    g_assert_cmpint(wg_peer_add_allowed_ip(b, AF_INET, v4, 24), ==, 0);
    g_assert_cmpint(wg_peer_remove_allowed_ip(a, AF_INET, v4, 24), ==, 0);
    cursor = NULL;
    g_assert_true(wg_peer_next_allowed_ip(b, &cursor, &ip));
    g_assert_cmpint(wg_peer_remove_allowed_ip(b, AF_INET, v4, 24), ==, 0);
    cursor = NULL;
    g_assert_false(wg_peer_next_allowed_ip(b, &cursor, &ip));
    wg_peer_remove_all_allowed_ips(a);
    cursor = NULL;
    g_assert_false(wg_peer_next_allowed_ip(a, &cursor, &ip));

    memset(private_key, 0xff, sizeof private_key);
    g_assert_cmpint(wg_device_set_private_key(device, private_key), ==, 0);
    g_assert_cmpuint(wg_device_get_private_key(device)[0], ==, 0xf8);
    g_assert_cmpuint(wg_device_get_private_key(device)[31], ==, 0x7f);
    memset(private_key, 0, sizeof private_key);
    g_assert_cmpint(wg_device_set_private_key(device, private_key), ==, 0);
    g_assert_null(wg_device_get_private_key(device));
    g_assert_null(wg_device_get_public_key(device));
}

static void
a_device_is_never_its_own_peer(void)
{
    G_WORLD_AUTO world = world_new(3, 2);
    struct node *node = &world->nodes[0];
    const uint8_t *their_private = wg_device_get_private_key(world->nodes[1].device);
    struct wg_peer *peer = NULL;

    g_assert_cmpint(wg_device_add_peer(node->device, node->public_key, &peer), ==, -EADDRINUSE);
    g_assert_null(peer);
    world_connect(world, 0, 1, NULL);
    g_assert_cmpint(wg_device_set_private_key(node->device, their_private), ==, 0);
    g_assert_null(wg_device_next_peer(node->device, NULL));
}

static void
packets_go_nowhere_that_was_not_configured(void)
{
    G_WORLD_AUTO world = world_new(4, 2);
    struct wg_endpoint none = {0};
    struct wg_outbound outbound;
    uint8_t inner[64];
    struct wg_device *device = world->nodes[0].device;

    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(wg_device_reserve(device, world_time(world), inner, 64, 1, &outbound), ==,
                    -ENOKEY);
    g_assert_cmpint(wg_device_stage(device, world_time(world), inner, 64, 1420), ==, -ENOKEY);
    world_connect(world, 0, 1, NULL);
    g_assert_cmpint(wg_device_reserve(device, world_time(world), inner, 19, 1, &outbound), ==,
                    -EPROTO);
    inner[0] = 0x25;
    g_assert_cmpint(wg_device_reserve(device, world_time(world), inner, 64, 1, &outbound), ==,
                    -EPROTO);
    inner[0] = 0x45;
    wg_peer_set_endpoint(world_peer(world, 0, 1), &none);
    g_assert_cmpint(wg_device_reserve(device, world_time(world), inner, 64, 1, &outbound), ==,
                    -EDESTADDRREQ);
    g_assert_cmpint(wg_device_stage(device, world_time(world), inner, 64, 1420), ==, -EDESTADDRREQ);
    g_assert_null(wg_device_take_messages(device));
    g_assert_cmpuint(wg_device_next_deadline(device), ==, UINT64_MAX);
}

static void
a_low_order_public_key_is_taken_and_never_answers(void)
{
    G_WORLD_AUTO world = world_new(5, 1);
    struct wg_device *device = world->nodes[0].device;
    const uint8_t zero[WG_KEY_LEN] = {0}, inner_ip[4] = {10, 0, 1};
    struct wg_endpoint endpoint = {.in4 = {.sin_family = AF_INET}};
    struct wg_peer *peer;
    uint8_t inner[64];

    g_assert_cmpint(wg_device_add_peer(device, zero, &peer), ==, 0);
    wg_peer_set_endpoint(peer, &endpoint);
    g_assert_cmpint(wg_peer_add_allowed_ip(peer, AF_INET, inner_ip, 24), ==, 0);
    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(wg_device_stage(device, world_time(world), inner, 64, 1420), ==, 0);
    g_assert_null(wg_device_take_messages(device));
    g_assert_cmpuint(device->indices.count, ==, 0);
}

static void
a_new_private_key_ends_sessions_and_begins_new_ones(void)
{
    G_WORLD_AUTO world = world_new(6, 3);
    const struct node *b = &world->nodes[1];
    struct wg_peer *stale;
    struct wg_outbound outbound;
    uint8_t inner[64], key[WG_KEY_LEN] = {42};
    uint64_t since;

    world_connect(world, 0, 1, NULL);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, 30 * MS);
    g_assert_cmpint(wg_device_set_private_key(world->nodes[0].device, key), ==, 0);
    memcpy(world->nodes[0].public_key, wg_device_get_public_key(world->nodes[0].device),
           WG_KEY_LEN);
    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(
        wg_device_reserve(world->nodes[0].device, world_time(world), inner, 64, 1, &outbound), ==,
        -EAGAIN);

    /* Unknown to the peer until it is told; then they meet at once, although 5 s are not over. */
    stale = wg_device_next_peer(b->device, NULL);
    wg_device_remove_peer(b->device, stale);
    world_connect(world, 0, 1, NULL);
    since = world->now;
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, 30 * MS);
    g_assert_cmpuint(b->delivered, ==, 2);
    g_assert_cmpuint(world_sent(&world->nodes[0], WG_MESSAGE_INITIATION, 0, since), ==, 1);

    /* The same key again is no change. */
    g_assert_cmpint(wg_device_set_private_key(world->nodes[0].device, key), ==, 0);
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, 100, 1), ==, 0);

    /* Without a key nothing is said, and nothing answered. */
    memset(key, 0, sizeof key);
    g_assert_cmpint(wg_device_set_private_key(world->nodes[0].device, key), ==, 0);
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, 100, 1), ==, -EAGAIN);
    world_run(world, 200 * WG_SECOND);
    since = world->now;
    world_send(world, 1, 0, AF_INET, 100, 1);
    world_run(world, 20 * WG_SECOND);
    g_assert_cmpuint(world->nodes[0].sent->len, ==,
                     world_sent(&world->nodes[0], WG_MESSAGE_TRANSPORT, 0, 0) +
                         world_sent(&world->nodes[0], WG_MESSAGE_INITIATION, 0, 0));
    g_assert_cmpuint(world_sent(&world->nodes[0], WG_MESSAGE_INITIATION, 0, since), ==, 0);
}

static void
an_endpoint_set_later_reaches_what_wants_a_session(void)
{
    G_WORLD_AUTO world = world_new(7, 2);
    struct wg_endpoint none = {0};
    struct wg_peer *peer;

    world_connect(world, 0, 1, NULL);
    peer = world_peer(world, 0, 1);
    wg_peer_set_endpoint(peer, &none);
    wg_peer_set_persistent_keepalive(peer, 25);
    wg_peer_apply(peer, world_time(world));
    world_flush(&world->nodes[0]);
    g_assert_cmpuint(world->nodes[0].sent->len, ==, 0);
    world_run(world, 100 * WG_SECOND);
    wg_peer_set_endpoint(peer, &world->nodes[1].endpoint);
    wg_peer_apply(peer, world_time(world));
    world_flush(&world->nodes[0]);
    g_assert_cmpuint(world_sent(&world->nodes[0], WG_MESSAGE_INITIATION, 0, 0), ==, 1);
    world_run(world, WG_SECOND);
    g_assert_nonnull(peer->keypairs.current);
}

/* Handshake of one device with a peer of which only the keys exist: enough to fill all slots. */
static void
a_thousand_peers_need_no_more_locked_memory_than_there_is(void)
{
    static const rlim_t limits[] = {8 << 20, 64 << 10, 0};
    struct rlimit before;

    getrlimit(RLIMIT_MEMLOCK, &before);
    for (unsigned l = 0; l < G_N_ELEMENTS(limits); l++) {
        struct rlimit limit = {
            .rlim_cur = MIN(limits[l], before.rlim_max),
            .rlim_max = before.rlim_max,
        };
        struct wg_device *device;
        struct wg_peer *peer;
        uint8_t key[WG_KEY_LEN];
        g_autofree char *status = NULL;

        g_assert_cmpint(setrlimit(RLIMIT_MEMLOCK, &limit), ==, 0);
        g_assert_cmpint(wg_device_new(NULL, &device), ==, 0);
        number_key(key, 0xffff);
        g_assert_cmpint(wg_device_set_private_key(device, key), ==, 0);
        for (uint32_t i = 0; i < PEERS; i++) {
            number_key(key, i);
            g_assert_cmpint(wg_device_add_peer(device, key, &peer), ==, 0);
            for (unsigned slot = 0; slot < 3; slot++) {
                struct wg_keypair *keypair = wg_keypair_new(device, peer);

                g_assert_nonnull(keypair);
                keypair->is_initiator = slot < 2;
                wg_index_add(&device->indices, &device->local.random, &keypair->index);
                wg_keypairs_add(&peer->keypairs, keypair);
            }
        }
        g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
        unsigned long locked = strtoul(strstr(status, "VmLck:") + 6, NULL, 10);

        g_test_message("limit %lu KiB, locked %lu KiB", (unsigned long)limit.rlim_cur >> 10,
                       locked);
#ifndef __SANITIZE_ADDRESS__ /* which makes mlock do nothing */
        if (limits[l] == 8 << 20 && limit.rlim_cur == limits[l])
            g_assert_cmpuint(locked, >, 400);
#endif
        g_assert_cmpuint(locked, <=, 4096);
        wg_device_free(device);
    }
    setrlimit(RLIMIT_MEMLOCK, &before);
}

static void
secrets_are_wiped_when_given_back(void)
{
    struct wg_secrets secrets;
    uint8_t *taken[1000];

    wg_secrets_init(&secrets, 100);
    for (unsigned i = 0; i < G_N_ELEMENTS(taken); i++) {
        taken[i] = wg_secrets_take(&secrets);
        g_assert_nonnull(taken[i]);
        g_assert_true(wg_is_zero(taken[i], 100));
        memset(taken[i], 0xff, 100);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(taken); i++) {
        wg_secrets_give(&secrets, taken[i]);
        g_assert_true(wg_is_zero(taken[i] + sizeof(void *), 100 - sizeof(void *)));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(taken); i++)
        g_assert_true(wg_is_zero(wg_secrets_take(&secrets), 100));
    wg_secrets_clear(&secrets);
}

static void
the_earliest_deadline_comes_first(void)
{
    struct wg_deadlines deadlines = {0};
    struct wg_deadline all[200];

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++)
        all[i] = (struct wg_deadline){.at = WG_NEVER};
    g_assert_cmpint(wg_deadlines_reserve(&deadlines, G_N_ELEMENTS(all)), ==, 0);
    for (unsigned round = 0; round < 20000; round++) {
        struct wg_deadline *one = &all[g_test_rand_int_range(0, G_N_ELEMENTS(all))];
        const struct wg_deadline *first;
        uint64_t least = WG_NEVER;
        size_t count = 0;

        wg_deadlines_set(&deadlines, one,
                         g_test_rand_int_range(0, 4) ? g_test_rand_int_range(0, 500) : WG_NEVER);
        for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
            least = MIN(least, all[i].at);
            count += all[i].at != WG_NEVER;
        }
        first = wg_deadlines_first(&deadlines);
        g_assert_cmpuint(first ? first->at : WG_NEVER, ==, least);
        g_assert_cmpuint(deadlines.count, ==, count);
    }
    wg_deadlines_clear(&deadlines);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(wg_init(), ==, 0);
#define CASE(name) g_test_add_func("/" #name, name)
    CASE(peers_are_found_by_key_in_the_order_they_came);
    CASE(settings_come_back_as_they_were_set);
    CASE(a_device_is_never_its_own_peer);
    CASE(packets_go_nowhere_that_was_not_configured);
    CASE(a_low_order_public_key_is_taken_and_never_answers);
    CASE(a_new_private_key_ends_sessions_and_begins_new_ones);
    CASE(an_endpoint_set_later_reaches_what_wants_a_session);
    CASE(a_thousand_peers_need_no_more_locked_memory_than_there_is);
    CASE(secrets_are_wiped_when_given_back);
    CASE(the_earliest_deadline_comes_first);
    return g_test_run();
}
