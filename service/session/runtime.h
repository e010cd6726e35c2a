/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A session's directory and the lock in it (ARCHITECTURE.md). The lock belongs to the open file,
 * which supervisor and anchor inherit: the kernel gives it back when the last of them is gone. */

/* wgw_runtime_make_private - make the directory at @path, if it is not there; it must be ours, and closed to
 * others. */
gboolean wgw_runtime_make_private(const char *path, GError **error);

/* wgw_runtime_lock - make the directory of the session @name and take its lock. Returns the lock
 * (O_CLOEXEC, the caller's), or -1: with WGW_ERROR_BUSY if somebody is at home; with
 * WGW_ERROR_NOT_PERMITTED if the directory is not ours alone; with WGW_ERROR_LIMIT_REACHED or
 * WGW_ERROR_FAILED if it cannot be made. What a crash left in it is removed, but for what a
 * successor needs. */
int wgw_runtime_lock(const char *name, GError **error);

/* wgw_runtime_remove - remove the directory whose lock is @lock (taken). */
void wgw_runtime_remove(const char *name, int lock);

/* wgw_runtime_list - the directories that there are, names below sessions/. (transfer full) */
char **wgw_runtime_list(void);

/* wgw_runtime_read_name - the profile whose session has the directory @id, or NULL: it cannot be
 * told. (transfer full) */
char *wgw_runtime_read_name(const char *id);

/* wgw_runtime_is_abandoned - whether the session's supervisor has gone without clearing up after itself,
 * or is there still: what it clears up first is its name. */
gboolean wgw_runtime_is_abandoned(const char *name);

/* wgw_runtime_sweep - remove the directory @id if nobody is at home. */
void wgw_runtime_sweep(const char *id);
