/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* The way in without D-Bus: a listening SOCK_SEQPACKET socket. To connect is to ask for membership
 * of the connecting process, and the answer is one message with the anchor's descriptor. Nothing is
 * read. A connection that is not answered is closed: whoever asked then goes to the service. */
typedef struct _WgwDoor WgwDoor;

/* Answer -1 to refuse, or a descriptor (lent) to hand out. @pidfd is taken. */
typedef int (*WgwDoorAsked)(pid_t pid, int pidfd, gpointer user_data);

/* It had gone before it could be told: it will not come in. */
typedef void (*WgwDoorGone)(pid_t pid, gpointer user_data);

/* wgw_door_open - listen at @path, which must not exist. NULL with @error set. */
WgwDoor *wgw_door_open(
    const char *path, WgwDoorAsked asked, WgwDoorGone gone, gpointer user_data, GError **error);

/* wgw_door_serve - answer everybody who stands there by now, without waiting for the main loop. */
void wgw_door_serve(WgwDoor *door);

/* wgw_door_close - who waits at it is turned away. The path stays, for the caller to unlink. */
void wgw_door_close(WgwDoor *door);
