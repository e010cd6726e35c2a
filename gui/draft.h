/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* What was typed and not saved, kept for the case that the application dies:
 * $XDG_STATE_HOME/wg-wrap/drafts/NAME.conf, for the user alone, since it has keys in it. Files are
 * read and written by other threads, one after the other. Signal "failed" (const char *message): the
 * draft could not be kept. */
#define WGW_TYPE_DRAFT (wgw_draft_get_type())
G_DECLARE_FINAL_TYPE(WgwDraft, wgw_draft, WGW, DRAFT, GObject)

/* wgw_draft_new - of the profile @name; there may be one or not. */
WgwDraft *wgw_draft_new(const char *name);

/* wgw_draft_load - what an earlier run has left. wgw_draft_load_finish answers NULL without an error
 * if that is nothing; free with wgw_key_text_free. @ret_when: when it was written, in seconds since
 * 1970. */
void wgw_draft_load(WgwDraft *draft, GAsyncReadyCallback callback, gpointer user_data);
char *
wgw_draft_load_finish(WgwDraft *draft, GAsyncResult *result, gint64 *ret_when, GError **error);

/* wgw_draft_list - of which profiles there is one. wgw_draft_list_finish answers their names,
 * (transfer full). */
void wgw_draft_list(GAsyncReadyCallback callback, gpointer user_data);
char **wgw_draft_list_finish(GAsyncResult *result);

/* wgw_draft_set_text - keep this from now on; NULL: nothing. The application goes on until that is
 * done. */
void wgw_draft_set_text(WgwDraft *draft, const char *text);
