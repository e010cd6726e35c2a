/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdint.h>

/* The way into a box, and what is taken from whoever runs in it. No libnl here: the joiner is small. */

/* ns_enter - enter the namespaces of the process behind pidfd, and the working directory of the same
 * name there. Only for a process with one thread. 0; -EPERM: the caller is in another session, or
 * not of the same user; -ESRCH: that process is gone; -ENOENT, -EACCES…: the working directory cannot be
 * entered (the namespaces were). */
int ns_enter(int pidfd);

/* Capabilities of ns_lockdown, as a mask of 1 << CAP_…. */
#define NS_KEEP_NOTHING UINT64_C(0)

/* ns_lockdown - keep no capability but those in `keep`, now and after execve, for good; with none, no
 * family of sockets either that does not know of namespaces (families.h).
 *
 * no_new_privs is set, and the bounding set is left alone: with an empty bounding set execve refuses
 * (EPERM) every file with capabilities of its own, which ping(8) is in Debian; with no_new_privs it
 * runs, without them, and needs none (ping_group_range). Nothing is lost by it: with one user mapped,
 * a set-user-ID program could not become root anyhow. User namespaces inside (browsers' sandboxes,
 * bubblewrap) have their own full set. 0 or a negative errno. */
int ns_lockdown(uint64_t keep);
