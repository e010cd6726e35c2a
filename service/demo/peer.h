/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* The other end of a demo tunnel: a box of its own with wg-wrap-engine in it, reachable on a UDP
 * port of 127.0.0.1, with fresh keys that are written nowhere but into the client's profile. */

#define WGW_DEMO_SERVER "10.99.0.1"
#define WGW_DEMO_CLIENT "10.99.0.2"

typedef struct {
    pid_t engine; /* ends when this process does; a child of the caller */
    char *config; /* the client's wg-quick configuration; free with wgw_demo_peer_clear */
} WgwDemoPeer;

/* wgw_demo_peer_start - leave the host's namespaces for the box, and start the engine. Only for a
 * process with one thread. On success the process may make threads, has no capabilities left but
 * that to bind low ports, and sees the tunnel's network and no other. */
gboolean wgw_demo_peer_start(WgwDemoPeer *ret_peer, GError **error);

/* wgw_demo_peer_clear - end the engine, wait for it, and wipe the configuration. */
void wgw_demo_peer_clear(WgwDemoPeer *peer);
