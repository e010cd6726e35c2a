/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/fair.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#include "engine/inner.h"

enum { HEADERS = 28 };

/* A UDP datagram over IPv4: len bytes, of the flow that its source port tells, and its number. */
static void
fill(struct fair_packet *packet, uint16_t flow, uint32_t number, size_t len)
{
    memset(packet->tun.data, 0, len);
    packet->tun.data[0] = 0x45;
    packet->tun.data[9] = IPPROTO_UDP;
    inner_put16(packet->tun.data + 20, flow);
    inner_put32(packet->tun.data + HEADERS, number);
    packet->len = len;
}

static uint16_t
flow_of(const struct fair_packet *packet)
{
    return inner_get16(packet->tun.data + 20);
}

static uint32_t
number_of(const struct fair_packet *packet)
{
    return inner_get32(packet->tun.data + HEADERS);
}

static void
add(struct fair *fair, uint16_t flow, uint32_t number, size_t len)
{
    struct fair_packet *packet = fair_get_room(fair);

    g_assert_nonnull(packet);
    fill(packet, flow, number, len);
    fair_add(fair, packet);
}

static void
assert_next(struct fair *fair, uint16_t flow, uint32_t number)
{
    struct fair_packet *packet = fair_next(fair);

    g_assert_nonnull(packet);
    g_assert_cmpuint(flow_of(packet), ==, flow);
    g_assert_cmpuint(number_of(packet), ==, number);
    fair_release(fair, packet);
}

/* Nothing waits, and each packet is there again. */
static void
end(struct fair *fair)
{
    struct fair_packet *packets[FAIR_PACKETS];

    g_assert_null(fair_next(fair));
    for (unsigned i = 0; i < FAIR_PACKETS; i++) {
        packets[i] = fair_get_room(fair);
        g_assert_nonnull(packets[i]);
        for (unsigned k = 0; k < i; k++)
            g_assert_true(packets[i] != packets[k] && packets[i]->tun.data != packets[k]->tun.data);
    }
    g_assert_null(fair_get_room(fair));
    fair_free(fair);
}

/* Ports of flows that are not taken for one another by this queue's key. */
static void
find_flows(struct fair *fair, uint16_t *ret_flows, uint16_t count)
{
    for (uint16_t flow = 1, found = 0; found < count; flow++) {
        bool is_apart = true;

        /* Of two flows that have used up their turn, none passes the other; of one, neither. */
        for (unsigned k = 0; k < found && is_apart; k++) {
            add(fair, ret_flows[k], 1, 60000);
            add(fair, ret_flows[k], 2, 60000);
            add(fair, flow, 3, 100);
            for (unsigned i = 0; i < 3; i++) {
                struct fair_packet *packet = fair_next(fair);

                if (i == 1)
                    is_apart = number_of(packet) == 3;
                fair_release(fair, packet);
            }
            g_assert_null(fair_next(fair));
        }
        if (is_apart)
            ret_flows[found++] = flow;
    }
}

static void
test_little_passes_much(void)
{
    struct fair *fair = fair_new();
    uint16_t flows[2];

    find_flows(fair, flows, 2);
    for (unsigned i = 0; i < 20; i++)
        add(fair, flows[0], i, 60000);
    assert_next(fair, flows[0], 0);
    add(fair, flows[1], 100, 84);
    assert_next(fair, flows[1], 100);
    for (unsigned i = 1; i < 20; i++)
        assert_next(fair, flows[0], i);
    end(fair);
}

/* By bytes, however long their packets are. */
static void
test_flows_share(void)
{
    struct fair *fair = fair_new();
    uint16_t flows[3];
    static const size_t lengths[] = {40000, 15000, 1400};
    size_t sent[3] = {0}, waiting[3] = {0};

    find_flows(fair, flows, 3);
    for (unsigned i = 0; i < 20000; i++) {
        struct fair_packet *packet;

        for (unsigned k = 0; k < 3; k++)
            while (waiting[k] < 4) {
                add(fair, flows[k], i, lengths[k]);
                waiting[k]++;
            }
        packet = fair_next(fair);
        for (unsigned k = 0; k < 3; k++)
            if (flow_of(packet) == flows[k]) {
                sent[k] += packet->len;
                waiting[k]--;
            }
        fair_release(fair, packet);
    }
    for (unsigned k = 1; k < 3; k++) {
        g_assert_cmpuint(sent[k], >, sent[0] - sent[0] / 50 - 80000);
        g_assert_cmpuint(sent[k], <, sent[0] + sent[0] / 50 + 80000);
    }
    fair_free(fair);
}

static void
test_who_has_most_loses(void)
{
    struct fair *fair = fair_new();
    uint16_t flows[2];
    const unsigned sent = 40, kept = FAIR_BYTES / 60000;

    g_assert_cmpuint(kept, <, sent);
    find_flows(fair, flows, 2);
    add(fair, flows[1], 100, 1400);
    for (unsigned i = 0; i < sent; i++)
        add(fair, flows[0], i, 60000);
    assert_next(fair, flows[1], 100);
    /* The oldest are what is missing. */
    for (unsigned i = sent - kept; i < sent; i++)
        assert_next(fair, flows[0], i);
    end(fair);
}

/* Whatever comes, in whatever order: a flow's packets come out in theirs, and none twice. */
static void
test_order(void)
{
    struct fair *fair = fair_new();
    uint32_t given[50] = {0}, last[50] = {0};

    for (unsigned i = 0; i < 100000; i++) {
        struct fair_packet *packet = NULL;

        if (g_test_rand_bit())
            packet = fair_get_room(fair);
        if (packet) {
            uint16_t flow = g_test_rand_int_range(0, 50);
            bool is_long = g_test_rand_int_range(0, 4) == 0;

            fill(packet, flow, ++given[flow],
                 g_test_rand_int_range(HEADERS + 4, is_long ? INNER_MAX + 1 : 1500));
            fair_add(fair, packet);
        } else if ((packet = fair_next(fair))) {
            g_assert_cmpuint(number_of(packet), >, last[flow_of(packet)]);
            last[flow_of(packet)] = number_of(packet);
            fair_release(fair, packet);
        }
    }
    for (struct fair_packet *packet; (packet = fair_next(fair));)
        fair_release(fair, packet);
    end(fair);
}

/* Bytes of any kind, cut off anywhere. */
static void
test_anything(void)
{
    struct fair *fair = fair_new();

    for (unsigned i = 0; i < 100000; i++) {
        struct fair_packet *packet = fair_get_room(fair);

        packet->len = g_test_rand_int_range(0, 80);
        for (size_t k = 0; k < packet->len; k++)
            packet->tun.data[k] = g_test_rand_int_range(0, 256);
        if (packet->len > 0)
            packet->tun.data[0] = (i % 2 ? 0x40 : 0x60) | (packet->tun.data[0] & 0xf);
        fair_add(fair, packet);
        fair_release(fair, fair_next(fair));
    }
    end(fair);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fair/little-passes-much", test_little_passes_much);
    g_test_add_func("/fair/flows-share", test_flows_share);
    g_test_add_func("/fair/who-has-most-loses", test_who_has_most_loses);
    g_test_add_func("/fair/order", test_order);
    g_test_add_func("/fair/anything", test_anything);
    return g_test_run();
}
