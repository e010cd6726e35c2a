/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gunixfdlist.h>

#include "bus/service.h"

/* From a request on the bus to a program in a session. Each checks its @options, which may be floating, first.
 * Finish with wgw_launch_finish: the process ID of the first program, 0 with @error set. */

/* wgw_launch_command_async - @argv as org.wgwrap.WgWrap1.Manager.Launch() takes it. */
void wgw_launch_command_async(WgwService *service,
                              WgwProfile *profile,
                              const char *const *argv,
                              GVariant *options,
                              GUnixFDList *fds,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* wgw_launch_application_async - @desktop_id: an ID or a path. */
void wgw_launch_application_async(WgwService *service,
                                  WgwProfile *profile,
                                  const char *desktop_id,
                                  const char *const *uris,
                                  GVariant *options,
                                  GUnixFDList *fds,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

/* wgw_launch_uris_async - each with its default handler. */
void wgw_launch_uris_async(WgwService *service,
                           WgwProfile *profile,
                           const char *const *uris,
                           GVariant *options,
                           GUnixFDList *fds,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

guint wgw_launch_finish(GAsyncResult *result, GError **error);
