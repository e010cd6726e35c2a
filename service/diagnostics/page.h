/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_page_ask - the address that the page @url has seen us come from: the first IP address in what it
 * answers. Asks through no proxy, follows no redirection, and takes some seconds at most. (transfer
 * full); NULL with @error set. */
GInetAddress *wgw_page_ask(const char *url, GError **error);
