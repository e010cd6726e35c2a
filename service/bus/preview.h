/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_preview_async - what org.wgwrap.WgWrap1.Profile.DescribeLaunch() says of an application in the
 * profile of that name, launched by that bus policy. Nothing is started, and no directory made. */
void wgw_preview_async(GDBusConnection *connection,
                       const char *profile,
                       const char *policy,
                       const char *desktop_id,
                       GAsyncReadyCallback callback,
                       gpointer user_data);

/* wgw_preview_finish - a{sv}, (transfer full); NULL with @error set as of wgw_application_find and
 * wgw_application_expand. */
GVariant *wgw_preview_finish(GAsyncResult *result, GError **error);
