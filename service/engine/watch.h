/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/loop.h"

/* What the kernel tells by rtnetlink: the TUN's MTU, and that routes or addresses have changed. */

enum watch_groups {
    WATCH_LINKS = 1 << 0,
    WATCH_ROUTES = 1 << 1, /* and addresses */
};

/* watch_open - a netlink socket in the calling process's network namespace. A descriptor, or a negative errno. */
int watch_open(unsigned groups);

/* watch_get_mtu - of an interface in the namespace that fd, any socket, is in. -ENODEV. */
int watch_get_mtu(int fd, const char *name);

struct watch {
    struct loop_source source;
    void *context;
    const char *name; /* of the interface that mtu_changed is about; NULL: of none */
    void (*mtu_changed)(void *context, unsigned mtu);
    void (*routes_changed)(void *context); /* may be NULL */
};

/* watch_init - the callbacks, name and context are set already; takes over the socket fd. */
int watch_init(struct watch *watch, struct loop *loop, int fd);
