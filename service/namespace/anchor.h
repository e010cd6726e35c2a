/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <sys/types.h>

#include "namespace/failure.h"

/* The anchor: a process that does nothing in the box, so that there is one to enter by pidfd. The
 * kernel lets in only where it would let read memory: the supervisor and the engine, which have
 * keys, are closed; the anchor is a copy of the supervisor from before it read any.
 *
 * It has no capability and no descriptor but keep_fd (the session's lock; -1: none), and outlives
 * the supervisor: a successor comes in through it, and until then the lock says that somebody is at
 * home. It ends by SIGKILL only. A program of the session may do that: start another. */

/* ns_anchor_start - fork it. Only for a process with one thread, or between fork and exec's rules:
 * nothing is allocated in the child. The caller reaps *ret_pid and owns *ret_pidfd (O_CLOEXEC). 0, or a
 * negative errno with failure filled. */
int ns_anchor_start(int keep_fd, pid_t *ret_pid, int *ret_pidfd, struct ns_failure *failure);
