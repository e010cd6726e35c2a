/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "profile/secret.h"
#include "supervisor/private-bus.h"

/* wgw_succession_dup_legacy - the configuration that the session has, from its engine: see
 * wgw_legacy_read. NULL if there is no engine. @net as below. Free with wgw_secret_free. */
WgwSecret *wgw_succession_dup_legacy(int net, guint *ret_path_mtu);

/* wgw_succession_begin - inherit from a supervisor that died: its engine is ended, its UDP sockets taken
 * from that, if it lives (then they take the place of *udp4 and *udp6), and its lock from its anchor, if
 * *lock is -1; its private bus goes on, and is in *ret_bus. @net is the session's network namespace, in
 * which the caller is, with CAP_SYS_PTRACE; @directory the session's. Nobody holds wg0 afterwards. FALSE
 * with @error set. */
gboolean wgw_succession_begin(int net,
                              int directory,
                              int *lock,
                              int *udp4,
                              int *udp6,
                              WgwPrivateBusParts *ret_bus,
                              GError **error);

/* wgw_succession_complete - end all anchors of the session with the open file @lock, but for our own. */
void wgw_succession_complete(int net, int lock, pid_t anchor);
