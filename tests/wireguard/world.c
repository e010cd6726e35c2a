/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>

struct datagram {
    uint64_t arrives;
    unsigned to;
    struct wg_endpoint source;
    size_t len;
    uint8_t data[];
};

static void
fill(void *context, void *buffer, size_t len)
{
    struct node *node = context;

    randombytes_buf_deterministic(buffer, len, node->seed);
    sodium_increment(node->seed, sizeof node->seed);
}

struct world *
world_new(uint32_t seed, unsigned count)
{
    struct world *world = g_new0(struct world, 1);

    g_assert_cmpint(wg_init(), ==, 0);
    g_assert_cmpuint(count, <=, WORLD_NODES);
    world->now = WORLD_START;
    world->rand = g_rand_new_with_seed(seed);
    world->count = count;
    world->delay = 10 * WG_SECOND / 1000;
    g_queue_init(&world->flying);
    for (unsigned i = 0; i < count; i++) {
        struct node *node = &world->nodes[i];
        uint8_t key[WG_KEY_LEN];

        node->world = world;
        node->number = i;
        memcpy(node->seed, &seed, sizeof seed);
        node->seed[31] = i + 1;
        node->random = (struct wg_random){.fill = fill, .context = node};
        node->sent = g_array_new(FALSE, FALSE, sizeof(struct sent));
        node->seen = g_hash_table_new(NULL, NULL);
        node->endpoint.in4 = (struct sockaddr_in){
            .sin_family = AF_INET,
            .sin_port = htons(51820),
            .sin_addr.s_addr = htonl(0xc0000200 + i),
        };
        g_assert_cmpint(wg_aead_new(&node->aead), ==, 0);
        g_assert_cmpint(wg_device_new(&node->random, &node->device), ==, 0);
        fill(node, key, sizeof key);
        g_assert_cmpint(wg_device_set_private_key(node->device, key), ==, 0);
        memcpy(node->public_key, wg_device_get_public_key(node->device), WG_KEY_LEN);
    }
    return world;
}

void
world_free(struct world *world)
{
    for (unsigned i = 0; i < world->count; i++) {
        struct node *node = &world->nodes[i];

        wg_device_free(node->device);
        wg_aead_free(node->aead);
        g_array_free(node->sent, TRUE);
        g_hash_table_destroy(node->seen);
    }
    g_queue_clear_full(&world->flying, g_free);
    g_rand_free(world->rand);
    g_free(world);
}

void
world_cleanup(struct world **world)
{
    if (*world)
        world_free(*world);
}

struct wg_time
world_time(const struct world *world)
{
    return (struct wg_time){
        .mono = world->now,
        .real = WORLD_START_REAL + world->now - WORLD_START,
    };
}

static void
inner_address(uint8_t ret[16], int family, unsigned number)
{
    const uint8_t v4[4] = {10, 0, number, 1};
    const uint8_t v6[16] = {0xfd, 0, 0, number, [15] = 1};

    memcpy(ret, family == AF_INET ? v4 : v6, family == AF_INET ? 4 : 16);
}

static void
add_peer(struct node *node, const struct node *other, const uint8_t *psk)
{
    uint8_t address[16];
    struct wg_peer *peer;

    g_assert_cmpint(wg_device_add_peer(node->device, other->public_key, &peer), ==, 0);
    if (psk)
        wg_peer_set_preshared_key(peer, psk);
    wg_peer_set_endpoint(peer, &other->endpoint);
    inner_address(address, AF_INET, other->number);
    g_assert_cmpint(wg_peer_add_allowed_ip(peer, AF_INET, address, 24), ==, 0);
    inner_address(address, AF_INET6, other->number);
    g_assert_cmpint(wg_peer_add_allowed_ip(peer, AF_INET6, address, 32), ==, 0);
}

void
world_connect(struct world *world, unsigned a, unsigned b, const uint8_t *psk)
{
    add_peer(&world->nodes[a], &world->nodes[b], psk);
    add_peer(&world->nodes[b], &world->nodes[a], psk);
}

struct wg_peer *
world_peer(struct world *world, unsigned of, unsigned who)
{
    struct wg_peer *peer =
        wg_device_find_peer(world->nodes[of].device, world->nodes[who].public_key);

    g_assert_nonnull(peer);
    return peer;
}

void
world_packet(uint8_t *ret, int family, unsigned from, unsigned to, size_t len, uint32_t serial)
{
    uint16_t length;

    memset(ret, 0, len);
    if (family == AF_INET) {
        ret[0] = 0x45;
        length = htons(len);
        memcpy(ret + 2, &length, 2);
        inner_address(ret + 12, family, from);
        inner_address(ret + 16, family, to);
        memcpy(ret + 4, &serial, 2); /* id, and the rest where there is space */
        if (len >= 24)
            memcpy(ret + 20, &serial, 4);
    } else {
        ret[0] = 0x60;
        length = htons(len - 40);
        memcpy(ret + 4, &length, 2);
        inner_address(ret + 8, family, from);
        inner_address(ret + 24, family, to);
        if (len >= 44)
            memcpy(ret + 40, &serial, 4);
    }
}

static void
fly(struct world *world,
    const struct node *from,
    const struct wg_endpoint *to,
    const void *data,
    size_t len)
{
    unsigned number = ntohl(to->in4.sin_addr.s_addr) - 0xc0000200;
    struct datagram *datagram;

    if (number >= world->count || g_rand_double(world->rand) < world->loss)
        return;
    datagram = g_malloc0(sizeof *datagram + len);
    datagram->to = number;
    datagram->source = from->endpoint;
    datagram->len = len;
    memcpy(datagram->data, data, len);
    datagram->arrives = world->now + world->delay;
    if (world->delay_spread)
        datagram->arrives += g_rand_int(world->rand) % world->delay_spread;
    g_queue_push_tail(&world->flying, datagram);
}

static void
put_on_wire(struct node *node, const struct wg_endpoint *to, uint8_t *data, size_t len)
{
    struct world *world = node->world;
    struct sent sent = {.at = world->now, .type = wg_message_type(data, len), .len = len};

    g_assert_cmpint(sent.type, !=, WG_MESSAGE_INVALID);
    g_array_append_val(node->sent, sent);
    if (world->on_wire)
        world->on_wire(world, node, data, len);
    fly(world, node, to, data, len);
    if (g_rand_double(world->rand) < world->duplication)
        fly(world, node, to, data, len);
}

void
world_flush(struct node *node)
{
    struct wg_message *next;

    for (struct wg_message *m = wg_device_take_messages(node->device); m; m = next) {
        next = m->next;
        put_on_wire(node, &m->endpoint, m->data, m->len);
        wg_message_free(m);
    }
}

int
world_send(struct world *world, unsigned from, unsigned to, int family, size_t len, unsigned count)
{
    struct node *node = &world->nodes[from];
    struct wg_outbound outbound;
    size_t wire = 0;
    uint8_t buffer[65536];
    int r;

    world_packet(buffer, family, from, to, len, 0);
    r = wg_device_reserve(node->device, world_time(world), buffer, len, count, &outbound);
    for (unsigned i = 0; i < count; i++) {
        struct wg_packet packet = {.data = buffer, .len = len};

        if (r == -EAGAIN) {
            world_packet(buffer, family, from, to, len, ++world->next_serial);
            g_assert_cmpint(
                wg_device_stage(node->device, world_time(world), buffer, len, WORLD_MTU), ==, 0);
        } else if (r == 0) {
            world_packet(buffer + WG_TRANSPORT_HEADER, family, from, to, len, ++world->next_serial);
            g_assert_cmpint(wg_seal(node->aead, &outbound, i, WORLD_MTU, &packet, 1), ==, 0);
            put_on_wire(node, &outbound.endpoint, packet.data, packet.len);
            wire += packet.len;
        }
    }
    if (r == 0)
        wg_device_sent(node->device, world_time(world), &outbound, wire);
    world_flush(node);
    return r;
}

static void
note_delivery(struct node *node, const uint8_t *packet, int len)
{
    size_t at = packet[0] >> 4 == 4 ? 20 : 40;
    uint32_t serial;

    node->delivered++;
    if ((size_t)len < at + sizeof serial)
        return;
    memcpy(&serial, packet + at, sizeof serial);
    if (!g_hash_table_add(node->seen, GUINT_TO_POINTER(serial)))
        node->delivered_twice++;
}

void
world_inject(struct world *world,
             unsigned to,
             const struct wg_endpoint *source,
             const void *data,
             size_t len)
{
    struct node *node = &world->nodes[to];
    g_autofree uint8_t *copy = g_memdup2(data, len);
    struct wg_packet packet = {.data = copy, .len = len};
    struct wg_inbound inbound;
    int r;

    if (wg_message_type(data, len) != WG_MESSAGE_TRANSPORT) {
        r = wg_device_handle_message(node->device, world_time(world), source, copy, len);
    } else {
        r = wg_device_claim(node->device, world_time(world), wg_transport_receiver(data), &inbound);
        if (r == 0) {
            wg_open(node->aead, &inbound, &packet, 1);
            wg_device_received(node->device, world_time(world), &inbound, source, &packet, 1);
            r = packet.verdict;
            if (r > 0)
                note_delivery(node, copy + WG_TRANSPORT_HEADER, r);
        }
    }
    if (r < 0)
        node->verdicts[-r]++;
    world_flush(node);
}

void
world_run(struct world *world, uint64_t nanoseconds)
{
    uint64_t end = world->now + nanoseconds;

    for (;;) {
        uint64_t next = UINT64_MAX;
        GList *first = NULL;
        struct node *timer = NULL;

        for (GList *l = world->flying.head; l; l = l->next) {
            struct datagram *datagram = l->data;

            if (datagram->arrives < next) {
                next = datagram->arrives;
                first = l;
            }
        }
        for (unsigned i = 0; i < world->count; i++) {
            uint64_t deadline = wg_device_next_deadline(world->nodes[i].device);

            if (deadline < next) {
                next = deadline;
                timer = &world->nodes[i];
            }
        }
        if (next > end)
            break;
        if (next > world->now)
            world->now = next;
        if (timer) {
            wg_device_run_timers(timer->device, world_time(world));
            g_assert_cmpuint(wg_device_next_deadline(timer->device), >, world->now);
            world_flush(timer);
        } else {
            struct datagram *datagram = first->data;

            g_queue_delete_link(&world->flying, first);
            if (!world->nodes[datagram->to].deaf)
                world_inject(world, datagram->to, &datagram->source, datagram->data, datagram->len);
            g_free(datagram);
        }
    }
    world->now = end;
}

unsigned
world_sent(const struct node *node, enum wg_message_type type, size_t len, uint64_t since)
{
    unsigned n = 0;

    for (unsigned i = 0; i < node->sent->len; i++) {
        const struct sent *sent = &g_array_index(node->sent, struct sent, i);

        n += sent->at >= since && sent->type == type && (len == 0 || sent->len == len);
    }
    return n;
}
