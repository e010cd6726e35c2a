/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

/* The session's own D-Bus session bus, at WGW_PRIVATE_BUS_ADDRESS inside: one dbus-daemon for all programs
 * that are to meet each other and nobody outside; what it activates runs inside, too. It is started when
 * the first of them is. */
typedef struct _WgwPrivateBus WgwPrivateBus;

/* How its socket is numbered in the daemon: the first one that is passed (sd_listen_fds(3)). */
#define WGW_PRIVATE_BUS_FD 3

typedef struct {
    int socket; /* listens; -1 if it is still to be made */
    int pidfd;  /* of a daemon that is there already, or -1 */
    pid_t pid;  /* its, or 0 */
} WgwPrivateBusParts;
#define WGW_PRIVATE_BUS_INIT      \
    {                             \
        .socket = -1, .pidfd = -1 \
    }

/* The daemon has changed; pid 0: there is none now, and @unasked if it ended by itself. */
typedef void (*WgwPrivateBusChanged)(pid_t pid, gboolean unasked, gpointer user_data);

/* wgw_private_bus_new - @parts are taken. As long as /run can be written to. NULL with @error set. */
WgwPrivateBus *wgw_private_bus_new(const WgwPrivateBusParts *parts,
                                   WgwPrivateBusChanged changed,
                                   gpointer user_data,
                                   GError **error);

/* wgw_private_bus_free - after closing it. Who asked is not answered any more. */
void wgw_private_bus_free(WgwPrivateBus *bus);

/* wgw_private_bus_wanted - a program with this environment is about to be started. If that has our
 * address, and there is no daemon, one is started that gives it to what it activates. FALSE with @error
 * set: it cannot be. */
gboolean wgw_private_bus_wanted(WgwPrivateBus *bus, const char *const *environment, GError **error);

/* wgw_private_bus_get_pid - of the daemon; 0: there is none. */
pid_t wgw_private_bus_get_pid(WgwPrivateBus *bus);

/* wgw_private_bus_kill - the daemon, if there is one, and wait until it is gone. */
void wgw_private_bus_kill(WgwPrivateBus *bus);

/* wgw_private_bus_close - for good. */
void wgw_private_bus_close(WgwPrivateBus *bus);

/* wgw_private_bus_ask - ask the daemon which applications own names by now, then call. At once if there
 * is no daemon; within seconds if it does not answer. */
void
wgw_private_bus_ask(WgwPrivateBus *bus, void (*answered)(gpointer user_data), gpointer user_data);

/* wgw_private_bus_get_application - the desktop ID of who owns an application's name, as the last answer
 * had it; NULL for everybody else. */
const char *wgw_private_bus_get_application(WgwPrivateBus *bus, pid_t pid);

/* wgw_socket_is_private_bus - whether that is what @fd is. */
gboolean wgw_socket_is_private_bus(int fd);
