/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What of this machine's loopback is reached from inside, and what of the session's from outside, by the
 * user's choice: wg-wrap-relay does the work, in the host's network namespace, with sockets that are born
 * here. Without one, or where a port is in use, it is tried again until it succeeds. */
typedef struct _WgwPorts WgwPorts;

typedef struct {
    /* wgw_ports_to_variant or wgw_ports_need_relay has changed. */
    void (*changed)(gpointer user_data);
    /* A port that could not be opened, or can be again: then @problem is "". */
    void (*told)(const char *problem, guint16 port, gpointer user_data);
} WgwPortsCallbacks;

/* No more in each direction. */
#define WGW_PORTS_MAX 32

WgwPorts *wgw_ports_new(const WgwPortsCallbacks *callbacks, gpointer user_data);

/* wgw_ports_free - everything that goes through them ends, and they are free. */
void wgw_ports_free(WgwPorts *ports);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwPorts, wgw_ports_free)

/* wgw_ports_set - from now on these, aq each; connections through those that stay go on. FALSE with
 * WGW_ERROR_INVALID_ARGUMENT: nothing has changed. */
gboolean wgw_ports_set(WgwPorts *ports, GVariant *forward, GVariant *publish, GError **error);

/* wgw_ports_need_relay - whether one is to be started. */
gboolean wgw_ports_need_relay(WgwPorts *ports);

/* wgw_ports_take_relay - the descriptor that a relay is to have; one that there is ends. The caller's, or
 * -1 with @error set. */
int wgw_ports_take_relay(WgwPorts *ports, GError **error);

/* wgw_ports_to_variant - as LocalPorts of org.wgwrap.WgWrap1.Session. Floating. */
GVariant *wgw_ports_to_variant(WgwPorts *ports);
