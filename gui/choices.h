/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* What is chosen for a tunnel beside its profile's file, and what becomes of it. Filled by the client:
 * "forwarded-ports", "published-ports", "tunnel-dns", "bus", "address-page" and "autostart"; and "local-ports"
 * while a session runs. Signal "changed": any of them. */
#define WGW_TYPE_CHOICES (wgw_choices_get_type())
G_DECLARE_FINAL_TYPE(WgwChoices, wgw_choices, WGW, CHOICES, GObject)

WgwChoices *wgw_choices_new(void);

/* wgw_choices_dup_forwarded, wgw_choices_dup_published - "5432, 8080". (transfer full) */
char *wgw_choices_dup_forwarded(WgwChoices *choices);
char *wgw_choices_dup_published(WgwChoices *choices);

/* wgw_choices_get_dns - NULL-terminated, lent; never NULL. */
const char *const *wgw_choices_get_dns(WgwChoices *choices);

/* wgw_choices_get_bus - "" for as in other tunnels; lent. */
const char *wgw_choices_get_bus(WgwChoices *choices);

/* wgw_choices_get_page - the URL that a check asks; "" if none. */
const char *wgw_choices_get_page(WgwChoices *choices);

/* wgw_choices_get_autostart - whether it is opened at login. */
gboolean wgw_choices_get_autostart(WgwChoices *choices);

/* wgw_choices_dup_problems - what does not work, a line each; NULL if nothing. (transfer full) */
char *wgw_choices_dup_problems(WgwChoices *choices);

/* wgw_choices_parse_ports - an aq, floating, of what a person wrote; NULL if it is no list of ports. */
GVariant *wgw_choices_parse_ports(const char *text);

/* wgw_choices_split - the words of a list with commas, blanks or both. (transfer full) */
char **wgw_choices_split(const char *text);
