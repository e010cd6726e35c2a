/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_profile_file_read - what profiles there are in @file: a profile's text, a zip archive, or a picture of QR
 * codes, told apart by what is in it and not by its name. In a thread of its own. */
void wgw_profile_file_read(GFile *file,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/* wgw_profile_file_read_bytes - the same of what is in memory already, as @label. */
void wgw_profile_file_read_bytes(const char *label,
                                 GBytes *bytes,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/* wgw_profile_file_read_finish - of either: WgwProfileText, problems among them. (transfer full); NULL: it was
 * cancelled. */
GPtrArray *wgw_profile_file_read_finish(GAsyncResult *result);
