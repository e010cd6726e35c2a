/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "dbus/wgw-dbus.h"

/* wgw_open_dup_uris - each word a URI or the path of a file that is there, as URIs. (transfer full), or NULL
 * with @error set. */
char **wgw_open_dup_uris(char **words, GError **error);

/* wgw_open_inside - have the service open @uris in the tunnel of @profile: with the application @desktop_id, or
 * each with its default one for NULL. Then listens for some seconds: an application that was handed over to a
 * copy of itself outside is an error, too. @action and @bus are options of LaunchApp(), or NULL. */
gboolean wgw_open_inside(WgwDbusManager *manager,
                         const char *profile,
                         const char *desktop_id,
                         const char *const *uris,
                         const char *action,
                         const char *bus,
                         GError **error);
