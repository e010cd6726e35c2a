/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/inward.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/param.h>

#include "engine/coalesce.h"
#include "engine/inner.h"

/* What arrived is taken apart into runs: packets for one key from one source. All of them are claimed
 * under the lock, opened without it, judged under it, and written without it. */

enum {
    BATCH_PACKETS = 128, /* of these, and of the others */
    TURN = 1024 * 1024,  /* bytes: then who waits for this processor has it, be it for a ping */
};

struct run {
    struct wg_inbound inbound;
    const struct udp_arrival *arrival;
    uint32_t receiver;
    unsigned first, count; /* of packets */
    int result;            /* of the claim */
};

/* A handshake, say. */
struct other {
    const struct udp_arrival *arrival;
    uint8_t *data;
    size_t len;
};

struct inward {
    struct engine *engine;
    struct wg_aead *aead;
    size_t carried; /* bytes in this turn */
    unsigned count, run_count, other_count;

    struct udp_receiver receiver;
    struct wg_packet packets[BATCH_PACKETS];
    struct run runs[BATCH_PACKETS];
    struct other others[BATCH_PACKETS];
    struct coalescer coalescer;
    struct udp_queue queue;
};

/* ---- Taking apart ---- */

static void
take_datagram(struct inward *in, const struct udp_arrival *arrival, uint8_t *data, size_t len)
{
    struct run *last = in->run_count > 0 ? &in->runs[in->run_count - 1] : NULL;
    uint32_t receiver;

    switch (wg_message_type(data, len)) {
    case WG_MESSAGE_TRANSPORT:
        receiver = wg_transport_receiver(data);
        if (last && last->receiver == receiver && last->arrival == arrival)
            last->count++;
        else
            in->runs[in->run_count++] = (struct run){
                .arrival = arrival,
                .receiver = receiver,
                .first = in->count,
                .count = 1,
            };
        in->packets[in->count++] = (struct wg_packet){.data = data, .len = len};
        return;
    case WG_MESSAGE_INITIATION:
    case WG_MESSAGE_RESPONSE:
    case WG_MESSAGE_COOKIE_REPLY:
        in->others[in->other_count++] = (struct other){arrival, data, len};
        return;
    case WG_MESSAGE_INVALID:
        return;
    }
}

/* ---- Writing ---- */

static void
write_coalesced(struct inward *in)
{
    unsigned datagrams = 0;

    coalesce_finish(&in->coalescer);
    for (unsigned i = 0; i < in->coalescer.count; i++) {
        const struct coalesced *coalesced = &in->coalescer.coalesced[i];

        /* -EIO: the interface is down. */
        tun_write(&in->engine->tun, coalesced->parts, coalesced->count);
        if (coalesced->inner.protocol == IPPROTO_UDP)
            datagrams += coalesced->count - 1;
    }
    coalesce_clear(&in->coalescer);
    if (datagrams >= ENGINE_FLOOD)
        sched_yield();
}

static void
write_packet(struct inward *in, uint8_t *packet, size_t len)
{
    struct virtio_net_hdr header = {0};
    struct iovec parts[] = {{&header, sizeof header}, {packet, len}};

    if (!in->engine->tun.has_header) {
        tun_write(&in->engine->tun, parts, 2);
        return;
    }
    while (!coalesce_add(&in->coalescer, packet, len))
        write_coalesced(in);
}

static void
write_run(struct inward *in, const struct run *run)
{
    for (unsigned i = run->first; i < run->first + run->count; i++) {
        struct wg_packet *packet = &in->packets[i];
        uint8_t *inner = packet->data + WG_TRANSPORT_HEADER;

        if (packet->verdict > 0 && inner_decapsulate_ecn(inner, run->arrival->tos))
            write_packet(in, inner, packet->verdict);
    }
}

/* ---- Steps ---- */

static void
claim(struct inward *in, struct wg_time now)
{
    struct wg_device *device = in->engine->device;

    engine_lock(in->engine);
    for (unsigned i = 0; i < in->run_count; i++)
        in->runs[i].result =
            wg_device_claim(device, now, in->runs[i].receiver, &in->runs[i].inbound);
    engine_unlock(in->engine, &in->queue);
}

static void
judge(struct inward *in, struct wg_time now)
{
    struct wg_device *device = in->engine->device;

    engine_lock(in->engine);
    for (unsigned i = 0; i < in->run_count; i++) {
        struct run *run = &in->runs[i];

        if (run->result == 0)
            wg_device_received(device, now, &run->inbound, &run->arrival->from,
                               &in->packets[run->first], run->count);
    }
    engine_unlock(in->engine, &in->queue);
}

/* A handshake takes its time, so each has the lock for itself, and packets come first. */
static void
handle_others(struct inward *in)
{
    for (unsigned i = 0; i < in->other_count; i++) {
        const struct other *other = &in->others[i];

        engine_lock(in->engine);
        wg_device_handle_message(in->engine->device, engine_now(), &other->arrival->from,
                                 other->data, other->len);
        engine_unlock(in->engine, &in->queue);
    }
    in->other_count = 0;
}

static void
deliver(struct inward *in)
{
    if (in->run_count > 0) {
        claim(in, engine_now());
        for (unsigned i = 0; i < in->run_count; i++)
            if (in->runs[i].result == 0)
                wg_open(in->aead, &in->runs[i].inbound, &in->packets[in->runs[i].first],
                        in->runs[i].count);
        judge(in, engine_now());
        for (unsigned i = 0; i < in->run_count; i++)
            if (in->runs[i].result == 0)
                write_run(in, &in->runs[i]);
        write_coalesced(in);
    }
    in->run_count = in->count = 0;
    handle_others(in);
}

void
inward_carry(struct inward *in, struct udp *udp)
{
    int n = udp_receive(udp, &in->receiver);

    for (int i = 0; i < n; i++) {
        const struct udp_arrival *arrival = &in->receiver.arrivals[i];

        for (size_t at = 0; at < arrival->len; at += arrival->segment) {
            take_datagram(in, arrival, arrival->data + at,
                          MIN(arrival->segment, arrival->len - at));
            if (in->count == BATCH_PACKETS || in->other_count == BATCH_PACKETS)
                deliver(in);
        }
        in->carried += arrival->len;
    }
    deliver(in);
    if (in->carried >= TURN) {
        in->carried = 0;
        sched_yield();
    }
}

struct inward *
inward_new(struct engine *engine)
{
    struct inward *in = calloc(1, sizeof *in);

    if (!in)
        return NULL;
    in->receiver.buffers = malloc((size_t)UDP_RECEIVE_BATCH * UDP_BUFFER);
    if (!in->receiver.buffers || wg_aead_new(&in->aead) < 0) {
        free(in->receiver.buffers);
        free(in);
        return NULL;
    }
    in->receiver.used = UDP_RECEIVE_BATCH;
    in->engine = engine;
    in->queue.udp4 = &engine->udp4;
    in->queue.udp6 = &engine->udp6;
    coalesce_init(&in->coalescer, engine->tun.does_udp);
    return in;
}

void
inward_free(struct inward *in)
{
    if (!in)
        return;
    wg_aead_free(in->aead);
    free(in->receiver.buffers);
    free(in);
}
