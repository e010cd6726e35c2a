/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

#include "profile/profile.h"

/* wgw_start_async - start a supervisor for @profile, handing it all that ARCHITECTURE.md says. @lock
 * (taken) is the session's. It is a child of this process, but does not end with it. */
void wgw_start_async(WgwProfile *profile,
                     int lock,
                     guint linger,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);

/* wgw_start_finish - TRUE once its "bus" and "door" answer; else the supervisor's own error. */
gboolean wgw_start_finish(GAsyncResult *result, GError **error);
