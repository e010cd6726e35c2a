/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "profile/profile.h"

/* How to start. */
typedef struct {
    int lock; /* of wgw_runtime_lock, taken; -1: the session's anchor holds it */
    /* Of a session whose supervisor died: user, mount, network (lent); NULL: a new session. */
    GUnixFDList *namespaces;
    guint linger; /* of a session that has none yet, in seconds */
} WgwStart;

/* wgw_start_async - start a supervisor for the session @name of @profile, handing it all that
 * ARCHITECTURE.md says. It is a child of this process, but does not end with it. With namespaces,
 * @profile may be NULL, or one that cannot be used: then the session goes on as it is. */
void wgw_start_async(const char *name,
                     WgwProfile *profile,
                     const WgwStart *start,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);

/* wgw_start_finish - TRUE once its "bus" and "door" answer; else the supervisor's own error. */
gboolean wgw_start_finish(GAsyncResult *result, GError **error);
