/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

#include "launcher/application.h"

/* wgw_handler_find_async - find the default application for uri: that of its scheme, for a file
 * that of its content type. If that is ourselves, it is what wgw_browser_find says of @browser. */
void wgw_handler_find_async(const char *uri,
                            const char *browser,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/* wgw_handler_find_finish - the application (free with wgw_application_unref), or NULL with
 * WGW_ERROR_NO_SUCH_APPLICATION, WGW_ERROR_INVALID_ARGUMENT (not a URI) or an error of GIO's (no
 * such file). */
WgwApplication *wgw_handler_find_finish(GAsyncResult *result, GError **error);
