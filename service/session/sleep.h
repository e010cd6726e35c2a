/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* wgw_sleep_watch - call @woke whenever the machine has woken up, from now until the process ends. logind
 * says so; where there is none, or no system bus, nobody does. */
void wgw_sleep_watch(void (*woke)(gpointer user_data), gpointer user_data);
