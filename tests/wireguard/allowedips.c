/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <stdbool.h>

#include "wireguard/allowedips.h"

enum { PEERS = 40 };

/* The tree knows peers only as pointers. */
struct fixture {
    struct wg_allowedips ips;
    char peers[PEERS];
    struct wg_allowedips_list lists[PEERS];
};

static struct wg_peer *
peer(struct fixture *f, unsigned n)
{
    return (struct wg_peer *)&f->peers[n];
}

static struct fixture *
fixture_new(void)
{
    struct fixture *f = g_new0(struct fixture, 1);

    for (unsigned i = 0; i < PEERS; i++)
        TAILQ_INIT(&f->lists[i]);
    return f;
}

static void
fixture_free(struct fixture *f)
{
    for (unsigned i = 0; i < PEERS; i++) {
        wg_allowedips_remove_list(&f->ips, &f->lists[i]);
        g_assert_true(TAILQ_EMPTY(&f->lists[i]));
    }
    g_assert_null(f->ips.v4);
    g_assert_null(f->ips.v6);
    g_free(f);
}

static struct wg_ip
parse(const char *text, int *ret_family)
{
    uint8_t bytes[16];

    *ret_family = strchr(text, ':') ? AF_INET6 : AF_INET;
    g_assert_cmpint(inet_pton(*ret_family, text, bytes), ==, 1);
    return wg_ip_from_bytes(*ret_family, bytes);
}

static int
insert(struct fixture *f, unsigned who, const char *address, unsigned prefix)
{
    int family;
    struct wg_ip ip = parse(address, &family);

    return wg_allowedips_insert(&f->ips, family, ip, prefix, peer(f, who), &f->lists[who]);
}

static int
find(struct fixture *f, const char *address)
{
    int family;
    struct wg_ip ip = parse(address, &family);
    const struct wg_peer *found = wg_allowedips_find(&f->ips, family, ip);

    return found ? (int)((const char *)found - f->peers) : -1;
}

static void
the_longest_prefix_wins(void)
{
    static const struct {
        unsigned who;
        const char *address;
        unsigned prefix;
    } ranges[] = {
        {1, "192.168.4.0", 24}, {2, "192.168.4.4", 32},  {3, "192.168.0.0", 16},
        {4, "192.95.5.64", 27}, {5, "192.95.5.65", 27}, /* the same range: moves */
        {6, "0.0.0.0", 0},      {7, "64.15.112.0", 20},  {8, "64.15.123.211", 25},
        {9, "::", 0},           {10, "2607:5300::", 32}, {11, "2607:5300:6000:6b00::", 64},
        {12, "fd00::1", 128},   {13, "10.0.0.1", 31},
    };
    static const struct {
        const char *address;
        int who;
    } cases[] = {
        {"192.168.4.20", 1},
        {"192.168.4.4", 2},
        {"192.168.200.182", 3},
        {"192.95.5.68", 5},
        {"192.95.5.96", 6},
        {"1.1.1.1", 6},
        {"64.15.116.26", 7},
        {"64.15.123.128", 8},
        {"64.15.123.129", 8},
        {"64.15.123.127", 7},
        {"10.0.0.0", 13},
        {"10.0.0.2", 6},
        {"2001:db8::1", 9},
        {"2607:5300::1", 10},
        {"2607:5300:6000:6b00:ffff::", 11},
        {"2607:5301::", 9},
        {"fd00::1", 12},
        {"fd00::2", 9},
        {"255.255.255.255", 6},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 9},
    };
    struct fixture *f = fixture_new();

    g_assert_cmpint(find(f, "192.168.4.20"), ==, -1);
    for (unsigned i = 0; i < G_N_ELEMENTS(ranges); i++)
        g_assert_cmpint(insert(f, ranges[i].who, ranges[i].address, ranges[i].prefix), ==, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].address);
        g_assert_cmpint(find(f, cases[i].address), ==, cases[i].who);
    }
    g_assert_true(TAILQ_EMPTY(&f->lists[4]));
    g_assert_cmpint(insert(f, 1, "10.0.0.0", 33), ==, -EINVAL);
    g_assert_cmpint(insert(f, 1, "::", 129), ==, -EINVAL);
    fixture_free(f);
}

struct range {
    int family;
    struct wg_ip ip; /* masked */
    unsigned prefix;
    unsigned who;
};

static bool
bit(struct wg_ip ip, unsigned at)
{
    return (at < 64 ? ip.high >> (63 - at) : ip.low >> (127 - at)) & 1;
}

static bool
in_range(const struct range *range, struct wg_ip ip)
{
    for (unsigned i = 0; i < range->prefix; i++) {
        if (bit(range->ip, i) != bit(ip, i))
            return false;
    }
    return true;
}

static int
naive_find(const GArray *ranges, int family, struct wg_ip ip)
{
    const struct range *best = NULL;

    for (unsigned i = 0; i < ranges->len; i++) {
        const struct range *range = &g_array_index(ranges, struct range, i);

        if (range->family == family && in_range(range, ip) &&
            (!best || range->prefix > best->prefix))
            best = range;
    }
    return best ? (int)best->who : -1;
}

static void
naive_insert(GArray *ranges, struct range new_range)
{
    for (unsigned i = 0; i < ranges->len; i++) {
        struct range *range = &g_array_index(ranges, struct range, i);

        if (range->family == new_range.family && range->prefix == new_range.prefix &&
            in_range(range, new_range.ip)) {
            range->who = new_range.who;
            return;
        }
    }
    g_array_append_val(ranges, new_range);
}

static void
naive_remove(GArray *ranges, const struct range *old)
{
    for (unsigned i = 0; i < ranges->len; i++) {
        struct range *range = &g_array_index(ranges, struct range, i);

        if (range->family == old->family && range->prefix == old->prefix &&
            range->who == old->who && in_range(range, old->ip)) {
            g_array_remove_index_fast(ranges, i);
            return;
        }
    }
}

/* Few distinct bits, so that ranges meet each other. */
static struct wg_ip
random_ip(int family)
{
    uint64_t high = 0, low = 0;

    for (unsigned i = 0; i < 8; i++) {
        high = high << 8 | (g_test_rand_bit() ? g_test_rand_int() & 0x83 : 0);
        low = low << 8 | (g_test_rand_bit() ? g_test_rand_int() & 0x83 : 0);
    }
    if (family == AF_INET)
        return (struct wg_ip){.high = high & UINT64_C(0xffffffff00000000)};
    return (struct wg_ip){.high = high, .low = low};
}

static struct range
random_range(void)
{
    struct range range = {
        .family = g_test_rand_bit() ? AF_INET : AF_INET6,
        .who = g_test_rand_int_range(0, PEERS),
    };

    range.prefix = g_test_rand_int_range(0, range.family == AF_INET ? 33 : 129);
    range.ip = random_ip(range.family);
    return range;
}

static void
check(struct fixture *f, const GArray *ranges)
{
    unsigned listed = 0;

    for (unsigned i = 0; i < 200; i++) {
        int family = g_test_rand_bit() ? AF_INET : AF_INET6;
        struct wg_ip ip = random_ip(family);
        const struct wg_peer *found = wg_allowedips_find(&f->ips, family, ip);

        g_assert_cmpint(found ? (int)((const char *)found - f->peers) : -1, ==,
                        naive_find(ranges, family, ip));
    }
    for (unsigned i = 0; i < PEERS; i++) {
        const struct wg_allowedips_node *node;

        TAILQ_FOREACH(node, &f->lists[i], siblings)
        {
            g_assert_true(node->peer == peer(f, i));
            listed++;
        }
    }
    g_assert_cmpuint(listed, ==, ranges->len);
}

/* A node without peer has two children, or the tree grows with what was removed. */
static void
check_nodes(const struct wg_allowedips_node *node, const struct wg_allowedips_node *parent)
{
    if (!node)
        return;
    g_assert_true(node->parent == parent);
    g_assert_true(node->peer || (node->child[0] && node->child[1]));
    check_nodes(node->child[0], node);
    check_nodes(node->child[1], node);
}

static void
the_tree_agrees_with_a_naive_list(void)
{
    for (unsigned round = 0; round < 20; round++) {
        struct fixture *f = fixture_new();
        GArray *ranges = g_array_new(FALSE, FALSE, sizeof(struct range));

        for (unsigned i = 0; i < 400; i++) {
            struct range range = random_range();
            unsigned kind = g_test_rand_int_range(0, 100);

            if (kind < 70) {
                g_assert_cmpint(wg_allowedips_insert(&f->ips, range.family, range.ip, range.prefix,
                                                     peer(f, range.who), &f->lists[range.who]),
                                ==, 0);
                naive_insert(ranges, range);
            } else if (kind < 95 && ranges->len > 0) {
                range = g_array_index(ranges, struct range, g_test_rand_int_range(0, ranges->len));
                if (g_test_rand_bit()) /* not its own: nothing happens */
                    range.who = g_test_rand_int_range(0, PEERS);
                g_assert_cmpint(wg_allowedips_remove(&f->ips, range.family, range.ip, range.prefix,
                                                     peer(f, range.who)),
                                ==, 0);
                naive_remove(ranges, &range);
            } else {
                wg_allowedips_remove_list(&f->ips, &f->lists[range.who]);
                for (unsigned j = ranges->len; j-- > 0;) {
                    if (g_array_index(ranges, struct range, j).who == range.who)
                        g_array_remove_index_fast(ranges, j);
                }
            }
            if (i % 20 == 0) {
                check(f, ranges);
                check_nodes(f->ips.v4, NULL);
                check_nodes(f->ips.v6, NULL);
            }
        }
        g_array_free(ranges, TRUE);
        fixture_free(f);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/the-longest-prefix-wins", the_longest_prefix_wins);
    g_test_add_func("/the-tree-agrees-with-a-naive-list", the_tree_agrees_with_a_naive_list);
    return g_test_run();
}
