/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_image_code_is - whether @bytes begin like a picture of which codes can be read: PNG, JPEG, WebP. */
gboolean wgw_image_code_is(const char *bytes, gsize size);

/* wgw_image_code_read - the text of each QR code in a picture as a WgwProfileText, appended to @texts, or
 * what was wrong. @label is the picture's name for people. It may be hostile, and takes its time: for a thread. */
void wgw_image_code_read(const char *label, const char *bytes, gsize size, GPtrArray *texts);
