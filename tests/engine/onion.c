/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/onion.h"

#include <glib.h>
#include <netinet/in.h>
#include <string.h>

#include "engine/inner.h"

enum { HEADERS = 28, LEN = HEADERS + WG_TRANSPORT_OVERHEAD };

static const struct wg_time start = {.mono = 5 * WG_SECOND};

/* Over IPv4, a datagram with a message to the receiver index. */
static void
fill(uint8_t packet[LEN], uint32_t receiver)
{
    struct wg_transport *message = (struct wg_transport *)(packet + HEADERS);

    memset(packet, 0, LEN);
    packet[0] = 0x45;
    inner_put16(packet + 2, LEN);
    packet[9] = IPPROTO_UDP;
    inner_put16(packet + 24, LEN - 20);
    message->type = htole32(WG_MESSAGE_TRANSPORT);
    message->receiver = htole32(receiver);
}

static bool
goes_round(struct onion *onion, struct wg_time now, uint32_t carrier, uint32_t carried)
{
    _Alignas(4) uint8_t packet[LEN];

    fill(packet, carried);
    return onion_goes_round(onion, now, carrier, packet, sizeof packet);
}

static void
a_message_does_not_carry_itself(void)
{
    struct onion onion = {0};

    g_assert_true(goes_round(&onion, start, 7, 7));
    g_assert_false(goes_round(&onion, start, 7, 8));
}

static void
two_do_not_carry_each_other(void)
{
    struct onion onion = {0};

    g_assert_false(goes_round(&onion, start, 1, 2));
    g_assert_false(goes_round(&onion, start, 1, 2));
    g_assert_true(goes_round(&onion, start, 2, 1));
}

static void
nor_do_three_in_turn(void)
{
    struct onion onion = {0};

    g_assert_false(goes_round(&onion, start, 1, 2));
    g_assert_false(goes_round(&onion, start, 2, 3));
    g_assert_true(goes_round(&onion, start, 3, 1));
    g_assert_false(goes_round(&onion, start, 3, 4));
}

static void
what_was_long_ago_is_forgotten(void)
{
    struct onion onion = {0};
    const struct wg_time later = {.mono = start.mono + WG_SECOND + 1};

    g_assert_false(goes_round(&onion, start, 1, 2));
    g_assert_false(goes_round(&onion, later, 2, 1));
}

/* Whoever asks for it, it is not followed for ever. */
static void
there_is_a_deepest_onion(void)
{
    struct onion onion = {0};
    uint32_t carrier = 1;

    while (!goes_round(&onion, start, carrier, carrier + 1)) {
        carrier++;
        g_assert_cmpuint(carrier, <, 20);
    }
    g_assert_cmpuint(carrier, >=, 8);
}

static void
anything_else_is_no_onion(void)
{
    struct onion onion = {0};
    _Alignas(4) uint8_t packet[LEN];

    fill(packet, 1);
    packet[9] = IPPROTO_TCP;
    g_assert_false(onion_goes_round(&onion, start, 1, packet, sizeof packet));
    fill(packet, 1);
    inner_put16(packet + 6, 1); /* a later fragment */
    g_assert_false(onion_goes_round(&onion, start, 1, packet, sizeof packet));
    fill(packet, 1);
    packet[HEADERS] = WG_MESSAGE_INITIATION;
    g_assert_false(onion_goes_round(&onion, start, 1, packet, sizeof packet));
    for (size_t len = 20; len < sizeof packet; len++) {
        fill(packet, 1);
        g_assert_false(onion_goes_round(&onion, start, 1, packet, len));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/a-message-does-not-carry-itself", a_message_does_not_carry_itself);
    g_test_add_func("/two-do-not-carry-each-other", two_do_not_carry_each_other);
    g_test_add_func("/nor-do-three-in-turn", nor_do_three_in_turn);
    g_test_add_func("/what-was-long-ago-is-forgotten", what_was_long_ago_is_forgotten);
    g_test_add_func("/there-is-a-deepest-onion", there_is_a_deepest_onion);
    g_test_add_func("/anything-else-is-no-onion", anything_else_is_no_onion);
    return g_test_run();
}
