/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/numbers.h"

#include <glib.h>

void
wgw_numbers_use(void)
{
    g_ascii_strtoull("0", NULL, 10);
}
