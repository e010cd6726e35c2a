/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* A configuration on its way between a file and the service. It has keys in it, so each of these
 * strings is wiped by wgw_text_free. */

/* wgw_text_read - all of @file, "-" for the standard input: UTF-8 of at most 1 MiB. (transfer full),
 * or NULL with @error set. */
char *wgw_text_read(const char *file, GError **error);

/* wgw_text_memfd - @text as a readable descriptor at its beginning, in no file system. Owned by the
 * caller, or -1 with @error set. */
int wgw_text_memfd(const char *text, GError **error);

/* wgw_text_write_new - write @text into the file @path, which is made with mode 0600 and must not
 * exist. */
gboolean wgw_text_write_new(const char *path, const char *text, GError **error);

/* wgw_text_free - wipe and free. */
void wgw_text_free(char *text);

/* wgw_text_print_problems - write each row of an a(uusss), as CheckConfig gives them, as
 * "@file:line:column: severity: message" on the standard error. Whether one is an error. */
gboolean wgw_text_print_problems(GVariant *problems, const char *file);

typedef char WgwText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwText, wgw_text_free)
