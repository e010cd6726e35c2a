/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* wgw_profile_name_make - a name that the contract takes (see Manager.ImportProfile), as near as possible to
 * @wish, which may be anything; @number > 1 is put behind it: "work 2". (transfer full) */
char *wgw_profile_name_make(const char *wish, guint number);
