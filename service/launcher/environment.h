/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* wgw_environment_forget_own - take out of this process's environment what others have told it of itself
 * (NOTIFY_SOCKET, LISTEN_FDS, …): nothing that it starts shall hear that. Before there are threads. */
void wgw_environment_forget_own(void);

/**
 * wgw_environment_new:
 * @base: "NAME=value" each: the environment of the service (g_get_environ())
 * @options: (nullable): a{sv} of which "env" a{ss}, "setenv" a{ss}, "unsetenv" as and
 *   "activation-token" s are looked at, see org.wgwrap.WgWrap1.Manager.Launch()
 * @profile: the name that WG_WRAP_PROFILE tells the program
 *
 * The whole environment of a program in a session.
 *
 * Returns: (transfer full): "NAME=value" each, free with g_strfreev; or %NULL with
 *   WGW_ERROR_INVALID_ARGUMENT: an option of another type, or a name that cannot be one
 */
char **wgw_environment_new(const char *const *base,
                           GVariant *options,
                           const char *profile,
                           GError **error);

/* wgw_environment_reaches_bus - whether the session bus that @environment names can be reached from another
 * network namespace: not by an abstract address, nor by TCP. */
gboolean wgw_environment_reaches_bus(const char *const *environment);
