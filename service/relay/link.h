/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

/* What the loop waits for: the data of an epoll event. */
struct relay_source {
    void (*ready)(struct relay_source *source, uint32_t events);
    int fd;
};

/* A connection that was accepted on one side, and what is connected, or about to be, on the other. */
struct relay_link;

/* What links have in common. */
struct relay_links {
    int epoll;
    size_t n; /* that live */
    size_t max;
    struct relay_link *waiting, **last_waiting; /* for a socket, in the order they asked */
    struct relay_link *dead;                    /* freed once the loop is done with its events */
    /* A socket of that family is wanted for link. FALSE: there is none. Either it is given at once, by
     * relay_link_connect, or the link waits for relay_links_give. */
    bool (*want)(struct relay_link *link, int direction, int family);
};

/* relay_link_accept - for a connection to port, taken from the caller. */
void relay_link_accept(struct relay_links *links, int fd, int direction, uint16_t port, int family);

/* relay_link_connect - by this socket, taken from the caller; -1: there is none. */
void relay_link_connect(struct relay_link *link, int fd);

/* relay_link_wait - for relay_links_give. */
void relay_link_wait(struct relay_link *link);

/* relay_links_give - the first that waits gets the socket, taken, or -1. */
void relay_links_give(struct relay_links *links, int fd);

/* relay_links_sweep - free those that have ended. */
void relay_links_sweep(struct relay_links *links);
