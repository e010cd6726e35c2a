/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/window.h"

/* The ways by which profiles come into the window; each ends with wgw_import_window_run(). */

/* wgw_intake_choose - by a file chooser. */
void wgw_intake_choose(WgwWindow *window);

/* wgw_intake_paste - from the clipboard: files, a picture of a code, or a profile's text. */
void wgw_intake_paste(WgwWindow *window);

/* wgw_intake_accept_drops - files and text that are dropped on the window. */
void wgw_intake_accept_drops(WgwWindow *window);

/* wgw_intake_files - @files are GFile. */
void wgw_intake_files(WgwWindow *window, GListModel *files);
