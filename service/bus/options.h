/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* The a{sv} that Launch and its relatives take. */

typedef enum {
    WGW_OPTIONS_WAIT = 1 << 0,   /* "wait", "timeout" */
    WGW_OPTIONS_LAUNCH = 1 << 1, /* "cwd", "env", … */
    WGW_OPTIONS_ACTION = 1 << 2, /* "action" */
} WgwOptionsGroup;

/* wgw_options_check - whether @options has only options of @groups, each of its type and with a value
 * that may be. If not, WGW_ERROR_INVALID_ARGUMENT. */
gboolean wgw_options_check(GVariant *options, WgwOptionsGroup groups, GError **error);

/* wgw_options_check_bus - whether @policy is a value of the option "bus". If not,
 * WGW_ERROR_INVALID_ARGUMENT. */
gboolean wgw_options_check_bus(const char *policy, GError **error);

/* wgw_options_get_wait - for how many seconds to wait for a handshake; 0: not at all. */
guint wgw_options_get_wait(GVariant *options);
