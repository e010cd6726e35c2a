/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>

/* What remains to the engine once it has everything it needs: its descriptors, memory and time. A packet
 * from a stranger that finds a hole in here finds no file, no program and no new socket behind it. */

enum sandbox_kind {
    SANDBOX_SESSION, /* nothing of the below */
    SANDBOX_ALONE, /* may make UDP sockets anew (listen_port, fwmark), and remove its own UAPI socket */
};

/* sandbox_drop_privileges - for the calling thread and those it will start: no capabilities (alone:
 * those for fwmark and low ports, if it has them), none to be had by exec, no core file, nobody may
 * trace it. */
int sandbox_drop_privileges(enum sandbox_kind kind);

/* sandbox_close - from now on, for all threads, a system call that is not on the list ends the process. */
int sandbox_close(enum sandbox_kind kind);
