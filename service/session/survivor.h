/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gunixfdlist.h>

/* wgw_survivor_dup_namespaces - the user, mount and network namespace of a session whose supervisor died,
 * from the anchor, which is told by the session's lock that it holds. NULL: there is none. (transfer
 * full) */
GUnixFDList *wgw_survivor_dup_namespaces(const char *name);
