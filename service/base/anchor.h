/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* By which descriptor an anchor holds its session's lock. It has no other. */
#define WGW_ANCHOR_LOCK_FD 0

/* wgw_anchor_is - whether the process is the anchor of the session whose lock `lock` describes. Programs
 * cannot get hold of that file. Needs leave to look into the process (proc(5), ptrace access). */
bool wgw_anchor_is(pid_t pid, const struct stat *lock);
