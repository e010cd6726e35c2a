/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What the service remembers besides profiles: $XDG_CONFIG_HOME/wg-wrap/settings.ini. Everything is
 * written atomically; what else is in the file stays, and a file that cannot be read is not written over. */

/* wgw_settings_get, wgw_settings_set - what the Manager's property @name is, as text; @fallback if it was
 * not set. (transfer full) */
char *wgw_settings_get(const char *name, const char *fallback);
gboolean wgw_settings_set(const char *name, const char *value, GError **error);

/* wgw_settings_load_link_rules - pattern -> profile's name. (transfer full) */
GHashTable *wgw_settings_load_link_rules(void);

/* wgw_settings_set_link_rule - @profile NULL: none. */
gboolean wgw_settings_set_link_rule(const char *pattern, const char *profile, GError **error);

/* What the user has chosen for a profile and is no business of its file, which may come from somebody
 * else. By default, nothing. */
typedef struct {
    GArray *forwarded; /* guint16, ports: of this machine, for the sessions */
    GArray *published; /* guint16, ports: of the sessions, for this machine */
    char **dns;        /* IP addresses: for a profile without DNS= */
    char *bus;         /* a launch's option "bus"; "": as for other profiles */
    char *page; /* the URL of a web page that tells who asks, for Session.Check(); "": none */
} WgwChoices;

/* wgw_settings_get_choices - those of the profile @name; what cannot be in the file is passed over. Clear
 * with wgw_choices_clear. */
void wgw_settings_get_choices(const char *name, WgwChoices *ret_choices);

/* wgw_settings_set_choices - nothing chosen leaves nothing in the file. */
gboolean wgw_settings_set_choices(const char *name, const WgwChoices *choices, GError **error);

/* wgw_settings_move_choices - the profile @from is now called @to; NULL: it is gone. */
gboolean wgw_settings_move_choices(const char *from, const char *to, GError **error);

void wgw_choices_clear(WgwChoices *choices);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WgwChoices, wgw_choices_clear)

/* wgw_ports_from_variant - the ports of an aq, each once, in order. NULL with
 * WGW_ERROR_INVALID_ARGUMENT if there are too many, or one is 0. Free with g_array_unref. */
GArray *wgw_ports_from_variant(GVariant *numbers, GError **error);
GVariant *wgw_ports_to_variant(GArray *ports);

/* wgw_servers_check - FALSE with WGW_ERROR_INVALID_ARGUMENT for what is no list of IP addresses, or too
 * long. */
gboolean wgw_servers_check(const char *const *servers, GError **error);

/* wgw_page_check - FALSE with WGW_ERROR_INVALID_ARGUMENT for what is neither "" nor http: or https:. */
gboolean wgw_page_check(const char *url, GError **error);
