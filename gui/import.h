/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/client.h"
#include "gui/profile-text.h"

/* Profiles on their way to the service: from files, of which each may have many, or from texts. A profile is
 * named after where it comes from, and "NAME 2" and so on where that is taken.
 *
 * Signals: "progressed", whenever there is more to tell, and "finished", once. */
#define WGW_TYPE_IMPORT (wgw_import_get_type())
G_DECLARE_FINAL_TYPE(WgwImport, wgw_import, WGW, IMPORT, GObject)

WgwImport *wgw_import_new(WgwClient *client);

/* wgw_import_add_file, wgw_import_add_text - before wgw_import_start(). @text is taken. */
void wgw_import_add_file(WgwImport *import, GFile *file);
void wgw_import_add_text(WgwImport *import, WgwProfileText *text);

/* wgw_import_start - it lives until it has finished, and does so from the main loop. */
void wgw_import_start(WgwImport *import);

/* wgw_import_cancel - what is on its way to the service arrives; all else is left out. */
void wgw_import_cancel(WgwImport *import);

gboolean wgw_import_is_cancelled(WgwImport *import);
gboolean wgw_import_is_finished(WgwImport *import);

/* wgw_import_get_done - how many profiles have been dealt with; @ret_total: of how many that are known yet. */
guint wgw_import_get_done(WgwImport *import, guint *ret_total);

/* wgw_import_get_taken - how many profiles there are now; @ret_name: the first one's name, or NULL. */
guint wgw_import_get_taken(WgwImport *import, const char **ret_name);

/* wgw_import_get_problems - of WgwImportProblem. (transfer none) */
GListModel *wgw_import_get_problems(WgwImport *import);
