/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <errno.h>

#include "wireguard/peer.h"
#include "world.h"

#define MS (WG_SECOND / 1000)

/* What node `from` sends to begin a handshake, as it goes onto the wire. */
static void
initiation_of(struct world *world, unsigned from, struct wg_initiation *ret)
{
    struct wg_message *message;
    uint8_t inner[64];

    world_packet(inner, AF_INET, from, !from, sizeof inner, 0);
    g_assert_cmpint(wg_device_stage(world->nodes[from].device, world_time(world), inner,
                                    sizeof inner, WORLD_MTU),
                    ==, 0);
    message = wg_device_take_messages(world->nodes[from].device);
    g_assert_nonnull(message);
    g_assert_cmpuint(message->len, ==, sizeof *ret);
    memcpy(ret, message->data, sizeof *ret);
    wg_message_free(message);
}

static int
give(struct world *world,
     unsigned to,
     const struct wg_endpoint *source,
     const void *data,
     size_t len)
{
    return wg_device_handle_message(world->nodes[to].device, world_time(world), source, data, len);
}

static void
drop_outbox(struct node *node)
{
    struct wg_message *next;

    for (struct wg_message *m = wg_device_take_messages(node->device); m; m = next) {
        next = m->next;
        wg_message_free(m);
    }
}

static void
load(struct node *node)
{
    node->device->under_load_until = UINT64_MAX;
}

static void
under_load_a_handshake_needs_one_more_round_trip(void)
{
    G_WORLD_AUTO world = world_new(1, 2);
    const struct node *a = &world->nodes[0], *b = &world->nodes[1];

    world_connect(world, 0, 1, NULL);
    load(&world->nodes[1]);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, WG_SECOND);
    g_assert_cmpuint(world_sent(b, WG_MESSAGE_COOKIE_REPLY, 0, 0), ==, 1);
    g_assert_cmpuint(world_sent(b, WG_MESSAGE_RESPONSE, 0, 0), ==, 0);
    g_assert_cmpuint(b->delivered, ==, 0);
    world_run(world, 6 * WG_SECOND);
    g_assert_cmpuint(world_sent(a, WG_MESSAGE_INITIATION, 0, 0), ==, 2);
    g_assert_cmpuint(world_sent(b, WG_MESSAGE_RESPONSE, 0, 0), ==, 1);
    g_assert_cmpuint(b->delivered, ==, 1);
}

static void
an_initiator_under_load_asks_for_a_cookie_too(void)
{
    G_WORLD_AUTO world = world_new(2, 2);
    const struct node *a = &world->nodes[0], *b = &world->nodes[1];

    world_connect(world, 0, 1, NULL);
    load(&world->nodes[0]);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, WG_SECOND);
    g_assert_cmpuint(world_sent(b, WG_MESSAGE_RESPONSE, 0, 0), ==, 1);
    g_assert_cmpuint(world_sent(a, WG_MESSAGE_COOKIE_REPLY, 0, 0), ==, 1);
    g_assert_cmpuint(b->delivered, ==, 0);
    world_run(world, 6 * WG_SECOND);
    g_assert_cmpuint(world_sent(b, WG_MESSAGE_RESPONSE, 0, 0), ==, 2);
    g_assert_cmpuint(b->delivered, ==, 1);
}

static void
both_under_load_still_meet(void)
{
    G_WORLD_AUTO world = world_new(3, 2);

    world_connect(world, 0, 1, NULL);
    load(&world->nodes[0]);
    load(&world->nodes[1]);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, 20 * WG_SECOND);
    g_assert_cmpuint(world->nodes[1].delivered, ==, 1);
}

static void
a_wrong_mac1_is_dropped_without_an_answer(void)
{
    G_WORLD_AUTO world = world_new(4, 2);
    struct wg_initiation message, wrong;

    world_connect(world, 0, 1, NULL);
    initiation_of(world, 0, &message);
    for (int loaded = 0; loaded < 2; loaded++) {
        if (loaded)
            load(&world->nodes[1]);
        for (size_t i = 4; i < offsetof(struct wg_initiation, macs.mac2); i++) {
            wrong = message;
            ((uint8_t *)&wrong)[i] ^= 0x10;
            g_assert_cmpint(give(world, 1, &world->nodes[0].endpoint, &wrong, sizeof wrong), ==,
                            -EBADMSG);
            g_assert_null(wg_device_take_messages(world->nodes[1].device));
        }
    }
}

static void
a_cookie_is_good_for_its_address_and_port_only(void)
{
    G_WORLD_AUTO world = world_new(5, 2);
    struct wg_endpoint home = world->nodes[0].endpoint, elsewhere = home, other_port = home;
    struct wg_initiation message;

    elsewhere.in4.sin_addr.s_addr = htonl(0xc6336401);
    other_port.in4.sin_port = htons(1);
    world_connect(world, 0, 1, NULL);
    load(&world->nodes[1]);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, WG_SECOND);
    world->nodes[1].deaf = true;
    world->now += 5 * WG_SECOND;
    initiation_of(world, 0, &message);
    g_assert_cmpint(give(world, 1, &elsewhere, &message, sizeof message), ==, -EBUSY);
    g_assert_cmpint(give(world, 1, &other_port, &message, sizeof message), ==, -EBUSY);
    drop_outbox(&world->nodes[1]);
    g_assert_cmpint(give(world, 1, &home, &message, sizeof message), ==, 0);
    drop_outbox(&world->nodes[1]);
    g_assert_cmpint(give(world, 1, &home, &message, sizeof message), ==, -EALREADY);
}

static void
a_cookie_is_used_for_115_s_and_its_secret_for_120(void)
{
    static const uint8_t zero[WG_COOKIE_LEN];

    for (unsigned seconds = 110; seconds < 120; seconds += 9) {
        G_WORLD_AUTO world = world_new(6, 2);
        struct wg_initiation message;

        world_connect(world, 0, 1, NULL);
        load(&world->nodes[1]);
        world_send(world, 0, 1, AF_INET, 100, 1);
        world_run(world, 30 * MS);
        world->now += seconds * WG_SECOND;
        initiation_of(world, 0, &message);
        g_assert_cmpint(!memcmp(message.macs.mac2, zero, sizeof zero), ==, seconds > 115);
        g_assert_cmpint(give(world, 1, &world->nodes[0].endpoint, &message, sizeof message), ==,
                        seconds > 115 ? -EBUSY : 0);
        drop_outbox(&world->nodes[1]);
    }

    /* The receiver's own clock counts, not what the sender thinks of the cookie's age. */
    G_WORLD_AUTO world = world_new(7, 2);
    struct wg_initiation message;

    world_connect(world, 0, 1, NULL);
    load(&world->nodes[1]);
    world_send(world, 0, 1, AF_INET, 100, 1);
    world_run(world, 30 * MS);
    world->now += 114 * WG_SECOND;
    initiation_of(world, 0, &message);
    world->now += 7 * WG_SECOND;
    g_assert_cmpint(give(world, 1, &world->nodes[0].endpoint, &message, sizeof message), ==,
                    -EBUSY);
    drop_outbox(&world->nodes[1]);
}

static void
a_cookie_reply_counts_once_and_only_for_what_was_sent(void)
{
    G_WORLD_AUTO world = world_new(8, 2);
    struct wg_initiation message;
    struct wg_message *reply;
    struct wg_endpoint *home = &world->nodes[0].endpoint;

    world_connect(world, 0, 1, NULL);
    load(&world->nodes[1]);
    initiation_of(world, 0, &message);
    g_assert_cmpint(give(world, 1, home, &message, sizeof message), ==, -EBUSY);
    reply = wg_device_take_messages(world->nodes[1].device);
    g_assert_true(wg_endpoint_equal(&reply->endpoint, home));
    for (size_t i = 4; i < reply->len; i++) {
        reply->data[i] ^= 1;
        g_assert_cmpint(give(world, 0, home, reply->data, reply->len), ==,
                        i < 8 ? -ENOENT : -EBADMSG);
        reply->data[i] ^= 1;
    }
    g_assert_cmpuint(world_peer(world, 0, 1)->cookie.birth, ==, 0);
    g_assert_cmpint(give(world, 0, home, reply->data, reply->len), ==, 0);
    g_assert_cmpuint(world_peer(world, 0, 1)->cookie.birth, ==, world->now);
    g_assert_cmpint(give(world, 0, home, reply->data, reply->len), ==, -ENOENT);
    wg_message_free(reply);
}

static void
one_source_gets_5_handshakes_at_once_and_20_a_second(void)
{
    static const struct {
        const char *address;
        bool shares; /* the budget of the first */
    } cases[][3] = {
        {{"192.0.2.1", true}, {"192.0.2.1", true}, {"192.0.2.2", false}},
        {{"2001:db8:1:2::1", true}, {"2001:db8:1:2:ffff::9", true}, {"2001:db8:1:3::1", false}},
    };
    const uint8_t key[16] = {1};

    for (unsigned c = 0; c < G_N_ELEMENTS(cases); c++) {
        struct wg_endpoint source[3] = {0};
        struct wg_ratelimit limit;
        uint64_t now = WORLD_START;

        wg_ratelimit_init(&limit, key);
        for (unsigned i = 0; i < 3; i++) {
            if (inet_pton(AF_INET6, cases[c][i].address, &source[i].in6.sin6_addr) == 1) {
                source[i].in6.sin6_family = AF_INET6;
            } else {
                source[i].in4.sin_family = AF_INET;
                inet_pton(AF_INET, cases[c][i].address, &source[i].in4.sin_addr);
            }
            source[i].in4.sin_port = htons(1000 + i); /* the same place in both families */
        }
        for (unsigned i = 0; i < 5; i++)
            g_assert_true(wg_ratelimit_allow(&limit, now, &source[i % 2]));
        for (unsigned i = 0; i < 3; i++)
            g_assert_cmpint(wg_ratelimit_allow(&limit, now, &source[i]), ==, !cases[c][i].shares);
        now += 49 * MS;
        g_assert_false(wg_ratelimit_allow(&limit, now, &source[0]));
        now += 1 * MS;
        g_assert_true(wg_ratelimit_allow(&limit, now, &source[0]));
        g_assert_false(wg_ratelimit_allow(&limit, now, &source[1]));

        unsigned allowed = 0;

        for (unsigned ms = 0; ms < 10000; ms += 5)
            allowed += wg_ratelimit_allow(&limit, now += 5 * MS, &source[0]);
        g_assert_cmpuint(allowed, ==, 200);
        now += 10 * WG_SECOND;
        for (unsigned i = 0; i < 6; i++)
            g_assert_cmpint(wg_ratelimit_allow(&limit, now, &source[0]), ==, i < 5);
        wg_ratelimit_clear(&limit);
    }
}

static void
many_sources_are_counted_apart_in_bounded_memory(void)
{
    const uint8_t key[16] = {2};
    struct wg_ratelimit limit;
    unsigned allowed = 0, again = 0;

    wg_ratelimit_init(&limit, key);
    for (unsigned i = 0; i < 100000; i++) {
        struct wg_endpoint source = {.in4 = {AF_INET, 0, {htonl(0x0a000000 + i)}, {0}}};

        allowed += wg_ratelimit_allow(&limit, WORLD_START, &source);
    }
    g_assert_cmpuint(allowed, ==, 4096); /* its places; the others wait a second */
    for (unsigned i = 0; i < 2000; i++) {
        struct wg_endpoint source = {.in4 = {AF_INET, 0, {htonl(0x0b000000 + i)}, {0}}};

        again += wg_ratelimit_allow(&limit, WORLD_START + WG_SECOND, &source);
    }
    g_assert_cmpuint(again, >, 1900);
    wg_ratelimit_clear(&limit);
}

static void
a_flood_brings_load_and_load_ends_with_it(void)
{
    G_WORLD_AUTO world = world_new(9, 2);
    struct node *victim = &world->nodes[1];
    struct wg_initiation message;
    unsigned computed = 0, cookies = 0;
    struct wg_message *m;

    world_connect(world, 0, 1, NULL);
    initiation_of(world, 0, &message);
    /* A right mac1 needs only our public key, so this is what a stranger can do: 20,000 a second. */
    for (unsigned i = 0; i < 100000; i++) {
        int r = give(world, 1, &world->nodes[0].endpoint, &message, sizeof message);

        world->now += WG_SECOND / 20000;
        g_assert_true(r == 0 || r == -EALREADY || r == -EBUSY);
        computed += r != -EBUSY;
        while ((m = wg_device_take_messages(victim->device))) {
            g_assert_null(m->next);
            cookies += wg_message_type(m->data, m->len) == WG_MESSAGE_COOKIE_REPLY;
            wg_message_free(m);
        }
    }
    g_assert_cmpuint(computed, >, 1000);
    g_assert_cmpuint(computed, <, 1024 + 250 * 5 + 300);
    g_assert_cmpuint(cookies, ==, 100000 - computed);

    world->now += 2 * WG_SECOND;
    initiation_of(world, 0, &message);
    g_assert_cmpint(give(world, 1, &world->nodes[0].endpoint, &message, sizeof message), ==, 0);
    drop_outbox(victim);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define CASE(name) g_test_add_func("/" #name, name)
    CASE(under_load_a_handshake_needs_one_more_round_trip);
    CASE(an_initiator_under_load_asks_for_a_cookie_too);
    CASE(both_under_load_still_meet);
    CASE(a_wrong_mac1_is_dropped_without_an_answer);
    CASE(a_cookie_is_good_for_its_address_and_port_only);
    CASE(a_cookie_is_used_for_115_s_and_its_secret_for_120);
    CASE(a_cookie_reply_counts_once_and_only_for_what_was_sent);
    CASE(one_source_gets_5_handshakes_at_once_and_20_a_second);
    CASE(many_sources_are_counted_apart_in_bounded_memory);
    CASE(a_flood_brings_load_and_load_ends_with_it);
    return g_test_run();
}
