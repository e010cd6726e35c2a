/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/tun.h"
#include "engine/udp.h"
#include "wireguard/device.h"

/* What the threads share.
 *
 *      two carriers    TUN to sockets, outward.c, and sockets to TUN, inward.c; who does which: carry.c
 *      main            everything else: timers, configuration, what changes around us; control.c
 *
 * A direction is never carried by two at once, for it must keep the packets of a peer in order; but one thread
 * can decrypt while the other encrypts. Each direction has its own buffers and its own cipher. What they
 * share is the device, under one lock, which is taken twice for a batch of up to some 64 KiB and never
 * held across a system call. All of the threads sleep in a system call. */
struct engine {
    struct tun tun;
    struct udp udp4, udp6;
    atomic_uint mtu;     /* the TUN's */
    atomic_bool is_told; /* of its peers; before, who is none yet may be one soon */
    int event_fd;        /* -1: nobody wants to know */
    uint32_t fwmark;     /* main's own */
    unsigned udp_refusals;

    pthread_mutex_t lock;
    struct wg_device *device; /* under the lock */

    int timer_fd;
    pthread_mutex_t timer_lock;
    atomic_uint_least64_t armed; /* when timer_fd wakes; changed under timer_lock */

    pthread_barrier_t
        gate; /* main and the threads: first all have begun, then the sandbox is closed */
    atomic_bool is_stopping;
    int stop_fd;  /* an eventfd: a thread ended */
    int carry_fd; /* an epoll: there is something to carry; carry.c */
};

/* engine_init - tun, sockets, mtu and event_fd are set already. */
int engine_init(struct engine *engine);

/* engine_clear - after all threads have ended. Wipes the keys, closes everything. */
void engine_clear(struct engine *engine);

/* engine_now - both clocks. */
struct wg_time engine_now(void);

void engine_lock(struct engine *engine);

/* engine_unlock - and do what the device left to be done: send its messages through queue, which must
 * be empty and the caller's own, arm the timer, tell that something happened. */
void engine_unlock(struct engine *engine, struct udp_queue *queue);

/* engine_run_timers - timer_fd woke. */
void engine_run_timers(struct engine *engine, struct udp_queue *queue);

/* ENGINE_FLOOD - so many datagrams in one batch are a flood. The kernel has no way to hold one back: what who
 * receives does not take in time, it drops, and a socket's buffer has room for some 270 small ones
 * (net.core.rmem_default). So after such a batch who waits for this processor has it first. Nobody waits
 * if there is another one that is free. */
enum { ENGINE_FLOOD = 100 };

/* engine_flush - send what is in queue, and look after what that brings. Not under the lock. */
void engine_flush(struct engine *engine, struct udp_queue *queue);

/* engine_thread_began - a thread has what it needs to begin with: wait for the sandbox. */
void engine_thread_began(struct engine *engine);

/* engine_thread_ended - a thread's last words: so shall everything end. */
void engine_thread_ended(struct engine *engine);

/* engine_network_changed - routes or addresses on the sockets' side are not what they were. */
void engine_network_changed(struct engine *engine, struct udp_queue *queue);
