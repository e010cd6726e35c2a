/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* What the kernel says of a process. A number may be another's in the next moment, unless a pidfd says
 * that its process lives. */

/* wgw_process_has_ended - who is behind @pidfd. */
gboolean wgw_process_has_ended(int pidfd);

/* wgw_process_is_child - of ours, ended or not. */
gboolean wgw_process_is_child(int pidfd);

/* wgw_process_get_parent - 0: there is no such process. */
pid_t wgw_process_get_parent(pid_t pid);

/* wgw_process_dup_name - (transfer full); "?" if there is no such process. */
char *wgw_process_dup_name(pid_t pid);

/* wgw_process_was_launched - as a desktop entry, by GIO, as file managers and panels do it: so its
 * environment says. */
gboolean wgw_process_was_launched(pid_t pid);
