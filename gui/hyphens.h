/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

/* wgw_forbid_hyphens - in all labels of @widget: in a key that is broken into lines one would be read as a
 * part of it. */
void wgw_forbid_hyphens(GtkWidget *widget);
