/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gunixfdlist.h>

/* The user, mount and network namespace of a session whose supervisor died. */

/* wgw_survivor_dup_namespaces - from the anchor of the session @name, which is told by the session's lock
 * that it holds. NULL: there is none. (transfer full) */
GUnixFDList *wgw_survivor_dup_namespaces(const char *name);

/* wgw_survivor_dup_namespaces_of_programs - from a program in the session @name, which is told by
 * the session's mark (ARCHITECTURE.md); for when nobody has its lock. NULL: there is none. (transfer
 * full) */
GUnixFDList *wgw_survivor_dup_namespaces_of_programs(const char *name);
