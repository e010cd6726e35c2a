/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include "engine/engine.h"
#include "engine/inward.h"
#include "engine/outward.h"

/* The two threads that carry packets.
 *
 * While there is little, the first carries both directions and the second sleeps: who has just delivered a
 * question sends the answer, and nobody need be woken for it. When much goes out, the second has the TUN,
 * until there is little again. */
struct carriers {
    struct engine *engine;
    struct outward *outward; /* of who has the TUN */
    struct inward *inward;   /* the first's */
    sem_t much;              /* the TUN is the second's */
    pthread_t threads[2];
    unsigned thread_count;
};

/* carry_start - of an engine with its TUN and sockets. The threads begin with engine_thread_began. */
int carry_start(struct carriers *carriers, struct engine *engine);

/* carry_stop - the engine is_stopping; returns when both threads have ended. */
void carry_stop(struct carriers *carriers);

/* carry_watch - there is another socket under the descriptor of udp. */
int carry_watch(struct engine *engine, struct udp *udp);
