/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Words for people. What comes from elsewhere (a program's name, a file's text in a message) may be
 * hostile to a terminal, so control characters never reach it. */

/* wgw_format_line - @text as one line: valid UTF-8, each control character a "�". (transfer full) */
char *wgw_format_line(const char *text);

/* wgw_format_seconds - "12 s", "3 min", "5 h", "2 d". (transfer full) */
char *wgw_format_seconds(gint64 seconds);

/* wgw_format_state - a session's state, as the contract names it, in the reader's language; what is
 * no such state, as it is. */
const char *wgw_format_state(const char *state);

/* wgw_format_bold, _good, _bad, _plain - the terminal's sequence for it, or "" where the standard
 * output is no terminal, or NO_COLOR is set (https://no-color.org). */
const char *wgw_format_bold(void);
const char *wgw_format_good(void);
const char *wgw_format_bad(void);
const char *wgw_format_plain(void);

/* wgw_format_print_cell - print @text, and spaces to fill @width columns of the terminal. */
void wgw_format_print_cell(const char *text, guint width);

/* wgw_format_width - the columns of the terminal that @text takes. */
guint wgw_format_width(const char *text);

/* Rows of cells, printed in columns as wide as they need to be; the first row is the heading. */
typedef struct WgwTable WgwTable;

WgwTable *wgw_table_new(guint n_columns);
void wgw_table_free(WgwTable *table);

/* wgw_table_add - add a row: n_columns strings, copied, any of which may be NULL. */
void wgw_table_add(WgwTable *table, ...);

/* wgw_table_print - print it on the standard output. */
void wgw_table_print(WgwTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwTable, wgw_table_free)
