/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

/* One thing that has happened to a tunnel, as Profile.GetLog() tells it. Properties for a row and a
 * search: "icon-name"; "heading", when it was and how grave; "message"; "line", all of it. */
#define WGW_TYPE_LOG_ENTRY (wgw_log_entry_get_type())
G_DECLARE_FINAL_TYPE(WgwLogEntry, wgw_log_entry, WGW, LOG_ENTRY, GObject)

/* wgw_log_entry_new - @time in µs since 1970, @severity and @message as in the contract. */
WgwLogEntry *wgw_log_entry_new(guint64 time, const char *severity, const char *message);

/* wgw_log_entry_get_line - for the clipboard. (transfer none) */
const char *wgw_log_entry_get_line(WgwLogEntry *entry);
