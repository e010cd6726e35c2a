/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

/* wgw_leftover_remove_soon - remove a session's directory as soon as the last of its processes has given
 * back the lock, unless @in_use says by then that a new session of that name has it. Whose lock is not
 * given back within seconds keeps the directory, for the next service to sweep. @owner lives until then. */
void wgw_leftover_remove_soon(const char *name,
                              gboolean (*in_use)(const char *name, gpointer owner),
                              gpointer owner);
