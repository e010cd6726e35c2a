/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "wireguard/peer.h"
#include "world.h"

/* Bytes become what may happen to two devices: time passes, packets are sent, datagrams are damaged (with
 * their mac1 put right again, or nothing would get past it), doubled and invented, and the configuration
 * changes in the midst of it all. libFuzzer's entry; fuzz-corpus.c runs it as an ordinary test.
 *
 *      clang -fsanitize=fuzzer,address,undefined … tests/wireguard/fuzz.c tests/wireguard/world.c
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum operation {
    PASS_TIME,
    SEND,
    INVENT,
    DAMAGE,
    DAMAGE_AND_FIX,
    REPEAT,
    CONFIGURE,
    LOAD,
    OPERATIONS,
};

struct input {
    const uint8_t *data;
    size_t left;
};

/* Zeros, when there is nothing left. */
static uint8_t
take(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->data++;
}

/* What the wire does to the next message: there is one world at a time. */
static struct {
    bool armed, fix;
    unsigned at, flip;
    uint8_t last[2048];
    size_t last_len;
} wire;

static void
fix_mac1(const struct wg_device *receiver, uint8_t *data, size_t len)
{
    enum wg_message_type type = wg_message_type(data, len);

    if (type == WG_MESSAGE_INITIATION || type == WG_MESSAGE_RESPONSE)
        wg_mac(data + len - 2 * WG_COOKIE_LEN, receiver->checker.mac1_key, WG_KEY_LEN, data,
               len - 2 * WG_COOKIE_LEN, NULL, 0);
}

static void
on_wire(struct world *world, struct node *from, uint8_t *data, size_t len)
{
    if (wire.armed) {
        data[wire.at % len] ^= wire.flip;
        if (wire.fix)
            fix_mac1(world->nodes[!from->number].device, data, len);
        wire.armed = false;
    }
    wire.last_len = MIN(len, sizeof wire.last);
    memcpy(wire.last, data, wire.last_len);
}

static void
invent(struct world *world, struct input *input)
{
    static const size_t lengths[] = {sizeof(struct wg_initiation), sizeof(struct wg_response),
                                     sizeof(struct wg_cookie_reply), WG_TRANSPORT_OVERHEAD};
    unsigned kind = take(input), to = kind >> 7;
    uint8_t data[256] = {0};
    size_t len = kind & 64 ? take(input) : lengths[kind & 3];

    for (size_t i = 0; i < len; i++)
        data[i] = take(input);
    data[0] = (kind & 3) + 1;
    if (kind & 32)
        fix_mac1(world->nodes[to].device, data, len);
    /* An index that exists leads further. */
    if (kind & 16 && len >= 12) {
        const struct wg_table *indices = &world->nodes[to].device->indices;

        for (size_t i = 0; i < indices->size; i++) {
            if (indices->buckets[i]) {
                uint32_t index = htole32((uint32_t)indices->buckets[i]->hash);

                memcpy(data + ((kind & 3) == 1 ? 8 : 4), &index, sizeof index);
            }
        }
    }
    world_inject(world, to, &world->nodes[!to].endpoint, data, len);
}

static void
configure(struct world *world, struct input *input)
{
    unsigned what = take(input);
    struct node *node = &world->nodes[what >> 7];
    const struct node *other = &world->nodes[!(what >> 7)];
    struct wg_peer *peer = wg_device_find_peer(node->device, other->public_key);
    struct wg_endpoint endpoint = {0};
    uint8_t bytes[WG_KEY_LEN];

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = i < 3 ? take(input) : 0;
    if (!peer) {
        if (wg_device_add_peer(node->device, other->public_key, &peer) < 0)
            return;
        wg_peer_set_endpoint(peer, &other->endpoint);
    }
    switch (what % 10) {
    case 0:
        wg_device_remove_peer(node->device, peer);
        return;
    case 1:
        wg_device_set_private_key(node->device, bytes);
        if (wg_device_get_public_key(node->device))
            memcpy(node->public_key, wg_device_get_public_key(node->device), WG_KEY_LEN);
        return;
    case 2:
        wg_peer_set_preshared_key(peer, bytes);
        return;
    case 3:
        wg_peer_set_endpoint(peer, bytes[0] & 1 ? &endpoint : &other->endpoint);
        break;
    case 4:
        wg_peer_set_persistent_keepalive(peer, bytes[0]);
        break;
    case 5:
        wg_peer_add_allowed_ip(peer, AF_INET, (uint8_t[]){10, 0, bytes[0], 0}, bytes[1] % 40);
        return;
    case 6:
        wg_peer_remove_allowed_ip(peer, AF_INET, (uint8_t[]){10, 0, bytes[0], 0}, bytes[1] % 40);
        return;
    case 7:
        wg_peer_remove_all_allowed_ips(peer);
        return;
    case 8:
        wg_device_forget_sources(node->device);
        return;
    case 9:
        wg_device_add_peer(node->device, bytes, &peer);
        return;
    }
    wg_peer_apply(peer, world_time(world));
    world_flush(node);
}

static void
step(struct world *world, struct input *input)
{
    unsigned operation = take(input), argument = take(input);

    switch ((enum operation)(operation % OPERATIONS)) {
    case PASS_TIME:
        world_run(world, (uint64_t)argument * argument * (WG_SECOND / 100));
        break;
    case SEND:
        world_send(world, argument >> 7, !(argument >> 7), argument & 64 ? AF_INET6 : AF_INET,
                   60 + argument % 16 * 80, 1 + argument % 3);
        break;
    case INVENT:
        invent(world, input);
        break;
    case DAMAGE:
    case DAMAGE_AND_FIX:
        wire.armed = true;
        wire.fix = operation % OPERATIONS == DAMAGE_AND_FIX;
        wire.at = argument;
        wire.flip = take(input);
        break;
    case REPEAT:
        world_inject(world, argument & 1, &world->nodes[!(argument & 1)].endpoint, wire.last,
                     wire.last_len);
        break;
    case CONFIGURE:
        configure(world, input);
        break;
    case LOAD:
        world->nodes[argument & 1].device->under_load_until =
            argument & 2 ? world->now + WG_SECOND * argument : 0;
        break;
    case OPERATIONS:
        g_assert_not_reached();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .left = MIN(size, 512)};
    G_WORLD_AUTO world = world_new(1, 2);

    memset(&wire, 0, sizeof wire);
    world->on_wire = on_wire;
    world_connect(world, 0, 1, NULL);
    while (input.left > 0)
        step(world, &input);
    world_run(world, WG_SECOND);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpuint(world->nodes[i].delivered_twice, ==, 0);
        g_assert_cmpuint(world->nodes[i].device->indices.count, <=,
                         4 * world->nodes[i].device->peer_count);
    }
    return 0;
}
