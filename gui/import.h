/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/client.h"

/* @imported: what was taken, @problems: what was wrong, a line for each file; both for people, and NULL if
 * there is nothing to be said. */
typedef void (*WgwImportDone)(const char *imported, const char *problems, gpointer user_data);

/* wgw_import_files - import wg-quick files, a GListModel of GFile, one after the other; a profile is
 * named after its file, and "NAME 2" and so on where that is taken. @done is called once. */
void wgw_import_files(WgwClient *client, GListModel *files, WgwImportDone done, gpointer user_data);
