/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "base/anchor.h"

#include <stdio.h>

bool
wgw_anchor_is(pid_t pid, const struct stat *lock)
{
    char path[32];
    struct stat st;

    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, WGW_ANCHOR_LOCK_FD);
    return stat(path, &st) == 0 && st.st_ino == lock->st_ino && st.st_dev == lock->st_dev;
}
