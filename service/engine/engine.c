/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/engine.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"

static uint64_t
read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * WG_SECOND + (uint64_t)now.tv_nsec;
}

struct wg_time
engine_now(void)
{
    return (struct wg_time){
        .mono = read_clock(CLOCK_BOOTTIME),
        .real = read_clock(CLOCK_REALTIME),
    };
}

int
engine_init(struct engine *engine)
{
    pthread_mutexattr_t attributes;
    int r;

    engine->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    engine->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->carry_fd = epoll_create1(EPOLL_CLOEXEC);
    if (engine->timer_fd < 0 || engine->stop_fd < 0 || engine->carry_fd < 0)
        return -errno;
    engine->armed = UINT64_MAX;
    /* Held for less time than it takes to fall asleep. */
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(&engine->lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_mutex_init(&engine->timer_lock, NULL);
    r = wg_init();
    if (r == 0)
        r = wg_device_new(NULL, &engine->device);
    return r;
}

void
engine_clear(struct engine *engine)
{
    wg_device_free(engine->device);
    wgw_fd_close(&engine->timer_fd);
    wgw_fd_close(&engine->stop_fd);
    wgw_fd_close(&engine->carry_fd);
    wgw_fd_close(&engine->event_fd);
    wgw_fd_close(&engine->udp4.fd);
    wgw_fd_close(&engine->udp6.fd);
    wgw_fd_close(&engine->tun.fd);
}

void
engine_lock(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
}

/* Another thread may have armed it for an earlier time since: then it stays so, for to wake early is
 * harmless. */
static void
arm(struct engine *engine, uint64_t deadline)
{
    if (deadline >= engine->armed)
        return;
    pthread_mutex_lock(&engine->timer_lock);
    if (deadline < engine->armed) {
        /* Zero would disarm it. */
        struct itimerspec at = {.it_value = {.tv_sec = (time_t)(deadline / WG_SECOND),
                                             .tv_nsec = (long)(deadline % WG_SECOND) | 1}};

        engine->armed = deadline;
        timerfd_settime(engine->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
    }
    pthread_mutex_unlock(&engine->timer_lock);
}

void
engine_flush(struct engine *engine, struct udp_queue *queue)
{
    if (queue->count > 0)
        udp_queue_flush(queue);
    if (!queue->lost_source)
        return;
    queue->lost_source = false;
    engine_network_changed(engine, queue);
}

static void
send_messages(struct engine *engine, struct udp_queue *queue, struct wg_message *messages)
{
    while (messages) {
        struct wg_message *message = messages;
        size_t ignored = 0;

        /* The device counts them as sent, and repeats what is not answered. */
        while (messages && queue->part_count < UDP_QUEUE) {
            udp_queue_add(queue, &messages->endpoint, messages->tos, messages->data, messages->len,
                          &ignored);
            messages = messages->next;
        }
        engine_flush(engine, queue);
        while (message != messages) {
            struct wg_message *next = message->next;

            wg_message_free(message);
            message = next;
        }
    }
}

void
engine_unlock(struct engine *engine, struct udp_queue *queue)
{
    struct wg_message *messages = wg_device_take_messages(engine->device);
    uint64_t deadline = wg_device_next_deadline(engine->device);
    bool event = wg_device_take_event(engine->device);

    pthread_mutex_unlock(&engine->lock);
    send_messages(engine, queue, messages);
    arm(engine, deadline);
    if (event && engine->event_fd >= 0)
        eventfd_write(engine->event_fd, 1);
}

void
engine_run_timers(struct engine *engine, struct udp_queue *queue)
{
    uint64_t expirations;

    if (read(engine->timer_fd, &expirations, sizeof expirations) < 0)
        return;
    pthread_mutex_lock(&engine->timer_lock);
    engine->armed = UINT64_MAX; /* so that an earlier deadline that comes in between is seen */
    pthread_mutex_unlock(&engine->timer_lock);
    engine_lock(engine);
    wg_device_run_timers(engine->device, engine_now());
    engine_unlock(engine, queue);
}

void
engine_network_changed(struct engine *engine, struct udp_queue *queue)
{
    udp_reset(&engine->udp4);
    udp_reset(&engine->udp6);
    engine_lock(engine);
    wg_device_forget_sources(engine->device);
    engine_unlock(engine, queue);
}

void
engine_thread_ended(struct engine *engine)
{
    engine->is_stopping = true;
    eventfd_write(engine->stop_fd, 1);
}

void
engine_thread_began(struct engine *engine)
{
    pthread_barrier_wait(&engine->gate);
    pthread_barrier_wait(&engine->gate);
}
