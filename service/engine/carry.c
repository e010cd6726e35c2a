/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/carry.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

enum { LULL = 32 }; /* little batches, one after another: there is little now */

static int
watch(struct engine *engine, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};

    return epoll_ctl(engine->carry_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int
watch_tun(struct engine *engine)
{
    return watch(engine, engine->tun.fd, &engine->tun);
}

int
carry_watch(struct engine *engine, struct udp *udp)
{
    return udp->fd < 0 ? 0 : watch(engine, udp->fd, udp);
}

/* ---- The first ---- */

static int
carry_outward(struct carriers *carriers)
{
    struct engine *engine = carriers->engine;
    int r = outward_carry(carriers->outward);

    if (r != OUTWARD_MUCH)
        return r == -EAGAIN ? 0 : r;
    epoll_ctl(engine->carry_fd, EPOLL_CTL_DEL, engine->tun.fd, NULL);
    sem_post(&carriers->much);
    return 0;
}

static void *
run_first(void *data)
{
    struct carriers *carriers = data;
    struct engine *engine = carriers->engine;
    int r = 0;

    pthread_setname_np(pthread_self(), "first carrier");
    engine_thread_began(engine);
    while (r >= 0 && !engine->is_stopping) {
        struct epoll_event events[3];
        int n = epoll_wait(engine->carry_fd, events, 3, -1);

        for (int i = 0; i < n && r >= 0; i++) {
            if (events[i].data.ptr == &engine->tun)
                r = carry_outward(carriers);
            else
                inward_carry(carriers->inward, events[i].data.ptr);
        }
    }
    engine_thread_ended(engine);
    return NULL;
}

/* ---- The second ---- */

/* Until there is little. */
static int
carry_much(struct carriers *carriers)
{
    struct engine *engine = carriers->engine;
    unsigned lull = 0;

    while (lull < LULL && !engine->is_stopping) {
        int r = outward_carry(carriers->outward);

        if (r == -EAGAIN)
            tun_wait(&engine->tun);
        else if (r < 0)
            return r;
        else
            lull = r == OUTWARD_MUCH ? 0 : lull + 1;
    }
    return 0;
}

static void *
run_second(void *data)
{
    struct carriers *carriers = data;
    struct engine *engine = carriers->engine;
    int r = 0;

    pthread_setname_np(pthread_self(), "second carrier");
    engine_thread_began(engine);
    while (r >= 0 && !engine->is_stopping) {
        if (sem_wait(&carriers->much) < 0)
            continue;
        r = carry_much(carriers);
        if (r >= 0)
            r = watch_tun(engine);
    }
    engine_thread_ended(engine);
    return NULL;
}

/* ---- Both ---- */

static int
start_thread(struct carriers *carriers, void *(*function)(void *))
{
    int r = pthread_create(&carriers->threads[carriers->thread_count], NULL, function, carriers);

    if (r > 0)
        return -r;
    carriers->thread_count++;
    return 0;
}

int
carry_start(struct carriers *carriers, struct engine *engine)
{
    int r;

    *carriers = (struct carriers){.engine = engine};
    sem_init(&carriers->much, 0, 0);
    carriers->outward = outward_new(engine);
    carriers->inward = inward_new(engine);
    if (!carriers->outward || !carriers->inward)
        return -ENOMEM;
    r = watch_tun(engine);
    if (r == 0)
        r = carry_watch(engine, &engine->udp4);
    if (r == 0)
        r = carry_watch(engine, &engine->udp6);
    if (r == 0)
        r = start_thread(carriers, run_first);
    if (r == 0)
        r = start_thread(carriers, run_second);
    return r;
}

/* A thread may be just about to fall asleep, so to interrupt it once is not enough. */
void
carry_stop(struct carriers *carriers)
{
    for (unsigned i = 0; i < carriers->thread_count; i++) {
        struct timespec until;

        do {
            pthread_kill(carriers->threads[i], SIGUSR1);
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_nsec += 10000000;
            until.tv_sec += until.tv_nsec / 1000000000;
            until.tv_nsec %= 1000000000;
        } while (pthread_timedjoin_np(carriers->threads[i], NULL, &until) == ETIMEDOUT);
    }
    outward_free(carriers->outward);
    inward_free(carriers->inward);
    sem_destroy(&carriers->much);
}
