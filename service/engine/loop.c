/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/loop.h"

#include <errno.h>
#include <sys/epoll.h>

#include "base/fd.h"

static int
control(struct loop *loop, int operation, struct loop_source *source, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = source};

    return epoll_ctl(loop->fd, operation, source->fd, &event) < 0 ? -errno : 0;
}

int
loop_init(struct loop *loop)
{
    *loop = (struct loop){.fd = epoll_create1(EPOLL_CLOEXEC)};
    return loop->fd < 0 ? -errno : 0;
}

void
loop_clear(struct loop *loop)
{
    wgw_fd_close(&loop->fd);
}

int
loop_add(struct loop *loop, struct loop_source *source, uint32_t events)
{
    return control(loop, EPOLL_CTL_ADD, source, events);
}

int
loop_change(struct loop *loop, struct loop_source *source, uint32_t events)
{
    return control(loop, EPOLL_CTL_MOD, source, events);
}

void
loop_remove(struct loop *loop, struct loop_source *source)
{
    control(loop, EPOLL_CTL_DEL, source, 0);
}

int
loop_run(struct loop *loop)
{
    while (!loop->is_stopping) {
        /* One at a time, so that what one source does to another is never late. */
        struct epoll_event event;
        int n = epoll_wait(loop->fd, &event, 1, -1);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            struct loop_source *source = event.data.ptr;

            source->ready(source, event.events);
        }
    }
    return 0;
}

void
loop_stop(struct loop *loop)
{
    loop->is_stopping = true;
}
