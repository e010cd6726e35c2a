/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "launcher/application.h"

/* Which tunnel a link opens in, by its host. A rule is a pattern and a profile's name:
 *
 *      intranet.corp.example   that host
 *      *.corp.example          every host below corp.example
 *      *                       every host
 *
 * What a browser might read otherwise than we do is no link: it would be sent by one host's rule to another.
 */

/* wgw_link_dup_host - the host of an http or https URI as rules have it: lower case, ASCII, without the root's
 * dot, an address in its usual form. NULL with WGW_ERROR_INVALID_ARGUMENT. */
char *wgw_link_dup_host(const char *uri, GError **error);

/* wgw_link_dup_pattern - a pattern in the same form. NULL with WGW_ERROR_INVALID_ARGUMENT. */
char *wgw_link_dup_pattern(const char *pattern, GError **error);

/* wgw_link_find_profile - what the most exact of the rules (pattern -> name) says of a host; lent, or NULL. */
const char *wgw_link_find_profile(GHashTable *rules, const char *host);

/* wgw_browser_find - what opens links where no rule does: @wanted, a desktop ID, or "" or one that is not
 * there for the desktop's next choice after us. Never one of our own entries. WGW_ERROR_NO_SUCH_APPLICATION if
 * there is no other. Reads small local files. */
WgwApplication *wgw_browser_find(const char *wanted, GError **error);
