/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrap-relay: what goes between ports of this machine's loopback and of a session's, where the user
 * has chosen so. It is started by wg-wrapd in the host's network namespace and belongs to the session:
 * its one descriptor, 0, is the supervisor's, and with that it ends.
 *
 * There is no route. Sockets of the session are born by the supervisor and come out to here: those that
 * listen in the session, and those that are to be connected in it. None of the host's ever goes in: with
 * one, a program could connect to wherever the host can. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "relay/link.h"
#include "relay/listen.h"
#include "relay/message.h"
#include "relay/ports.h"

/* Connections at a time; each has two descriptors, and there is room for other ones. */
#define MAX_LINKS 256
#define SPARE     160

#define N_EVENTS 64

static struct relay_links links = {.max = MAX_LINKS};
static struct relay_ports *ports;

static bool
want(struct relay_link *link, int direction, int family)
{
    struct relay_message message = {
        .verb = RELAY_SOCKET, .direction = (uint8_t)direction, .family = family};
    int fd;

    if (direction == RELAY_PUBLISH) {
        relay_link_wait(link);
        /* The supervisor reads as fast as it can, and there are not more than MAX_LINKS; if there is
         * no telling it, there is no going on. */
        if (relay_message_send(STDIN_FILENO, &message, -1) < 0)
            exit(1);
        return true;
    }
    fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    relay_link_connect(link, fd);
    return true;
}

/* On the host's loopback. */
static int
publish(uint16_t port)
{
    static const int families[] = {AF_INET, AF_INET6};
    int fds[2] = {-1, -1};
    int r = relay_listen(port, fds);

    for (size_t i = 0; i < 2; i++)
        if (r == 0 && fds[i] >= 0)
            r = relay_ports_add(ports, wgw_fd_steal(&fds[i]), RELAY_PUBLISH, port, families[i]);
    wgw_fd_close(&fds[1]);
    if (r < 0)
        relay_ports_remove(ports, RELAY_PUBLISH, port);
    return r;
}

static void
take(struct relay_message *message, int fd)
{
    switch ((enum relay_verb)message->verb) {
    case RELAY_OPEN:
        if (message->direction == RELAY_PUBLISH) {
            message->error = -publish(message->port);
            if (relay_message_send(STDIN_FILENO, message, -1) < 0)
                exit(1);
        } else if (fd >= 0)
            relay_ports_add(ports, wgw_fd_steal(&fd), message->direction, message->port,
                            message->family);
        break;
    case RELAY_SHUT:
        relay_ports_remove(ports, message->direction, message->port);
        break;
    case RELAY_SOCKET:
        relay_links_give(&links, wgw_fd_steal(&fd));
        break;
    }
    wgw_fd_close(&fd);
}

static void
on_message(struct relay_source *source, uint32_t events)
{
    struct relay_message message;
    int fd;
    int r = relay_message_receive(source->fd, &message, &fd);

    (void)events;
    if (r == 0)
        take(&message, fd);
    else if (r != -EAGAIN) {
        close_range(STDERR_FILENO + 1, UINT_MAX, 0); /* before the supervisor sees our end */
        exit(0);
    }
}

/* As many descriptors as all links can have; or fewer links. */
static void
make_room(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    if (limit.rlim_cur < 2 * MAX_LINKS + SPARE) {
        limit.rlim_cur =
            limit.rlim_max < 2 * MAX_LINKS + SPARE ? limit.rlim_max : 2 * MAX_LINKS + SPARE;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < 2 * MAX_LINKS + SPARE)
        links.max = limit.rlim_cur > SPARE + 2 ? (limit.rlim_cur - SPARE) / 2 : 1;
}

int
main(void)
{
    struct relay_source control = {on_message, STDIN_FILENO};
    struct epoll_event first = {.events = EPOLLIN, .data.ptr = &control};

    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    close_range(STDERR_FILENO + 1, UINT_MAX, 0);
    make_room();
    links.want = want;
    links.epoll = epoll_create1(EPOLL_CLOEXEC);
    ports = relay_ports_new(&links);
    if (chdir("/") < 0 || !ports || links.epoll < 0 ||
        epoll_ctl(links.epoll, EPOLL_CTL_ADD, STDIN_FILENO, &first) < 0)
        return 1;
    for (;;) {
        struct epoll_event events[N_EVENTS];
        int n = epoll_wait(links.epoll, events, N_EVENTS, relay_ports_settle(ports));

        for (int i = 0; i < n; i++) {
            struct relay_source *source = events[i].data.ptr;

            source->ready(source, events[i].events);
        }
        relay_links_sweep(&links);
    }
}
