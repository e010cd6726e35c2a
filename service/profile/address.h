/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* An IP address with a prefix length. */
typedef struct {
    guint8 family;    /* AF_INET or AF_INET6 */
    guint8 prefix;    /* bits, 0 to 32 or 128 */
    guint8 bytes[16]; /* network order; the first 4 for AF_INET, the rest is 0 */
} WgwAddress;

/* wgw_address_parse - read "ADDRESS" or "ADDRESS/PREFIX"; without one, the prefix is the whole
 * address. As strict as wg(8): inet_pton's notations and decimal digits. FALSE leaves *ret. */
gboolean wgw_address_parse(const char *text, WgwAddress *ret);

/* wgw_address_mask - clear the bits behind the prefix. TRUE if any was set. */
gboolean wgw_address_mask(WgwAddress *address);

/* wgw_address_to_string - "10.0.0.2/32". Free with g_free. */
char *wgw_address_to_string(const WgwAddress *address);

/* wgw_address_to_ip - "10.0.0.2", without the prefix. Free with g_free. */
char *wgw_address_to_ip(const WgwAddress *address);

/* For a GHashTable whose keys are WgwAddress. Hashes cannot be made to collide on purpose. */
guint wgw_address_hash(gconstpointer address);
gboolean wgw_address_equal(gconstpointer a, gconstpointer b);
