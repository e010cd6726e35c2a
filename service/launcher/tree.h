/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Whole directories, which programs have filled as they liked: of any size and depth, with symbolic
 * links to anywhere, of which none is followed. Blocking: to be called in a thread. */

/* wgw_tree_measure - bytes on the disk, and the time of the latest change, in seconds since 1970, of
 * what is at @path and below, as far as it can be read. */
void wgw_tree_measure(const char *path, guint64 *ret_size, guint64 *ret_changed);

/* wgw_tree_empty - remove everything in the open directory @fd, in which everything may be removed.
 * FALSE with WGW_ERROR_FAILED if something cannot be; the rest is gone nevertheless. */
gboolean wgw_tree_empty(int fd, GError **error);
