/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* wgw_program_path - where one of the project's own programs is ("wg-wrap-join"), for execution:
 * in $WG_WRAP_PROGRAMS, a directory, if that is set (the build tree's tests do), else where
 * `meson install` put it. To be freed with free(), or g_free(), which is the same; NULL only without
 * memory. */
char *wgw_program_path(const char *name);

/* wgw_data_path - where one of the project's data files or directories is ("recipes"): in
 * $WG_WRAP_DATA if that is set, else where `meson install` put it. To be freed as above. */
char *wgw_data_path(const char *name);
