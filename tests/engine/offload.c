/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>

#include "engine/checksum.h"
#include "engine/coalesce.h"
#include "engine/inner.h"
#include "engine/split.h"

/* Streams of packets, most of which can be joined and some of which must not be, go through the
 * coalescer; what comes out, as it would be written to the TUN, goes through the splitter, as if the
 * kernel had handed it back. What comes out there has to be the stream. */

enum { LONGEST = 2000 };

struct packet {
    size_t len;
    int flow; /* -1: none, it must stay where it is */
    gboolean has_free_id;
    uint8_t data[LONGEST];
};

/* ---- The naive counterparts ---- */

static uint16_t
naive_checksum(uint32_t sum, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

static uint16_t
naive_transport_checksum(const uint8_t *packet, size_t transport, uint8_t protocol, size_t len)
{
    uint32_t sum = protocol + (uint32_t)(len - transport);
    size_t from = packet[0] >> 4 == 4 ? 12 : 8, to = packet[0] >> 4 == 4 ? 20 : 40;

    for (size_t i = from; i < to; i += 2)
        sum += inner_get16(packet + i);
    return naive_checksum(sum, packet + transport, len - transport);
}

static void
put_checksums(uint8_t *packet, size_t transport, uint8_t protocol, size_t len)
{
    size_t field = transport + (protocol == IPPROTO_TCP ? 16 : 6);
    uint16_t sum;

    if (packet[0] >> 4 == 4) {
        inner_put16(packet + 10, 0);
        inner_put16(packet + 10, naive_checksum(0, packet, transport));
    }
    inner_put16(packet + field, 0);
    sum = naive_transport_checksum(packet, transport, protocol, len);
    inner_put16(packet + field, sum == 0 && protocol == IPPROTO_UDP ? 0xffff : sum);
}

/* ---- Flows ---- */

struct flow {
    int number;
    uint8_t version, protocol, tos, flags;
    size_t options, mss; /* of TCP */
    uint32_t sequence;
    uint16_t id;
    enum { ID_COUNTS, ID_STAYS, ID_JUMPS } id_kind;
};

static uint32_t
pick(GRand *rand, uint32_t end)
{
    return (uint32_t)g_rand_int_range(rand, 0, (gint32)end);
}

static void
fill(GRand *rand, uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)g_rand_int(rand);
}

static void
flow_init(struct flow *flow, GRand *rand, int number)
{
    *flow = (struct flow){
        .number = number,
        .version = pick(rand, 2) ? 4 : 6,
        .protocol = pick(rand, 2) ? IPPROTO_TCP : IPPROTO_UDP,
        .tos = (uint8_t)g_rand_int(rand),
        .flags = pick(rand, 4) ? 0 : INNER_TCP_ECE,
        .options = pick(rand, 3) * 12u,
        .mss = 1 + pick(rand, pick(rand, 2) ? 40 : 1400),
        .sequence = g_rand_int(rand),
        .id = (uint16_t)g_rand_int(rand),
        .id_kind = pick(rand, 3),
    };
}

/* The next packet of a flow; one of `oddness` differs in something. */
static void
flow_next(struct flow *flow, GRand *rand, uint32_t oddness, struct packet *packet)
{
    uint32_t odd = pick(rand, oddness);
    size_t payload = odd == 1 ? pick(rand, (guint32)flow->mss + 1)
                              : flow->mss + (odd == 2 ? pick(rand, 100) : 0);
    size_t transport = flow->version == 4 ? 20 : 40;
    size_t header = flow->protocol == IPPROTO_TCP ? 20 + flow->options : 8;
    uint8_t *ip = packet->data, *at = ip + transport;

    packet->len = transport + header + payload;
    packet->flow = flow->number;
    packet->has_free_id = FALSE;
    memset(ip, 0, transport + header);
    fill(rand, at + header, payload);
    if (flow->id_kind == ID_JUMPS)
        flow->id = (uint16_t)g_rand_int(rand);
    if (flow->version == 4) {
        ip[0] = 0x45;
        ip[1] = flow->tos ^ (odd == 3 ? 3 : 0);
        inner_put16(ip + 2, (uint16_t)packet->len);
        inner_put16(ip + 4, flow->id);
        /* Where it stays, it is either free (RFC 6864), or these are not to be joined. */
        packet->has_free_id = flow->id_kind == ID_STAYS && flow->number % 2 == 0;
        inner_put16(ip + 6, packet->has_free_id || flow->number % 3 == 0 ? 0x4000 : 0);
        packet->has_free_id = inner_get16(ip + 6) & 0x4000;
        ip[8] = odd == 4 ? 63 : 64;
        ip[9] = flow->protocol;
        inner_put32(ip + 12, 0x0a000001);
        inner_put32(ip + 16, 0x0a000002);
    } else {
        inner_put32(ip, 0x60000000 | (uint32_t)flow->tos << 20 | (odd == 3 ? 7 : 0));
        inner_put16(ip + 4, (uint16_t)(packet->len - transport));
        ip[6] = flow->protocol;
        ip[7] = odd == 4 ? 63 : 64;
        ip[8 + 15] = 1;
        ip[24 + 15] = 2;
    }
    inner_put16(at, 1000);
    inner_put16(at + 2, (uint16_t)(2000 + flow->number));
    if (flow->protocol == IPPROTO_TCP) {
        if (odd == 5)
            flow->sequence += 1;
        inner_put32(at + 4, flow->sequence);
        inner_put32(at + 8, odd == 6 ? 77 : 78);
        at[12] = (uint8_t)(header / 4 << 4) | (odd == 7 ? pick(rand, 16) : 0);
        at[13] = INNER_TCP_ACK | flow->flags;
        if (odd == 8)
            at[13] = (uint8_t)g_rand_int(rand);
        if (odd == 9)
            at[13] |= INNER_TCP_PSH;
        inner_put16(at + 14, odd == 10 ? 501 : 502);
        memset(at + 20, odd == 11 ? 2 : 1, flow->options);
        flow->sequence += (uint32_t)payload;
    } else {
        inner_put16(at + 4, (uint16_t)(packet->len - transport));
    }
    if (flow->id_kind == ID_COUNTS)
        flow->id++;
    put_checksums(ip, transport, flow->protocol, packet->len);
    if (odd == 12)
        at[header > 8 ? 16 : 6] ^= (uint8_t)(1 + pick(rand, 255));
    else if (odd == 13 && flow->version == 4)
        ip[10] ^= (uint8_t)(1 + pick(rand, 255));
    else if (odd == 14 && payload > 0)
        at[header + pick(rand, (guint32)payload)] ^= (uint8_t)(1 + pick(rand, 255));
    else if (odd == 15 && flow->protocol == IPPROTO_UDP)
        inner_put16(at + 6, 0);
    else if (odd == 16)
        packet->data[packet->len++] = 0; /* behind what the packet says that it is */
    else if (odd == 17 && flow->version == 4)
        inner_put16(ip + 6, pick(rand, 2) ? 0x2000 : 1); /* a fragment */
    if (odd == 16 || (odd == 17 && flow->version == 4))
        packet->flow = -1;
}

/* ---- Through both ---- */

struct passage {
    GPtrArray *out; /* of struct packet */
    unsigned written;
};

/* As the kernel hands out what was written to it: it never looks at the header's other fields. */
static void
split_again(struct passage *passage, const struct coalesced *coalesced)
{
    static uint8_t whole[INNER_MAX];
    struct split split;
    size_t len = 0, longest;

    passage->written++;
    for (unsigned i = 1; i < coalesced->count; i++) {
        g_assert_cmpuint(len + coalesced->parts[i].iov_len, <=, sizeof whole);
        memcpy(whole + len, coalesced->parts[i].iov_base, coalesced->parts[i].iov_len);
        len += coalesced->parts[i].iov_len;
    }
    g_assert_cmpuint(len, ==, coalesced->len);
    g_assert_cmpint(split_begin(&split, &coalesced->header, whole, len), ==, 0);
    longest = split_longest(&split);
    for (;;) {
        struct packet *packet = g_new0(struct packet, 1);

        packet->len = split_next(&split, packet->data);
        if (packet->len == 0) {
            g_free(packet);
            return;
        }
        g_assert_cmpuint(packet->len, <=, longest);
        g_ptr_array_add(passage->out, packet);
    }
}

static void
write_all(struct passage *passage, struct coalescer *coalescer)
{
    coalesce_finish(coalescer);
    for (unsigned i = 0; i < coalescer->count; i++)
        split_again(passage, &coalescer->coalesced[i]);
    coalesce_clear(coalescer);
}

static struct passage
pass(const struct packet *packets, unsigned count, gboolean does_udp)
{
    static struct coalescer coalescer;
    struct passage passage = {.out = g_ptr_array_new_with_free_func(g_free)};
    g_autofree struct packet *copies = g_memdup2(packets, count * sizeof *packets);

    coalesce_init(&coalescer, does_udp);
    for (unsigned i = 0; i < count; i++)
        while (!coalesce_add(&coalescer, copies[i].data, copies[i].len)) {
            g_assert_cmpuint(coalescer.count, >, 0);
            write_all(&passage, &coalescer);
        }
    write_all(&passage, &coalescer);
    return passage;
}

/* The liberty that RFC 6864 gives. */
static void
erase_free_id(struct packet *packet)
{
    if (packet->len >= 20 && packet->data[0] == 0x45 && inner_get16(packet->data + 6) == 0x4000) {
        uint32_t sum = inner_get16(packet->data + 10) + inner_get16(packet->data + 4);

        /* A checksum without the identification, right or wrong as it was. */
        sum = (sum & 0xffff) + (sum >> 16);
        inner_put16(packet->data + 10, (uint16_t)(sum % 0xffff));
        inner_put16(packet->data + 4, 0);
    }
}

static int
find_flow(const struct packet *packets, unsigned count, const struct packet *packet)
{
    for (unsigned i = 0; i < count; i++)
        if (packets[i].len == packet->len &&
            memcmp(packets[i].data, packet->data, packet->len) == 0)
            return packets[i].flow;
    return -2;
}

/* Every flow's packets are the same in the same order, and so is all around one of no flow. */
static void
assert_same_stream(const struct packet *in, unsigned count, GPtrArray *out)
{
    g_autofree struct packet *before = g_memdup2(in, count * sizeof *in);
    g_autofree struct packet *after = g_new0(struct packet, count);
    unsigned begin = 0;

    g_assert_cmpuint(out->len, ==, count);
    for (unsigned i = 0; i < count; i++) {
        after[i] = *(struct packet *)g_ptr_array_index(out, i);
        erase_free_id(&before[i]);
        erase_free_id(&after[i]);
    }
    for (unsigned i = 0; i < count; i++)
        after[i].flow = find_flow(before, count, &after[i]);
    for (unsigned i = 0; i <= count; i++) {
        if (i < count && before[i].flow >= 0)
            continue;
        /* What is between two of no flow. */
        for (unsigned a = begin, b = begin, flow = 0; flow < COALESCE_FLOWS + 8; flow++) {
            for (a = b = begin; a < i || b < i; a++, b++) {
                while (a < i && before[a].flow != (int)flow)
                    a++;
                while (b < i && after[b].flow != (int)flow)
                    b++;
                g_assert_cmpint(a < i, ==, b < i);
                if (a < i)
                    g_assert_cmpmem(before[a].data, before[a].len, after[b].data, after[b].len);
            }
        }
        if (i < count)
            g_assert_cmpmem(before[i].data, before[i].len, after[i].data, after[i].len);
        begin = i + 1;
    }
}

/* ---- Promises ---- */

static void
any_stream_comes_back_as_it_was(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned joined = 0, total = 0;

    for (unsigned round = 0; round < 3000; round++) {
        struct flow flows[COALESCE_FLOWS + 8];
        struct packet packets[96];
        unsigned count = 1 + pick(rand, G_N_ELEMENTS(packets));
        unsigned flow_count = 1 + pick(rand, pick(rand, 2) ? 3 : G_N_ELEMENTS(flows));
        uint32_t oddness = pick(rand, 2) ? 1000 : 30;
        struct passage passage;
        struct flow *flow = flows;

        for (unsigned i = 0; i < flow_count; i++)
            flow_init(&flows[i], rand, (int)i);
        for (unsigned i = 0; i < count; i++) {
            if (pick(rand, 4) == 0)
                flow = &flows[pick(rand, flow_count)];
            flow_next(flow, rand, oddness, &packets[i]);
            if (pick(rand, 100) == 0) {
                packets[i].flow = -1;
                packets[i].len = 1 + pick(rand, LONGEST);
                fill(rand, packets[i].data, packets[i].len);
                packets[i].data[0] = 0x40 | (packets[i].data[0] & 0xf);
                packets[i].data[6] |= 0x20; /* a fragment */
                if (packets[i].len < 20)
                    packets[i].len = 20;
            }
        }
        passage = pass(packets, count, round % 4 != 0);
        assert_same_stream(packets, count, passage.out);
        joined += count - passage.written;
        total += count;
        g_ptr_array_unref(passage.out);
    }
    /* Or it would be a proof of nothing. */
    g_test_message("%u of %u packets were joined to another", joined, total);
    g_assert_cmpuint(joined, >, total / 4);
}

static const struct {
    const char *name;
    uint8_t version, protocol;
    size_t mss;
    unsigned count, written; /* packets in, written packets out */
} ideals[] = {
    {"/bulk-becomes-one-packet/tcp-over-ipv4", 4, IPPROTO_TCP, 1368, 44, 1},
    {"/bulk-becomes-one-packet/tcp-over-ipv6", 6, IPPROTO_TCP, 1348, 44, 1},
    {"/bulk-becomes-one-packet/udp-over-ipv4", 4, IPPROTO_UDP, 1392, 44, 1},
    {"/bulk-becomes-one-packet/udp-over-ipv6", 6, IPPROTO_UDP, 1372, 44, 1},
    {"/bulk-becomes-one-packet/not-longer-than-64-kib", 4, IPPROTO_TCP, 1368, 64, 2},
    {"/bulk-becomes-one-packet/of-64-at-most", 4, IPPROTO_UDP, 64, 96, 2},
};

static void
bulk_becomes_one_packet(gconstpointer data)
{
    const unsigned i = GPOINTER_TO_UINT(data);
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_test_rand_int());
    struct packet packets[96];
    struct flow flow;
    struct passage passage;

    flow_init(&flow, rand, 0);
    flow.version = ideals[i].version;
    flow.protocol = ideals[i].protocol;
    flow.mss = ideals[i].mss;
    flow.options = 12;
    flow.id_kind = ID_COUNTS;
    for (unsigned k = 0; k < ideals[i].count; k++)
        flow_next(&flow, rand, 1, &packets[k]);
    passage = pass(packets, ideals[i].count, TRUE);
    assert_same_stream(packets, ideals[i].count, passage.out);
    g_assert_cmpuint(passage.written, ==, ideals[i].written);
    g_ptr_array_unref(passage.out);
}

static void
a_damaged_packet_is_never_joined(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_test_rand_int());

    for (unsigned round = 0; round < 500; round++) {
        struct packet packets[3];
        struct flow flow;
        struct passage passage;

        flow_init(&flow, rand, 0);
        flow.id_kind = ID_COUNTS;
        for (unsigned k = 0; k < 3; k++)
            flow_next(&flow, rand, 1, &packets[k]);
        /* A bit anywhere behind what makes it a packet of the flow. */
        packets[1].data[packets[1].len - 1 - pick(rand, (guint32)flow.mss)] ^= 1 << pick(rand, 8);
        passage = pass(packets, 3, TRUE);
        g_assert_cmpuint(passage.written, ==, 3);
        assert_same_stream(packets, 3, passage.out);
        g_ptr_array_unref(passage.out);
    }
}

/* The TUN hands out what a program in its namespace wrote to a packet socket, header and all. */
static void
a_hostile_header_does_no_harm(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_test_rand_int());
    unsigned accepted = 0;

    for (unsigned round = 0; round < 200000; round++) {
        size_t len = pick(rand, 3) ? pick(rand, 200) : pick(rand, INNER_MAX + 1);
        g_autofree uint8_t *packet = g_malloc0(MAX(len, 1)); /* as long as it is, for sanitizers */
        struct virtio_net_hdr header = {
            .flags = (uint8_t)pick(rand, 4),
            .gso_type = (uint8_t)(pick(rand, 6) | (pick(rand, 8) ? 0 : 0x80)),
            .hdr_len = (uint16_t)g_rand_int(rand),
            .gso_size = (uint16_t)(pick(rand, 2) ? pick(rand, 100) : g_rand_int(rand)),
            .csum_start = (uint16_t)(pick(rand, 4) ? 20 + 20 * pick(rand, 2) : g_rand_int(rand)),
            .csum_offset = (uint16_t)(pick(rand, 4) ? 6 + 10 * pick(rand, 2) : g_rand_int(rand)),
        };
        struct split split;
        size_t total = 0;

        for (size_t i = 0; i < MIN(len, 100); i++)
            packet[i] = (uint8_t)g_rand_int(rand);
        if (len > 0 && pick(rand, 4))
            packet[0] = pick(rand, 2) ? 0x45 : 0x60;
        if (split_begin(&split, &header, packet, len) < 0)
            continue;
        accepted++;
        for (;;) {
            g_autofree uint8_t *out = g_malloc(split_longest(&split));
            size_t n = split_next(&split, out);

            if (n == 0)
                break;
            g_assert_cmpuint(n, <=, split_longest(&split));
            total += n;
        }
        g_assert_cmpuint(total, >=, len);
    }
    g_assert_cmpuint(accepted, >, 1000);
}

static void
congestion_window_reduced_is_told_once(void)
{
    /* IPv4, TCP with ACK, CWR, PSH and FIN, 25 bytes in segments of 10. */
    uint8_t packet[40 + 25] = {0x45, 0, 0,  sizeof packet, 0,           9,
                               0x40, 0, 64, IPPROTO_TCP,   [32] = 0x50, [33] = 0x99};
    const uint8_t flags[] = {0x90, 0x10, 0x19};
    struct virtio_net_hdr header = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN,
        .gso_size = 10,
        .csum_start = 20,
        .csum_offset = 16,
    };
    struct split split;
    uint8_t out[64];

    g_assert_cmpint(split_begin(&split, &header, packet, sizeof packet), ==, 0);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmpuint(split_next(&split, out), ==, i < 2 ? 50 : 45);
        g_assert_cmphex(out[33], ==, flags[i]);
        g_assert_cmpuint(inner_get16(out + 4), ==, 9 + i);
        g_assert_cmpuint(inner_get32(out + 24), ==, 10 * i);
    }
    g_assert_cmpuint(split_next(&split, out), ==, 0);
}

static void
checksum_is_that_of_rfc_1071(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(g_test_rand_int());
    uint8_t data[3000];

    for (unsigned round = 0; round < 2000; round++) {
        size_t len = pick(rand, sizeof data + 1);
        uint16_t sum;

        if (pick(rand, 8) == 0)
            memset(data, 0xff, len); /* all the carries there can be */
        else
            fill(rand, data, len);
        sum = ~checksum_fold(checksum_add(0, data, len));
        g_assert_cmphex(ntohs(sum), ==, naive_checksum(0, data, len));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/any-stream-comes-back-as-it-was", any_stream_comes_back_as_it_was);
    for (unsigned i = 0; i < G_N_ELEMENTS(ideals); i++)
        g_test_add_data_func(ideals[i].name, GUINT_TO_POINTER(i), bulk_becomes_one_packet);
    g_test_add_func("/a-damaged-packet-is-never-joined", a_damaged_packet_is_never_joined);
    g_test_add_func("/a-hostile-header-does-no-harm", a_hostile_header_does_no_harm);
    g_test_add_func("/congestion-window-reduced-is-told-once",
                    congestion_window_reduced_is_told_once);
    g_test_add_func("/checksum-is-that-of-rfc-1071", checksum_is_that_of_rfc_1071);
    return g_test_run();
}
