/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_zip_archive_is - whether @bytes begin like one. */
gboolean wgw_zip_archive_is(const char *bytes, gsize size);

/* wgw_zip_archive_read - all of its *.conf as WgwProfileText, in whatever folder they are, appended to @texts,
 * and its problems, too. @label is the archive's name for people. It may be hostile, and takes its time: for a
 * thread. Stops when @cancellable is cancelled. */
void wgw_zip_archive_read(
    const char *label, const char *bytes, gsize size, GCancellable *cancellable, GPtrArray *texts);
