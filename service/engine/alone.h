/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <limits.h>
#include <stdalign.h>
#include <stdbool.h>

#include "engine/loop.h"

/* What the engine does on its own account when nobody hands it anything, as wireguard-go does:
 * /run/wireguard/IFNAME.sock, whose removal is an order to end. */
struct alone {
    struct loop_source source; /* inotify */
    struct loop *loop;
    int directory;
    int listener; /* until it is handed on */
    char socket_name[NAME_MAX];
};

/* alone_listen - make the socket. -EADDRINUSE: somebody answers there. */
int alone_listen(struct alone *alone, const char *interface);

/* alone_watch - stop the loop when the socket is removed. */
int alone_watch(struct alone *alone, struct loop *loop);

/* alone_clear - remove the socket. */
void alone_clear(struct alone *alone);

/* alone_daemonize - go on in the background. Returns in the child only. */
int alone_daemonize(bool keep_stderr);
