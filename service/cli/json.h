/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* wgw_json_print - print @value, which is sunk and released, as JSON and a newline on the standard
 * output; over several lines, indented, if @pretty. */
void wgw_json_print(GVariant *value, gboolean pretty);
