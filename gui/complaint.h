/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_complain - say in front of @parent what did not work, for as long as it takes to be read. @body is
 * plain text. */
void wgw_complain(GtkWindow *parent, const char *heading, const char *body);
