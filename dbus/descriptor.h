/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gunixfdlist.h>

/* wgw_descriptor_take - the descriptor that @handle is in a message, by whoever sent that; @fds, which may be
 * NULL, came with it. The caller's, O_CLOEXEC; or -1: with WGW_ERROR_INVALID_ARGUMENT if there is none, and
 * WGW_ERROR_LIMIT_REACHED if there is no room for one more. */
int wgw_descriptor_take(GUnixFDList *fds, gint32 handle, GError **error);
