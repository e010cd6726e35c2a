/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <errno.h>

#include "wireguard/peer.h"
#include "world.h"

#define MS (WG_SECOND / 1000)

static struct world *
two_in_session(void)
{
    struct world *world = world_new(g_test_rand_int(), 2);

    world_connect(world, 0, 1, NULL);
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, 100, 1), ==, -EAGAIN);
    world_run(world, 30 * MS);
    return world;
}

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

static void
a_preshared_key_must_be_the_same_on_both_ends(void)
{
    const uint8_t psk[WG_KEY_LEN] = {1, 2, 3}, other[WG_KEY_LEN] = {1, 2, 4},
                  none[WG_KEY_LEN] = {0};
    G_WORLD_AUTO world = world_new(2, 2);

    world_connect(world, 0, 1, psk);
    wg_peer_set_preshared_key(world_peer(world, 1, 0), other);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, 6 * WG_SECOND);
    g_assert_cmpuint(world->nodes[0].verdicts[EBADMSG], >=, 1);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 0);
    wg_peer_set_preshared_key(world_peer(world, 1, 0), none);
    world_run(world, 6 * WG_SECOND);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 0);
    wg_peer_set_preshared_key(world_peer(world, 1, 0), psk);
    world_run(world, 6 * WG_SECOND);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 1);
}

static void
padding_reaches_a_multiple_of_16_but_never_the_mtu(void)
{
    static const struct {
        size_t len, mtu, padded;
    } cases[] = {
        {0, 1420, 0},       {1, 1420, 16},         {16, 1420, 16},     {1405, 1420, 1408},
        {1409, 1420, 1420}, {1419, 1420, 1420},    {1420, 1420, 1420}, {1421, 1420, 1436},
        {2839, 1420, 2840}, {9000, 1420, 9000},    {61, 576, 64},      {575, 576, 576},
        {100, 0, 112},      {65535, 65535, 65535},
    };
    G_WORLD_AUTO world = two_in_session();
    static uint8_t buffer[65536 + 64];
    uint8_t inner[64];

    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct wg_packet packet = {.data = buffer, .len = cases[i].len};
        struct wg_inbound inbound;
        struct wg_outbound outbound;

        memset(buffer, 0xaa, sizeof buffer);
        g_assert_cmpint(wg_device_reserve(world->nodes[0].device, world_time(world), inner,
                                          sizeof inner, 1, &outbound),
                        ==, 0);
        g_assert_cmpint(wg_seal(world->nodes[0].aead, &outbound, 0, cases[i].mtu, &packet, 1), ==,
                        0);
        wg_device_sent(world->nodes[0].device, world_time(world), &outbound, packet.len);
        g_assert_cmpuint(packet.len, ==, cases[i].padded + WG_TRANSPORT_OVERHEAD);
        g_assert_cmpuint(buffer[packet.len], ==, 0xaa);

        /* What is between the packet's end and the padding's is zero: nothing leaks. */
        g_assert_cmpint(wg_device_claim(world->nodes[1].device, world_time(world),
                                        wg_transport_receiver(buffer), &inbound),
                        ==, 0);
        wg_open(world->nodes[1].aead, &inbound, &packet, 1);
        g_assert_cmpint(packet.verdict, ==, cases[i].padded);
        for (size_t at = cases[i].len; at < cases[i].padded; at++)
            g_assert_cmpuint(buffer[WG_TRANSPORT_HEADER + at], ==, 0);
        packet.verdict = -EBADMSG;
        wg_device_received(world->nodes[1].device, world_time(world), &inbound,
                           &world->nodes[0].endpoint, &packet, 1);
    }
}

/* Seal any bytes as node 0, and see what node 1 says. */
static int
verdict_on(
    struct world *world, const uint8_t *inner, size_t len, uint8_t *ret_message, size_t *ret_len)
{
    uint8_t buffer[2048], route[64];
    struct wg_packet packet = {.data = buffer, .len = len};
    struct wg_outbound outbound;
    struct wg_inbound inbound;

    world_packet(route, AF_INET, 0, 1, sizeof route, 0);
    g_assert_cmpint(wg_device_reserve(world->nodes[0].device, world_time(world), route,
                                      sizeof route, 1, &outbound),
                    ==, 0);
    if (len > 0)
        memcpy(buffer + WG_TRANSPORT_HEADER, inner, len);
    g_assert_cmpint(wg_seal(world->nodes[0].aead, &outbound, 0, 0, &packet, 1), ==, 0);
    wg_device_sent(world->nodes[0].device, world_time(world), &outbound, packet.len);
    if (ret_message) {
        memcpy(ret_message, buffer, packet.len);
        *ret_len = packet.len;
    }
    g_assert_cmpint(wg_device_claim(world->nodes[1].device, world_time(world),
                                    wg_transport_receiver(buffer), &inbound),
                    ==, 0);
    wg_open(world->nodes[1].aead, &inbound, &packet, 1);
    wg_device_received(world->nodes[1].device, world_time(world), &inbound,
                       &world->nodes[0].endpoint, &packet, 1);
    return packet.verdict;
}

static void
an_inner_packet_is_cut_to_its_own_length_or_dropped(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct {
        int family;
        size_t len, at; /* a byte to change */
        int value, verdict;
    } cases[] = {
        {AF_INET, 100, 0, 0x45, 100},     {AF_INET, 100, 3, 50, 50}, /* total length */
        {AF_INET, 100, 3, 20, 20},        {AF_INET, 100, 3, 19, -EPROTO},
        {AF_INET, 100, 2, 1, -EPROTO},    {AF_INET, 100, 0, 0x44, -EPROTO}, /* header of 16 bytes */
        {AF_INET, 24, 0, 0x47, -EPROTO},  /* header beyond the packet */
        {AF_INET, 100, 0, 0x55, -EPROTO}, /* version 5 */
        {AF_INET, 100, 0, 0x65, -EPROTO}, /* version 6, payload length 0x0000 */
        {AF_INET, 100, 13, 9, -ENOKEY},   /* source 10.9.0.1 */
        {AF_INET6, 100, 0, 0x60, 100},    {AF_INET6, 100, 5, 10, 50},
        {AF_INET6, 100, 5, 0, 40},        {AF_INET6, 100, 5, 200, -EPROTO},
        {AF_INET6, 40, 0, 0x60, 40},      {AF_INET6, 100, 9, 9, -ENOKEY},
    };

    cases[8].verdict = -ENOKEY; /* 40 bytes of an IPv6 header, whose source is nobody's */
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t inner[128];

        g_test_message("case %u", i);
        world_packet(inner, cases[i].family, 0, 1, cases[i].len, 0);
        inner[cases[i].at] = cases[i].value;
        g_assert_cmpint(verdict_on(world, inner, cases[i].len, NULL, NULL), ==, cases[i].verdict);
    }
    for (size_t len = 1; len < 20; len++) {
        uint8_t inner[32] = {0x45};

        /* Padding makes 16 of it, and 32 of more: zeros where the length should be. */
        g_assert_cmpint(verdict_on(world, inner, len, NULL, NULL), ==, -EPROTO);
    }
    g_assert_cmpint(verdict_on(world, NULL, 0, NULL, NULL), ==, 0);
}

static void
a_datagram_seen_twice_counts_once(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_peer_info before, after;
    uint8_t inner[100], message[256];
    size_t len;

    world_packet(inner, AF_INET, 0, 1, sizeof inner, 7);
    g_assert_cmpint(verdict_on(world, inner, sizeof inner, message, &len), ==, sizeof inner);
    wg_peer_get_info(world_peer(world, 1, 0), &before);
    world_inject(world, 1, &world->nodes[0].endpoint, message, len);
    g_assert_cmpuint(world->nodes[1].verdicts[EALREADY], ==, 1);
    wg_peer_get_info(world_peer(world, 1, 0), &after);
    g_assert_cmpuint(after.rx_bytes, ==, before.rx_bytes);
}

static void
forged_datagrams_change_nothing(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_endpoint evil = {.in4 = {.sin_family = AF_INET, .sin_addr = {htonl(0xc6336407)}}};
    struct wg_peer_info before, after;
    uint8_t inner[100], message[256];
    unsigned n = 0;
    size_t len;

    world_packet(inner, AF_INET, 0, 1, sizeof inner, 7);
    verdict_on(world, inner, sizeof inner, message, &len);
    wg_peer_get_info(world_peer(world, 1, 0), &before);
    for (size_t i = 8; i < len; i++, n++) {
        message[i] ^= 4;
        world_inject(world, 1, &evil, message, len);
        message[i] ^= 4;
    }
    g_assert_cmpuint(world->nodes[1].verdicts[EBADMSG] + world->nodes[1].verdicts[EKEYEXPIRED], ==,
                     n);
    world_inject(world, 1, &evil, message, len); /* authentic, but a replay */
    wg_peer_get_info(world_peer(world, 1, 0), &after);
    g_assert_true(wg_endpoint_equal(&before.endpoint, &after.endpoint));
    g_assert_cmpuint(after.rx_bytes, ==, before.rx_bytes);
}

static void
an_authentic_packet_from_elsewhere_moves_the_endpoint(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_endpoint moved = {.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(99)}};
    struct wg_peer_info info;

    moved.in6.sin6_addr.s6_addr[0] = 0x20;
    moved.src6.s6_addr[15] = 7;
    moved.src_ifindex = 3;
    world->nodes[0].endpoint = moved;
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, 20 * MS);
    wg_peer_get_info(world_peer(world, 1, 0), &info);
    g_assert_true(wg_endpoint_equal(&info.endpoint, &moved));

    /* The local address is forgotten when asked to, not the remote one. */
    wg_device_forget_sources(world->nodes[1].device);
    wg_peer_get_info(world_peer(world, 1, 0), &info);
    memset(&moved.src6, 0, sizeof moved.src6);
    moved.src_ifindex = 0;
    g_assert_true(wg_endpoint_equal(&info.endpoint, &moved));
}

static void
a_responder_sends_with_a_new_key_only_once_it_was_used(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_peer *a = world_peer(world, 0, 1), *b = world_peer(world, 1, 0);
    struct wg_keypair *old = b->keypairs.current;

    world_run(world, 121 * WG_SECOND);
    world_send(world, 0, 1, AF_INET, 100, 1); /* sends, then initiates */
    world_run(world, 10 * MS);
    g_assert_true(b->keypairs.current == old);
    g_assert_nonnull(b->keypairs.next);
    g_assert_cmpint(world_send(world, 1, 0, AF_INET, 100, 1), ==, 0);
    g_assert_cmpuint(old->sending_counter, ==, 2); /* the keepalive of 110 s ago, and this */
    world_run(world, 10 * MS);                     /* the response arrives, a keepalive leaves */
    g_assert_nonnull(a->keypairs.previous);
    world_run(world, 10 * MS);
    g_assert_true(b->keypairs.previous == old);
    g_assert_null(b->keypairs.next);
    g_assert_cmpuint(world->nodes[0].delivered, ==, 1); /* under the former key */
}

static void
simultaneous_handshakes_settle(void)
{
    G_WORLD_AUTO world = world_new(9, 2);

    world_connect(world, 0, 1, NULL);
    for (unsigned round = 0; round < 5; round++) {
        unsigned before = world->nodes[0].delivered;

        world_send(world, 0, 1, AF_INET, 100, 3);
        world_send(world, 1, 0, AF_INET, 100, 3);
        world_run(world, 30 * WG_SECOND);
        g_assert_cmpuint(world->nodes[0].delivered, ==, before + 3);
        g_assert_cmpuint(world->nodes[1].delivered, ==, before + 3);
        world_run(world, 600 * WG_SECOND);
    }
}

static void
a_replayed_initiation_is_ignored(void)
{
    G_WORLD_AUTO world = world_new(10, 2);
    struct wg_message *message;
    uint8_t inner[64];

    world_connect(world, 0, 1, NULL);
    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(
        wg_device_stage(world->nodes[0].device, world_time(world), inner, sizeof inner, 1420), ==,
        0);
    message = wg_device_take_messages(world->nodes[0].device);
    for (unsigned i = 0; i < 3; i++) {
        world_inject(world, 1, &world->nodes[0].endpoint, message->data, message->len);
        world->now += WG_SECOND;
    }
    g_assert_cmpuint(world->nodes[1].verdicts[EALREADY], ==, 2);
    g_assert_cmpuint(world_sent(&world->nodes[1], WG_MESSAGE_RESPONSE, 0, 0), ==, 1);
    wg_message_free(message);
}

static void
a_peer_may_begin_50_handshakes_a_second(void)
{
    static const struct {
        unsigned after; /* the one before, in ms */
        int verdict;
    } cases[] = {{0, 0}, {10, -EALREADY}, {5, -EALREADY}, {5, 0}, {19, -EALREADY}, {20, 0}};
    G_WORLD_AUTO world = world_new(12, 2);
    uint8_t inner[64];

    world_connect(world, 0, 1, NULL);
    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct wg_message *message;

        world->now += cases[i].after * MS;
        world_peer(world, 0, 1)->last_sent_handshake = 0; /* a peer that does not wait */
        g_assert_cmpint(wg_device_stage(world->nodes[0].device, world_time(world), inner, 64, 1420),
                        ==, 0);
        message = wg_device_take_messages(world->nodes[0].device);
        g_assert_cmpint(wg_device_handle_message(world->nodes[1].device, world_time(world),
                                                 &world->nodes[0].endpoint, message->data,
                                                 message->len),
                        ==, cases[i].verdict);
        wg_message_free(message);
        for (message = wg_device_take_messages(world->nodes[1].device); message;) {
            struct wg_message *next = message->next;

            wg_message_free(message);
            message = next;
        }
    }
}

static void
what_a_responder_had_waiting_follows_the_first_packet(void)
{
    G_WORLD_AUTO world = world_new(13, 2);

    world_connect(world, 0, 1, NULL);
    world->nodes[0].deaf = true;
    g_assert_cmpint(world_send(world, 1, 0, AF_INET, 100, 3), ==, -EAGAIN);
    world_run(world, 100 * MS);
    world->nodes[0].deaf = false;
    world->nodes[1].sent->len = 0;
    world_peer(world, 0, 1)->last_sent_handshake = 0; /* its response was just lost */
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, 100, 1), ==, -EAGAIN);
    world_run(world, 100 * MS);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 1);
    g_assert_cmpuint(world->nodes[0].delivered, ==, 3);
}

static void
a_clock_set_back_does_not_stop_handshakes(void)
{
    G_WORLD_AUTO world = two_in_session();
    struct wg_time now;
    uint8_t inner[64];
    struct wg_message *message;

    world_run(world, 200 * WG_SECOND);
    now = world_time(world);
    now.real -= 3600 * WG_SECOND;
    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(wg_device_stage(world->nodes[0].device, now, inner, sizeof inner, 1420), ==, 0);
    message = wg_device_take_messages(world->nodes[0].device);
    world_inject(world, 1, &world->nodes[0].endpoint, message->data, message->len);
    g_assert_cmpuint(world->nodes[1].verdicts[EALREADY], ==, 0);
    g_assert_cmpuint(world_sent(&world->nodes[1], WG_MESSAGE_RESPONSE, 0, 0), ==, 2);
    wg_message_free(message);
}

static void
a_timestamp_tells_no_more_than_60_ths_of_a_second(void)
{
    uint8_t a[WG_TIMESTAMP_LEN], b[WG_TIMESTAMP_LEN];

    wg_noise_timestamp(a, 1700000000 * WG_SECOND + WG_TIMESTAMP_STEP);
    wg_noise_timestamp(b, 1700000000 * WG_SECOND + 2 * WG_TIMESTAMP_STEP - 1);
    g_assert_cmpmem(a, sizeof a, b, sizeof b);
    wg_noise_timestamp(b, 1700000000 * WG_SECOND + 2 * WG_TIMESTAMP_STEP);
    g_assert_cmpint(memcmp(a, b, sizeof a), <, 0);
    wg_noise_timestamp(a, 1700000000 * WG_SECOND + 999999999);
    wg_noise_timestamp(b, 1700000001 * WG_SECOND);
    g_assert_cmpint(memcmp(a, b, sizeof a), <, 0);
}

static void
what_was_reserved_survives_a_peer_that_is_removed(void)
{
    G_WORLD_AUTO world = two_in_session();
    uint8_t buffer[256], inner[64];
    struct wg_packet packet = {.data = buffer, .len = sizeof inner};
    struct wg_outbound outbound;
    struct wg_inbound inbound;

    world_packet(inner, AF_INET, 0, 1, sizeof inner, 0);
    g_assert_cmpint(wg_device_reserve(world->nodes[0].device, world_time(world), inner,
                                      sizeof inner, 1, &outbound),
                    ==, 0);
    wg_device_remove_all_peers(world->nodes[0].device);
    memcpy(buffer + WG_TRANSPORT_HEADER, inner, sizeof inner);
    g_assert_cmpint(wg_seal(world->nodes[0].aead, &outbound, 0, 1420, &packet, 1), ==, 0);
    wg_device_sent(world->nodes[0].device, world_time(world), &outbound, packet.len);
    g_assert_cmpuint(world->nodes[0].device->indices.count, ==, 0);

    g_assert_cmpint(wg_device_claim(world->nodes[1].device, world_time(world),
                                    wg_transport_receiver(buffer), &inbound),
                    ==, 0);
    wg_device_remove_all_peers(world->nodes[1].device);
    wg_open(world->nodes[1].aead, &inbound, &packet, 1);
    g_assert_cmpint(packet.verdict, ==, sizeof inner);
    g_assert_cmpuint(wg_device_received(world->nodes[1].device, world_time(world), &inbound,
                                        &world->nodes[0].endpoint, &packet, 1),
                     ==, 0);
    g_assert_cmpint(packet.verdict, ==, -EKEYEXPIRED);
}

static void
packets_that_wait_are_bounded_and_the_newest_stay(void)
{
    G_WORLD_AUTO world = world_new(11, 2);

    world_connect(world, 0, 1, NULL);
    world_send(world, 0, 1, AF_INET, 100, WG_STAGED_PACKETS + 50);
    g_assert_cmpuint(world_peer(world, 0, 1)->staged_count, ==, WG_STAGED_PACKETS);
    world_run(world, WG_SECOND);
    g_assert_cmpuint(world->nodes[1].delivered, ==, WG_STAGED_PACKETS);
    g_assert_false(g_hash_table_contains(world->nodes[1].seen, GUINT_TO_POINTER(50)));
    g_assert_true(g_hash_table_contains(world->nodes[1].seen, GUINT_TO_POINTER(51)));
    g_assert_cmpuint(world->nodes[0].device->staged_bytes, ==, 0);
    g_assert_cmpint(world_send(world, 0, 1, AF_INET, 100, 1), ==, 0);

    /* Large ones are bounded by their bytes. */
    G_WORLD_AUTO large = world_new(12, 2);

    world_connect(large, 0, 1, NULL);
    world_send(large, 0, 1, AF_INET, 65000, 100);
    g_assert_cmpuint(large->nodes[0].device->staged_bytes, <=, WG_STAGED_BYTES);
    g_assert_cmpuint(large->nodes[0].device->staged_bytes, >, WG_STAGED_BYTES - 70000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/" #name, name)
    CASE(the_first_packet_brings_up_a_session_and_arrives);
    CASE(a_preshared_key_must_be_the_same_on_both_ends);
    CASE(padding_reaches_a_multiple_of_16_but_never_the_mtu);
    CASE(an_inner_packet_is_cut_to_its_own_length_or_dropped);
    CASE(a_datagram_seen_twice_counts_once);
    CASE(forged_datagrams_change_nothing);
    CASE(an_authentic_packet_from_elsewhere_moves_the_endpoint);
    CASE(a_responder_sends_with_a_new_key_only_once_it_was_used);
    CASE(simultaneous_handshakes_settle);
    CASE(a_replayed_initiation_is_ignored);
    CASE(a_peer_may_begin_50_handshakes_a_second);
    CASE(what_a_responder_had_waiting_follows_the_first_packet);
    CASE(a_clock_set_back_does_not_stop_handshakes);
    CASE(a_timestamp_tells_no_more_than_60_ths_of_a_second);
    CASE(what_was_reserved_survives_a_peer_that_is_removed);
    CASE(packets_that_wait_are_bounded_and_the_newest_stay);
    return g_test_run();
}
