/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "profile/config.h"

/* A session's UDP sockets, born in the host's network namespace. */
typedef struct {
    int udp4; /* -1: the kernel has no such family */
    int udp6;
} WgwSockets;

/* wgw_sockets_open - bound to @port on every address, the same for both families; 0: any. FALSE with
 * WGW_ERROR_BUSY if the port is in use. Close with wgw_sockets_close. */
gboolean wgw_sockets_open(guint16 port, WgwSockets *ret_sockets, GError **error);
void wgw_sockets_close(WgwSockets *sockets);

/* wgw_sockets_path_mtu - the MTU for a tunnel to the numeric endpoints of @config, in bytes: what the
 * routes to them allow less WireGuard's 80 bytes, as wg-quick does; 1420 where nothing is known, never
 * more than 8920 nor less than 1280. */
guint wgw_sockets_path_mtu(const WgwConfig *config);

/* wgw_sockets_has_route - whether this machine could send to @address now. */
gboolean wgw_sockets_has_route(const char *address, guint16 port);
