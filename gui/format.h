/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Numbers as people read them, translated. All (transfer full). */

/* wgw_format_rate - bytes per second: "1.2 MB/s". */
char *wgw_format_rate(double rate);

/* wgw_format_age - how long ago @then was, seconds since 1970: "12 seconds ago", "just now", "never" for 0. */
char *wgw_format_age(guint64 then);
