/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_opening_start - open each of @uris in the tunnel of @profile: a desktop entry or a program that
 * the user may execute is run, anything else, folders too, is opened by its default application.
 * @context: where the first window shall appear; NULL: anywhere. Returns at once; what goes wrong is told
 * by a notification of the running GApplication, which is held meanwhile. */
void wgw_opening_start(const char *profile, const char *const *uris, GAppLaunchContext *context);

/* wgw_opening_complain - that notification. */
void wgw_opening_complain(const char *title, const char *message);
