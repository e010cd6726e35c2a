/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <glib.h>

#include "wireguard/replay.h"

static void
each_counter_is_accepted_once_within_the_window(void)
{
    static const struct {
        uint64_t counter;
        bool accepted;
    } cases[] = {
        {0, true},
        {0, false},
        {1, true},
        {9, true},
        {8, true},
        {7, true},
        {8, false},
        {WG_REPLAY_WINDOW, true},
        {WG_REPLAY_WINDOW, false},
        {2, true},
        {1, false},
        {WG_REPLAY_WINDOW + 2, true},
        {3, true},
        {2, false}, /* seen, and outside by now is 1 */
        {WG_REPLAY_WINDOW * 3, true},
        {WG_REPLAY_WINDOW * 2 - 1, false},
        {WG_REPLAY_WINDOW * 2, false}, /* 8192 behind the greatest plus one: just out */
        {WG_REPLAY_WINDOW * 2 + 1, true},
        {WG_REPLAY_WINDOW * 3 - 1, true},
        {UINT64_C(1) << 40, true},
        {(UINT64_C(1) << 40) - WG_REPLAY_WINDOW + 1, true},
        {WG_REJECT_AFTER_MESSAGES - 1, true},
        {WG_REJECT_AFTER_MESSAGES, false},
        {UINT64_MAX, false},
        {0, false},
    };
    struct wg_replay replay = {0};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %u", i);
        g_assert_cmpint(wg_replay_accept(&replay, cases[i].counter), ==, cases[i].accepted);
    }
}

/* All that was seen, and the greatest: what the ring of bits is an economy for. */
struct naive {
    GHashTable *seen;
    uint64_t next;
};

static bool
naive_accept(struct naive *naive, uint64_t counter)
{
    if (naive->next > WG_REPLAY_WINDOW && counter < naive->next - WG_REPLAY_WINDOW)
        return false;
    if (!g_hash_table_add(naive->seen, g_memdup2(&counter, sizeof counter)))
        return false;
    if (counter >= naive->next)
        naive->next = counter + 1;
    return true;
}

static void
the_window_agrees_with_a_naive_one(void)
{
    for (unsigned round = 0; round < 30; round++) {
        struct naive naive = {
            .seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
        };
        struct wg_replay replay = {0};
        uint64_t at = 0;
        unsigned accepted = 0;

        for (unsigned i = 0; i < 20000; i++) {
            unsigned kind = g_test_rand_int_range(0, 1000);
            uint64_t back = g_test_rand_int_range(0, 300), edge = back % 200 + 8100, counter;

            if (kind < 500)
                counter = at++;
            else if (kind < 900)
                counter = at - MIN(at, back);
            else if (kind < 995)
                counter = at - MIN(at, edge);
            else if (kind < 999)
                counter = at += g_test_rand_int_range(0, 700);
            else
                counter = at += g_test_rand_int_range(0, 20000);
            bool expected = naive_accept(&naive, counter);

            accepted += expected;
            g_assert_cmpint(wg_replay_accept(&replay, counter), ==, expected);
        }
        g_assert_cmpuint(accepted, >, 8000);
        g_assert_cmpuint(accepted, <, 19000);
        g_hash_table_destroy(naive.seen);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/each-counter-is-accepted-once-within-the-window",
                    each_counter_is_accepted_once_within_the_window);
    g_test_add_func("/the-window-agrees-with-a-naive-one", the_window_agrees_with_a_naive_one);
    return g_test_run();
}
