/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/loop.h"
#include "engine/uapi.h"

/* Listening sockets and their clients, of which none can keep another, or a packet, waiting. */

enum { CONTROL_CLIENTS = 32 }; /* at once, per listener; others wait in its backlog */

struct control {
    struct loop_source source;
    struct loop *loop;
    const struct uapi_host *host;
    enum uapi_access access;
    struct control_client *clients;
    unsigned client_count;
};

/* control_init - takes over the listening socket fd. */
int control_init(struct control *control,
                 struct loop *loop,
                 const struct uapi_host *host,
                 enum uapi_access access,
                 int fd);
void control_clear(struct control *control);
