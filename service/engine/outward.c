/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/outward.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/param.h>

#include "engine/fair.h"
#include "engine/inner.h"
#include "engine/onion.h"
#include "engine/split.h"
#include "engine/unreachable.h"

/* A batch is what the TUN has right now, up to a limit: packets for one destination after another. Each
 * run of packets to one destination has one reservation. */

enum {
    BATCH_PACKETS = UDP_QUEUE,
    BATCH_BYTES = 2 * UDP_MAX, /* two full UDP_SEGMENT messages; a thing to read may be larger */
    MUCH_PACKETS = 16,         /* one thread has enough to do with so many */
    MUCH_BYTES = 32 * 1024,    /* and with so much */
    ALIGNMENT = 64,
    ARENA = BATCH_BYTES + INNER_MAX + BATCH_PACKETS * 2 * ALIGNMENT,
    PAUSE_MS = 1,
};

struct run {
    struct wg_outbound outbound;
    unsigned first, count; /* of packets */
    int result;            /* of the reservation */
    size_t sent;           /* bytes */
};

/* What a lone packet needs lies together: after a pause each page costs some 0.3 us. */
struct outward {
    struct engine *engine;
    struct wg_aead *aead;
    unsigned mtu;       /* while this batch lasts */
    struct wg_time now; /* when it began */
    uint64_t last;      /* mono: when the one before ended */

    struct fair *fair;
    struct fair_packet *splitting; /* or NULL */
    struct split split;

    unsigned count;
    size_t used; /* of the arena */
    unsigned run_count;
    uint8_t tos[BATCH_PACKETS];
    struct wg_packet packets[BATCH_PACKETS];
    struct run runs[BATCH_PACKETS];

    struct udp_queue queue;
    struct unreachable unreachable;
    struct onion onion;

    alignas(ALIGNMENT) uint8_t arena[ARENA];
};

/* ---- From the TUN ---- */

/* Is packet b for the same destination as a? */
static bool
is_same_destination(const uint8_t *a, const uint8_t *b)
{
    if (a[0] >> 4 != b[0] >> 4)
        return false;
    return a[0] >> 4 == 4 ? memcmp(a + 16, b + 16, 4) == 0 : memcmp(a + 24, b + 24, 16) == 0;
}

static uint8_t *
inner_of(const struct wg_packet *packet)
{
    return packet->data + WG_TRANSPORT_HEADER;
}

/* Packets out of the one whose turn it is, as long as there is room. */
static void
take_packets(struct outward *out)
{
    for (;;) {
        size_t room = WG_TRANSPORT_OVERHEAD + split_longest(&out->split) + WG_PADDING_MULTIPLE;
        struct wg_packet *packet = &out->packets[out->count];
        size_t len;

        if (out->count == BATCH_PACKETS || out->used + room > ARENA)
            return;
        packet->data = out->arena + out->used;
        len = split_next(&out->split, inner_of(packet));
        if (len == 0) {
            fair_release(out->fair, out->splitting);
            out->splitting = NULL;
            return;
        }
        packet->len = len;
        out->used = roundup(out->used + room, ALIGNMENT);
        out->tos[out->count] = inner_tos(inner_of(packet)) & 3;
        if (out->run_count > 0 &&
            is_same_destination(inner_of(&out->packets[out->count - 1]), inner_of(packet)))
            out->runs[out->run_count - 1].count++;
        else
            out->runs[out->run_count++] = (struct run){.first = out->count, .count = 1};
        out->count++;
    }
}

/* After a pause a packet most likely comes alone, and to ask for more would keep it waiting. */
static bool
is_after_pause(const struct outward *out)
{
    return out->now.mono - out->last > PAUSE_MS * WG_SECOND / 1000;
}

/* All that the TUN has, or there is room for. -EAGAIN: it has no more, or is not asked now. */
static int
read_all(struct outward *out)
{
    struct fair_packet *packet;

    while ((packet = fair_get_room(out->fair))) {
        ssize_t n = tun_read(&out->engine->tun, &packet->tun);

        if (n < 0) {
            fair_release(out->fair, packet);
            return (int)n;
        }
        packet->len = n;
        fair_add(out->fair, packet);
        if (is_after_pause(out))
            return -EAGAIN;
    }
    return 0;
}

/* Fill the batch: with what is left of the last packet, and what more there is. -EAGAIN: there is nothing.
 * Other errors are the TUN's end. */
static int
fill(struct outward *out)
{
    int r = 0;

    out->count = out->run_count = 0;
    out->used = 0;
    while (out->count < BATCH_PACKETS && out->used < BATCH_BYTES) {
        if (out->splitting) {
            take_packets(out);
            if (out->splitting)
                return 0;
        }
        if (r == 0)
            r = read_all(out);
        if (r < 0 && r != -EAGAIN)
            return r;
        out->splitting = fair_next(out->fair);
        if (!out->splitting)
            return out->count > 0 ? 0 : -EAGAIN;
        if (split_begin(&out->split, &out->splitting->tun.header, out->splitting->tun.data,
                        out->splitting->len) < 0) {
            fair_release(out->fair, out->splitting);
            out->splitting = NULL;
        }
    }
    return 0;
}

/* ---- Under the lock ---- */

/* The last batch is sent. */
static void
settle(struct outward *out, struct wg_time now)
{
    for (unsigned i = 0; i < out->run_count; i++)
        if (out->runs[i].result == 0)
            wg_device_sent(out->engine->device, now, &out->runs[i].outbound, out->runs[i].sent);
    out->run_count = 0;
}

static void
reserve(struct outward *out)
{
    struct wg_device *device = out->engine->device;

    for (unsigned i = 0; i < out->run_count; i++) {
        struct run *run = &out->runs[i];
        const struct wg_packet *packet = &out->packets[run->first];

        run->result = wg_device_reserve(device, out->now, inner_of(packet), packet->len, run->count,
                                        &run->outbound);
        if (run->result != -EAGAIN)
            continue;
        for (unsigned k = 0; k < run->count; k++, packet++)
            wg_device_stage(device, out->now, inner_of(packet), packet->len, out->mtu);
    }
}

/* ---- To the sockets ---- */

static void
send_batch(struct outward *out)
{
    for (unsigned i = 0; i < out->run_count; i++) {
        struct run *run = &out->runs[i];
        struct wg_packet *packets = &out->packets[run->first];

        if (run->result == -ENOKEY || run->result == -EDESTADDRREQ) {
            if (out->engine->is_told)
                unreachable_tell(&out->unreachable, &out->engine->tun, out->now, inner_of(packets),
                                 packets->len);
            continue;
        }
        if (run->result < 0 ||
            onion_goes_round(&out->onion, out->now, run->outbound.receiver, inner_of(packets),
                             packets->len) ||
            wg_seal(out->aead, &run->outbound, 0, out->mtu, packets, run->count) < 0)
            continue;
        for (unsigned k = 0; k < run->count; k++)
            udp_queue_add(&out->queue, &run->outbound.endpoint, out->tos[run->first + k],
                          packets[k].data, packets[k].len, &run->sent);
    }
    engine_flush(out->engine, &out->queue);
    if (out->count >= ENGINE_FLOOD)
        sched_yield();
}

int
outward_carry(struct outward *out)
{
    struct engine *engine = out->engine;
    struct wg_time now;
    int r;

    out->now = engine_now();
    r = fill(out);
    if (r < 0)
        return r;
    out->mtu = engine->mtu;
    engine_lock(engine);
    reserve(out);
    engine_unlock(engine, &out->queue);
    send_batch(out);
    now = engine_now();
    engine_lock(engine);
    settle(out, now);
    engine_unlock(engine, &out->queue);
    out->last = now.mono;
    return out->count >= MUCH_PACKETS || out->used >= MUCH_BYTES ? OUTWARD_MUCH : OUTWARD_LITTLE;
}

struct outward *
outward_new(struct engine *engine)
{
    struct outward *out = calloc(1, sizeof *out);

    if (!out)
        return NULL;
    out->fair = fair_new();
    if (!out->fair || wg_aead_new(&out->aead) < 0) {
        fair_free(out->fair);
        free(out);
        return NULL;
    }
    out->engine = engine;
    out->queue.udp4 = &engine->udp4;
    out->queue.udp6 = &engine->udp6;
    return out;
}

void
outward_free(struct outward *out)
{
    if (!out)
        return;
    wg_aead_free(out->aead);
    fair_free(out->fair);
    free(out);
}
