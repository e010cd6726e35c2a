/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_page_serve - serve the demo's web page on port 80 of @address, in threads of its own: whatever
 * is asked, it says where the question came from, in HTML to browsers and as text to others.
 * (transfer full); ends with the last reference. */
GSocketService *wgw_page_serve(const char *address, GError **error);

/* wgw_page_fetch - get @url, "http://ADDRESS/" with a numeric address: the answer's body, (transfer
 * full), or NULL with @error set. No proxy, no names, no redirections, @seconds at most. */
char *wgw_page_fetch(const char *url, guint seconds, GError **error);
