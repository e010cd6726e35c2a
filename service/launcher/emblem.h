/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* wgw_emblem_draw - an application's icon (a name, or a path) with our emblem in its corner: the text of an SVG.
 * NULL if it is not where applications put theirs, the theme hicolor and pixmaps, or is neither PNG nor SVG. Free
 * with g_free. Reads a small local file. */
char *wgw_emblem_draw(const char *icon);
