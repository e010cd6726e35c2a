/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "relay/ports.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fd.h"

/* How long callers wait while there is no descriptor for one more. */
#define RETRY_MS 100

struct listener {
    struct relay_source source;
    struct relay_ports *ports;
    struct listener *next;
    int direction;
    uint16_t port;
    int family;
};

struct relay_ports {
    struct relay_links *links;
    struct listener *first;
    bool pausing; /* out of the epoll set, all of them */
    bool failed;  /* to accept, for want of something */
};

static void
on_connection(struct relay_source *source, uint32_t events)
{
    struct listener *listener = (struct listener *)source;
    struct relay_ports *ports = listener->ports;
    int fd;

    (void)events;
    /* Another event of the same turn may have closed it, or taken the last place. */
    if (source->fd < 0 || ports->links->n >= ports->links->max)
        return;
    fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        relay_link_accept(ports->links, fd, listener->direction, listener->port, listener->family);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        ports->failed = true;
}

static int
watch(struct relay_ports *ports, struct listener *listener)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener->source};

    return epoll_ctl(ports->links->epoll, EPOLL_CTL_ADD, listener->source.fd, &event) < 0 ? -errno
                                                                                          : 0;
}

struct relay_ports *
relay_ports_new(struct relay_links *links)
{
    struct relay_ports *ports = calloc(1, sizeof *ports);

    if (ports)
        ports->links = links;
    return ports;
}

int
relay_ports_add(struct relay_ports *ports, int fd, int direction, uint16_t port, int family)
{
    struct listener *listener = NULL;
    int r = 0;

    /* One that was closed: events of this turn may still point to it, so none is ever freed. */
    for (struct listener *i = ports->first; i && !listener; i = i->next)
        if (i->source.fd < 0)
            listener = i;
    if (!listener) {
        listener = calloc(1, sizeof *listener);
        if (!listener) {
            wgw_fd_close(&fd);
            return -ENOMEM;
        }
        listener->next = ports->first;
        ports->first = listener;
    }
    listener->source = (struct relay_source){on_connection, fd};
    listener->ports = ports;
    listener->direction = direction;
    listener->port = port;
    listener->family = family;
    if (!ports->pausing)
        r = watch(ports, listener);
    if (r < 0)
        wgw_fd_close(&listener->source.fd);
    return r;
}

void
relay_ports_remove(struct relay_ports *ports, int direction, uint16_t port)
{
    for (struct listener *listener = ports->first; listener; listener = listener->next)
        if (listener->direction == direction && listener->port == port)
            wgw_fd_close(&listener->source.fd);
}

int
relay_ports_settle(struct relay_ports *ports)
{
    bool pause = ports->failed || ports->links->n >= ports->links->max;
    int timeout = ports->failed ? RETRY_MS : -1;

    ports->failed = false;
    if (pause == ports->pausing)
        return timeout;
    ports->pausing = pause;
    for (struct listener *listener = ports->first; listener; listener = listener->next) {
        if (listener->source.fd < 0)
            continue;
        if (pause)
            epoll_ctl(ports->links->epoll, EPOLL_CTL_DEL, listener->source.fd, NULL);
        else
            watch(ports, listener);
    }
    return timeout;
}
