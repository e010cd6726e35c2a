/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Bytes go from one end to the other by way of one buffer, which all share; only what the other end does
 * not take at once is kept, and then no more is read until it has gone. The end of a direction is
 * handed on when all before it was; a link ends with its second direction, or at once, with a reset on
 * both sides, by an error on either.
 *
 * An end of which nothing is wanted is out of the epoll set: the kernel would tell of its hang-up again
 * and again. */

#include "relay/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "relay/listen.h"

struct end {
    struct relay_source source;
    struct relay_link *link;
    char *pending; /* not yet taken by this end, or NULL */
    size_t pending_len;
    size_t pending_start;
    bool finished;     /* it sends no more */
    bool shut;         /* we send it no more */
    uint32_t interest; /* in the epoll set; 0: it is not in there */
};

struct relay_link {
    struct relay_links *links;
    struct relay_link *next; /* in waiting or dead */
    struct end near;         /* accepted */
    struct end far;          /* connected */
    int direction;
    uint16_t port;
    int family;
    bool second; /* the other family is tried */
    bool connecting;
    bool ended;
};

static char buffer[65536];

static struct end *
other_of(struct end *end)
{
    return end == &end->link->near ? &end->link->far : &end->link->near;
}

static void
end_link(struct relay_link *link, bool reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    struct end *ends[] = {&link->near, &link->far};

    if (link->ended)
        return;
    link->ended = true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (reset && ends[i]->source.fd >= 0)
            setsockopt(ends[i]->source.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
        wgw_fd_close(&ends[i]->source.fd);
        free(ends[i]->pending);
        ends[i]->pending = NULL;
    }
    link->links->n--;
    link->next = link->links->dead;
    link->links->dead = link;
}

/* Have the kernel tell what can be done next. */
static void
update(struct end *end)
{
    struct relay_link *link = end->link;
    struct epoll_event event = {.data.ptr = &end->source};
    int operation;

    if (link->connecting)
        event.events = end == &link->far ? EPOLLOUT : 0;
    else
        event.events = (!end->finished && !other_of(end)->pending ? EPOLLIN : 0U) |
                       (end->pending ? EPOLLOUT : 0U);
    if (event.events == end->interest)
        return;
    operation = !end->interest ? EPOLL_CTL_ADD : !event.events ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    if (epoll_ctl(link->links->epoll, operation, end->source.fd, &event) < 0)
        end_link(link, true);
    else
        end->interest = event.events;
}

static void
settle(struct relay_link *link)
{
    struct end *ends[] = {&link->near, &link->far};

    for (size_t i = 0; i < 2 && !link->connecting; i++)
        if (ends[1 - i]->finished && !ends[i]->pending && !ends[i]->shut) {
            shutdown(ends[i]->source.fd, SHUT_WR);
            ends[i]->shut = true;
        }
    if (link->near.shut && link->far.shut)
        end_link(link, false);
    for (size_t i = 0; i < 2 && !link->ended; i++)
        update(ends[i]);
}

/* false: it is an error. */
static bool
push(struct end *end, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(end->source.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0)
            break;
        bytes += n;
        len -= (size_t)n;
    }
    if (len == 0)
        return true;
    end->pending = malloc(len);
    if (!end->pending)
        return false;
    memcpy(end->pending, bytes, len);
    end->pending_len = len;
    end->pending_start = 0;
    return true;
}

static bool
push_pending(struct end *end)
{
    char *bytes = end->pending;
    bool done;

    end->pending = NULL;
    done = push(end, bytes + end->pending_start, end->pending_len - end->pending_start);
    free(bytes);
    return done;
}

static bool
pull(struct end *end)
{
    ssize_t n = recv(end->source.fd, buffer, sizeof buffer, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        end->finished = true;
    return push(other_of(end), buffer, (size_t)n);
}

static void
try_other_family(struct relay_link *link)
{
    if (link->far.interest)
        epoll_ctl(link->links->epoll, EPOLL_CTL_DEL, link->far.source.fd, NULL);
    link->far.interest = 0;
    wgw_fd_close(&link->far.source.fd);
    if (link->second) {
        end_link(link, true);
        return;
    }
    link->second = true;
    link->family = link->family == AF_INET ? AF_INET6 : AF_INET;
    if (!link->links->want(link, link->direction, link->family))
        end_link(link, true);
}

static void
on_connected(struct relay_link *link)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(link->far.source.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0) {
        try_other_family(link);
        return;
    }
    link->connecting = false;
    settle(link);
}

static void
on_ready(struct relay_source *source, uint32_t events)
{
    struct end *end = (struct end *)source;
    struct relay_link *link = end->link;

    if (link->ended)
        return;
    if (link->connecting) {
        on_connected(link);
        return;
    }
    if ((events & EPOLLERR) ||
        (end->pending && (events & (EPOLLOUT | EPOLLHUP)) && !push_pending(end)) ||
        (!end->finished && !other_of(end)->pending && (events & (EPOLLIN | EPOLLHUP)) &&
         !pull(end)))
        end_link(link, true);
    else
        settle(link);
}

static void
set_nodelay(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void
relay_link_accept(struct relay_links *links, int fd, int direction, uint16_t port, int family)
{
    struct relay_link *link = calloc(1, sizeof *link);

    if (!link) {
        wgw_fd_close(&fd);
        return;
    }
    *link = (struct relay_link){
        .links = links,
        .near = {.source = {on_ready, fd}, .link = link},
        .far = {.source = {on_ready, -1}, .link = link},
        .direction = direction,
        .port = port,
        .family = family,
        .connecting = true,
    };
    links->n++;
    set_nodelay(fd);
    if (!links->want(link, direction, family))
        try_other_family(link);
}

void
relay_link_connect(struct relay_link *link, int fd)
{
    struct sockaddr_storage address;
    socklen_t size = relay_loopback(link->family, link->port, &address);

    link->far.source.fd = fd;
    if (fd < 0) {
        try_other_family(link);
        return;
    }
    set_nodelay(fd);
    if (connect(fd, (struct sockaddr *)&address, size) < 0 && errno != EINPROGRESS)
        try_other_family(link);
    else
        update(&link->far);
}

void
relay_link_wait(struct relay_link *link)
{
    struct relay_links *links = link->links;

    if (!links->waiting)
        links->last_waiting = &links->waiting;
    link->next = NULL;
    *links->last_waiting = link;
    links->last_waiting = &link->next;
}

void
relay_links_give(struct relay_links *links, int fd)
{
    struct relay_link *link = links->waiting;

    if (!link) {
        wgw_fd_close(&fd);
        return;
    }
    links->waiting = link->next;
    relay_link_connect(link, fd);
}

void
relay_links_sweep(struct relay_links *links)
{
    while (links->dead) {
        struct relay_link *link = links->dead;

        links->dead = link->next;
        free(link);
    }
}
