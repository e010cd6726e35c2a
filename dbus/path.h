/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What follows from a profile's name alone: the paths of its objects, and its session's directory.
 * Nothing here looks at a disk or a bus. */

/* wgw_path_for_profile, wgw_path_for_session - the object's path: every byte of the name but A-Z,
 * a-z and 0-9 is an underscore and two hexadecimal digits. (transfer full) */
char *wgw_path_for_profile(const char *name);
char *wgw_path_for_session(const char *name);

/* wgw_path_dup_name - the profile's name in the path of a profile or a session. (transfer full), or
 * NULL if @path is neither, which it may be when it came from a stranger. */
char *wgw_path_dup_name(const char *path);

/* wgw_path_runtime - $XDG_RUNTIME_DIR/wg-wrap. (transfer full) */
char *wgw_path_runtime(void);

/* wgw_path_session_directory - the session's directory (ARCHITECTURE.md): the first 16 hexadecimal
 * digits of the SHA-256 of @name, below wgw_path_runtime()/sessions. (transfer full) */
char *wgw_path_session_directory(const char *name);
