/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* Text that holds keys: growing, always with a NUL after its end, in guarded memory (never
 * swapped, in no core file, between inaccessible pages), wiped when it moves and when it is freed. */
typedef struct _WgwSecret WgwSecret;

/* wgw_secret_new - a copy of len bytes; -1: up to the NUL. Free with wgw_secret_free. */
WgwSecret *wgw_secret_new(const char *text, gssize len);

/* wgw_secret_read - all that the regular file (or memfd) fd holds, from its beginning; fd's offset
 * stays. Free with wgw_secret_free. More than limit bytes, or a descriptor that may block (a pipe,
 * a terminal), is WGW_ERROR_INVALID_ARGUMENT. */
WgwSecret *wgw_secret_read(int fd, gsize limit, GError **error);

/* wgw_secret_free - wipe and free; NULL is nothing. */
void wgw_secret_free(WgwSecret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwSecret, wgw_secret_free)

/* wgw_secret_get_text - the text, NUL-terminated, lent until the next append. */
const char *wgw_secret_get_text(const WgwSecret *secret);
gsize wgw_secret_get_length(const WgwSecret *secret);

/* wgw_secret_append - add len bytes; -1: up to the NUL. */
void wgw_secret_append(WgwSecret *secret, const char *text, gssize len);

/* wgw_secret_append_hex - add bytes as lower-case hexadecimal digits, in constant time. */
void wgw_secret_append_hex(WgwSecret *secret, const guint8 *bytes, gsize len);

/* wgw_secret_append_printf - add formatted text; for what is not secret itself. */
void wgw_secret_append_printf(WgwSecret *secret, const char *format, ...) G_GNUC_PRINTF(2, 3);
