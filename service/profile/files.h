/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Small private files with care: what is read is a regular file of the user's and nothing that
 * could block, what is written is there whole or not at all. Paths are absolute. Errors are
 * WGW_ERROR_NO_SUCH_PROFILE, PROFILE_EXISTS, NOT_PERMITTED, LIMIT_REACHED or FAILED. */

/* wgw_files_open - read-only, O_CLOEXEC, the caller's. Symbolic links are not followed. -1 with an
 * error; NOT_PERMITTED for what is no regular file or not the user's. */
int wgw_files_open(const char *path, GError **error);

/* wgw_files_parse - read fd, which stays the caller's, as a key file: a regular one, and a small one. */
gboolean wgw_files_parse(int fd, GKeyFile *file, GKeyFileFlags flags, GError **error);

/* wgw_files_write - make path a file of that content, mode 0600, and have it on the disk. On
 * failure, what was there is as it was. replace: whether something may be there already; if not,
 * PROFILE_EXISTS. */
gboolean
wgw_files_write(const char *path, const char *content, gsize len, gboolean replace, GError **error);

/* wgw_files_rename - never over an existing file, whoever makes it when: PROFILE_EXISTS. */
gboolean wgw_files_rename(const char *from, const char *to, GError **error);

gboolean wgw_files_remove(const char *path, GError **error);

/* wgw_files_sweep - remove what a wgw_files_write that was cut off left in directory a while ago. */
void wgw_files_sweep(const char *directory);
