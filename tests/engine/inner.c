/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <glib.h>
#include <netinet/in.h>

#include "engine/checksum.h"
#include "engine/inner.h"
#include "engine/unreachable.h"

static uint16_t
fold_over(const uint8_t *data, size_t len)
{
    return checksum_fold(checksum_add(0, data, len));
}

/* RFC 1071, 4.1, word by word. */
static uint16_t
fold_plainly(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint64_t)data[i] << 8 : data[i];
    while (sum > UINT16_MAX)
        sum = (sum & UINT16_MAX) + (sum >> 16);
    return htons(sum);
}

static void
checksums_are_those_of_rfc_1071(void)
{
    static uint8_t data[INNER_MAX + 64];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = i < 2048 ? g_random_int() : 0xff;
    for (size_t len = 1; len < 600; len++)
        for (size_t at = 0; at < 64; at += 7)
            g_assert_cmphex(fold_over(data + at, len), ==, fold_plainly(data + at, len));
    g_assert_cmphex(fold_over(data, INNER_MAX), ==, fold_plainly(data, INNER_MAX));
    g_assert_cmphex(fold_over(data + 2048, 61440), ==, 0xffff);
    g_assert_cmphex(checksum_fold(checksum_add(UINT64_MAX, data, 100)), ==,
                    fold_plainly(data, 100));
}

static void
make(uint8_t packet[64], unsigned version, uint8_t tos)
{
    uint16_t sum;

    memset(packet, 0, 64);
    if (version == 6) {
        inner_put32(packet, 0x60012345u | (uint32_t)tos << 20);
        return;
    }
    packet[0] = 0x45;
    packet[1] = tos;
    inner_put16(packet + 2, 64);
    sum = ~fold_over(packet, 20);
    memcpy(packet + 10, &sum, sizeof sum);
}

/* Figure 4 of RFC 6040: [inner][outer], -1: drop. The codes are 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
static const int figure_4[4][4] = {
    {0, 0, 0, -1},
    {1, 1, 1, 3},
    {2, 1, 2, 3},
    {3, 3, 3, 3},
};

static void
ecn_is_decapsulated_by_rfc_6040(void)
{
    for (unsigned version = 4; version <= 6; version += 2)
        for (unsigned inner = 0; inner < 4; inner++)
            for (unsigned outer = 0; outer < 4; outer++) {
                const uint8_t dscp = 0xb8; /* which stays, whatever the outer one is */
                uint8_t packet[64], same[64];

                make(packet, version, dscp | inner);
                g_assert_cmpint(inner_decapsulate_ecn(packet, 0x48 | outer), ==,
                                figure_4[inner][outer] >= 0);
                if (figure_4[inner][outer] < 0)
                    continue;
                make(same, version, dscp | figure_4[inner][outer]);
                g_assert_cmpmem(packet, sizeof packet, same, sizeof same);
                g_assert_cmphex(inner_tos(packet), ==, dscp | figure_4[inner][outer]);
            }
}

static void
ecn_does_not_repair_a_header(void)
{
    uint8_t packet[64];

    make(packet, 4, 2);
    packet[10] ^= 1;
    g_assert_true(inner_decapsulate_ecn(packet, 3));
    g_assert_cmphex(fold_over(packet, 20), !=, 0xffff);
}

static const struct {
    const char *name;
    uint8_t version, protocol, type;
    uint16_t fragment;
    const char *from, *to; /* only the first bytes are told */
    gboolean answered;
} packets[] = {
    {"tcp", 4, IPPROTO_TCP, 0, 0, "\x0a", "\x0b", TRUE},
    {"first-fragment", 4, IPPROTO_UDP, 0, 0x2000, "\x0a", "\x0b", TRUE},
    {"other-fragment", 4, IPPROTO_UDP, 0, 0x2001, "\x0a", "\x0b", FALSE},
    {"ping", 4, IPPROTO_ICMP, 8, 0, "\x0a", "\x0b", TRUE},
    {"an-error", 4, IPPROTO_ICMP, 3, 0, "\x0a", "\x0b", FALSE},
    {"multicast", 4, IPPROTO_UDP, 0, 0, "\x0a", "\xe0", FALSE},
    {"tcp-6", 6, IPPROTO_TCP, 0, 0, "\xfd", "\xfd", TRUE},
    {"ping-6", 6, IPPROTO_ICMPV6, 128, 0, "\xfd", "\xfd", TRUE},
    {"an-error-6", 6, IPPROTO_ICMPV6, 1, 0, "\xfd", "\xfd", FALSE},
    {"neighbour-solicitation", 6, IPPROTO_ICMPV6, 135, 0, "\xfd", "\xfd", FALSE},
    {"multicast-6", 6, IPPROTO_UDP, 0, 0, "\xfd", "\xff", FALSE},
    {"from-nowhere-6", 6, IPPROTO_UDP, 0, 0, "", "\xfd", FALSE},
};

static void
host_unreachable_is_answered(gconstpointer data)
{
    const unsigned i = GPOINTER_TO_UINT(data);
    const size_t header = packets[i].version == 4 ? 20 : 40;

    for (size_t len = header; len <= 3000; len += len < 100 ? 1 : 97) {
        g_autofree uint8_t *packet = g_malloc0(len); /* as long as it is, for sanitizers */
        uint8_t answer[UNREACHABLE_MAX];
        size_t n;

        packet[0] = packets[i].version == 4 ? 0x45 : 0x60;
        if (packets[i].version == 4) {
            inner_put16(packet + 6, packets[i].fragment);
            packet[9] = packets[i].protocol;
            packet[12] = packets[i].from[0];
            packet[16] = packets[i].to[0];
        } else {
            packet[6] = packets[i].protocol;
            packet[8] = packets[i].from[0];
            packet[24] = packets[i].to[0];
        }
        if (len > header)
            packet[header] = packets[i].type;
        n = unreachable_answer(packet, len, answer);
        if (!packets[i].answered || (packets[i].type > 0 && len == header)) {
            g_assert_cmpuint(n, ==, 0);
            continue;
        }
        g_assert_cmpuint(n, <=, packets[i].version == 4 ? 576 : 1280);
        g_assert_cmpuint(n, >=, MIN(header + 8 + len, packets[i].version == 4 ? 576 : 1280));
        g_assert_cmpmem(answer + header + 8, n - header - 8, packet, n - header - 8);
        if (packets[i].version == 4) {
            g_assert_cmpuint(inner_get16(answer + 2), ==, n);
            g_assert_cmphex(fold_over(answer, 20), ==, 0xffff);
            g_assert_cmphex(fold_over(answer + 20, n - 20), ==, 0xffff);
            g_assert_cmpmem(answer + 16, 4, packet + 12, 4);
            g_assert_cmphex(inner_get16(answer + 20), ==, 0x0301);
        } else {
            struct inner inner = {.version = 6, .protocol = IPPROTO_ICMPV6};
            uint64_t sum = inner_pseudo_sum(&inner, answer, n - 40);

            g_assert_cmpuint(inner_get16(answer + 4), ==, n - 40);
            g_assert_cmphex(checksum_fold(checksum_add(sum, answer + 40, n - 40)), ==, 0xffff);
            g_assert_cmpmem(answer + 24, 16, packet + 8, 16);
            g_assert_cmphex(inner_get16(answer + 40), ==, 0x0103);
        }
    }
}

static void
udp_payload_is_found(void)
{
    static const struct {
        uint8_t version, header, protocol, next; /* header: IPv4's first byte, or 0 */
        uint16_t fragment;
        size_t len, payload;
    } cases[] = {
        {4, 0x45, IPPROTO_UDP, 0, 0, 64, 28},
        {4, 0x45, IPPROTO_UDP, 0, 0x2000, 64, 28}, /* a first fragment */
        {4, 0x45, IPPROTO_UDP, 0, 0x2001, 64, 0},
        {4, 0x45, IPPROTO_UDP, 0, 0, 27, 0},
        {4, 0x45, IPPROTO_TCP, 0, 0, 64, 0},
        {4, 0x46, IPPROTO_UDP, 0, 0, 64, 32},
        {4, 0x4f, IPPROTO_UDP, 0, 0, 64, 0},
        {6, 0, IPPROTO_UDP, 0, 0, 64, 48},
        {6, 0, IPPROTO_UDP, 0, 0, 47, 0},
        {6, 0, IPPROTO_FRAGMENT, IPPROTO_UDP, 1, 64, 56},
        {6, 0, IPPROTO_FRAGMENT, IPPROTO_UDP, 8, 64, 0},
        {6, 0, IPPROTO_FRAGMENT, IPPROTO_UDP, 1, 47, 0},
        {6, 0, IPPROTO_FRAGMENT, IPPROTO_TCP, 1, 64, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t packet[64];

        make(packet, cases[i].version, 0);
        if (cases[i].version == 4) {
            packet[0] = cases[i].header;
            packet[9] = cases[i].protocol;
            inner_put16(packet + 6, cases[i].fragment);
        } else {
            packet[6] = cases[i].protocol;
            packet[40] = cases[i].next;
            inner_put16(packet + 42, cases[i].fragment);
        }
        g_assert_cmpuint(inner_udp_payload(packet, cases[i].len), ==, cases[i].payload);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/checksums-are-those-of-rfc-1071", checksums_are_those_of_rfc_1071);
    g_test_add_func("/ecn-is-decapsulated-by-rfc-6040", ecn_is_decapsulated_by_rfc_6040);
    g_test_add_func("/ecn-does-not-repair-a-header", ecn_does_not_repair_a_header);
    g_test_add_func("/udp-payload-is-found", udp_payload_is_found);
    for (unsigned i = 0; i < G_N_ELEMENTS(packets); i++) {
        g_autofree char *name =
            g_strdup_printf("/host-unreachable-is-answered/%s", packets[i].name);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), host_unreachable_is_answered);
    }
    return g_test_run();
}
