/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Who is in the box: processes whose network namespace is the box's. It is the kernel's word, and
 * so the last one: it finds what was spawned, what joined, and what detached itself from either.
 *
 * A process that made a network namespace of its own (a browser's sandboxed child) is none; its
 * parent, which has the session's, is. Processes that do not let themselves be looked at (not
 * dumpable) are seen by a caller with CAP_SYS_PTRACE in the box's user namespace, if they were
 * executed inside. */

/* ns_members_scan - call each(pid, data) for every member except the `n_except` processes listed;
 * each returns nonzero to stop. Walks /proc: some 10 µs for a process of the machine. Returns how many
 * were found, or a negative errno. */
int ns_members_scan(int net_ns,
                    const pid_t *except,
                    size_t n_except,
                    int (*each)(pid_t pid, void *data),
                    void *data);
