/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/host.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "engine/carry.h"

enum { PORT_ATTEMPTS = 32 }; /* for one that is free in both families */

static int
open_pair(struct udp *udp4, struct udp *udp6, uint16_t port, uint32_t fwmark, unsigned refusals)
{
    int r;

    udp4->fd = udp6->fd = -1;
    r = udp_open(udp4, AF_INET, port, fwmark, refusals);
    if (r < 0 && r != -EAFNOSUPPORT)
        return r;
    if (port == 0)
        port = udp_get_port(udp4);
    r = udp_open(udp6, AF_INET6, port, fwmark, refusals);
    if (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL)
        r = udp4->fd >= 0 ? 0 : r;
    if (r < 0)
        wgw_fd_close(&udp4->fd);
    return r;
}

int
host_open_sockets(
    struct udp *udp4, struct udp *udp6, uint16_t port, uint32_t fwmark, unsigned refusals)
{
    int r = -EADDRINUSE;

    for (int i = 0; i < PORT_ATTEMPTS && r == -EADDRINUSE; i++) {
        r = open_pair(udp4, udp6, port, fwmark, refusals);
        if (port != 0)
            break;
    }
    return r;
}

/* Put another socket in the place of one that threads are using, under the same number. */
static void
replace_socket(struct engine *engine, struct udp *udp, struct udp *with)
{
    WGW_AUTOCLOSE int new = wgw_fd_steal(&with->fd);

    if (new < 0 || udp->fd < 0)
        return;
    udp->gso_limit = with->gso_limit;
    dup3(new, udp->fd, O_CLOEXEC);
    carry_watch(engine, udp);
}

static uint16_t
get_listen_port(void *context)
{
    struct host *host = context;
    uint16_t port = udp_get_port(&host->engine->udp4);

    return port != 0 ? port : udp_get_port(&host->engine->udp6);
}

static int
set_listen_port(void *context, uint16_t port)
{
    struct host *host = context;
    struct engine *engine = host->engine;
    struct udp udp4 = {0}, udp6 = {0};
    int r;

    if (port == get_listen_port(host) || (port == 0 && !host->owns_sockets))
        return 0;
    if (!host->owns_sockets)
        return -EPERM;
    r = host_open_sockets(&udp4, &udp6, port, engine->fwmark, engine->udp_refusals);
    if (r < 0)
        return r;
    replace_socket(engine, &engine->udp4, &udp4);
    replace_socket(engine, &engine->udp6, &udp6);
    return 0;
}

static uint32_t
get_fwmark(void *context)
{
    const struct host *host = context;

    return host->engine->fwmark;
}

static int
set_fwmark(void *context, uint32_t fwmark)
{
    struct host *host = context;
    struct engine *engine = host->engine;
    int r;

    if (fwmark == engine->fwmark)
        return 0;
    if (!host->owns_sockets)
        return -EPERM;
    r = udp_set_fwmark(&engine->udp4, fwmark);
    if (r == 0)
        r = udp_set_fwmark(&engine->udp6, fwmark);
    if (r < 0)
        return r;
    engine->fwmark = fwmark;
    engine_network_changed(engine, host->queue);
    return 0;
}

static unsigned
get_interface(void *context, const char *name)
{
    const struct host *host = context;

    /* Only an IPv6 endpoint names one. */
    return udp_get_interface(&host->engine->udp6, name);
}

static void
lock(void *context)
{
    const struct host *host = context;

    engine_lock(host->engine);
}

static void
unlock(void *context)
{
    const struct host *host = context;

    engine_unlock(host->engine, host->queue);
}

static void
told(void *context)
{
    const struct host *host = context;

    host->engine->is_told = true;
}

static struct wg_time
now(void *context)
{
    return engine_now();
}

void
host_init(struct host *host, struct engine *engine, struct udp_queue *queue, bool owns_sockets)
{
    *host = (struct host){
        .uapi =
            {
                .device = engine->device,
                .context = host,
                .lock = lock,
                .unlock = unlock,
                .now = now,
                .get_listen_port = get_listen_port,
                .set_listen_port = set_listen_port,
                .get_fwmark = get_fwmark,
                .set_fwmark = set_fwmark,
                .get_interface = get_interface,
                .told = told,
            },
        .engine = engine,
        .queue = queue,
        .owns_sockets = owns_sockets,
    };
}
