/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/engine.h"
#include "engine/uapi.h"

/* The engine as UAPI sees it. */
struct host {
    struct uapi_host uapi;
    struct engine *engine;
    struct udp_queue *queue; /* main's */
    bool owns_sockets;       /* false: they were handed in, and cannot be made anew here */
};

/* host_init - engine and queue are lent. */
void
host_init(struct host *host, struct engine *engine, struct udp_queue *queue, bool owns_sockets);

/* host_open_sockets - both families on one port, 0 for any; a family that this machine does not have
 * is left out. */
int host_open_sockets(
    struct udp *udp4, struct udp *udp6, uint16_t port, uint32_t fwmark, unsigned refusals);
