/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/changes.h"

#include <glib/gi18n.h>
#include <string.h>

#include "profile/uapi.h"

/* Of a public key, in characters. */
#define SHORT_KEY 8

static char *
dup_short_key_of(const WgwPeer *peer)
{
    char key[WGW_KEY_BASE64_LEN + 1];

    wgw_key_to_base64(wgw_peer_get_public_key(peer), key);
    return g_strdup_printf("%.*s…", SHORT_KEY, key);
}

static G_GNUC_PRINTF(2, 3) void add_part(GPtrArray *parts, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(parts, g_strdup_vprintf(format, args));
    va_end(args);
}

static gboolean
same_addresses(const WgwAddress *a, gsize n_a, const WgwAddress *b, gsize n_b)
{
    return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * sizeof *a) == 0);
}

static char *
dup_addresses(const WgwAddress *addresses, gsize n, char *(*to_string)(const WgwAddress *))
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < n; i++)
        g_ptr_array_add(parts, to_string(&addresses[i]));
    return wgw_changes_join(parts);
}

/* What the interface has, or, where it had others, what is another. */
static void
add_interface(GPtrArray *parts, const WgwConfig *from, const WgwConfig *to)
{
    gsize n_before = 0, n;
    const WgwAddress *before = from ? wgw_config_get_addresses(from, &n_before) : NULL;
    const WgwAddress *after = wgw_config_get_addresses(to, &n);

    if (!same_addresses(before, n_before, after, n)) {
        g_autofree char *text = dup_addresses(after, n, wgw_address_to_string);

        add_part(parts, _("addresses %s"), text);
    }
    n_before = 0;
    before = from ? wgw_config_get_dns(from, &n_before) : NULL;
    after = wgw_config_get_dns(to, &n);
    if (n == 0 && (!from || n_before > 0))
        add_part(parts, _("no DNS"));
    else if (!same_addresses(before, n_before, after, n)) {
        g_autofree char *text = dup_addresses(after, n, wgw_address_to_ip);

        add_part(parts, _("DNS %s"), text);
    }
}

static void
add_peers(GPtrArray *parts, const WgwConfig *from, const WgwConfig *to)
{
    for (guint i = 0; i < wgw_config_get_n_peers(from); i++) {
        const WgwPeer *peer = wgw_config_get_peer(from, i);
        g_autofree char *key = dup_short_key_of(peer);

        if (!wgw_config_find_peer(to, wgw_peer_get_public_key(peer)))
            add_part(parts, _("peer %s removed"), key);
    }
    for (guint i = 0; i < wgw_config_get_n_peers(to); i++) {
        const WgwPeer *peer = wgw_config_get_peer(to, i);
        const WgwPeer *before = wgw_config_find_peer(from, wgw_peer_get_public_key(peer));
        g_autofree char *key = dup_short_key_of(peer);

        if (!before)
            add_part(parts, _("peer %s added"), key);
        else if (!wgw_uapi_is_same_peer(before, peer))
            add_part(parts, _("peer %s changed"), key);
    }
}

/* ---- Public ---- */

GPtrArray *
wgw_changes_new(const WgwConfig *from, const WgwConfig *to)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
    guint mtu = wgw_config_get_mtu(to);

    add_interface(parts, from, to);
    if (mtu > 0 && (!from || mtu != wgw_config_get_mtu(from)))
        wgw_changes_add_mtu(parts, mtu);
    else if (from && mtu != wgw_config_get_mtu(from))
        add_part(parts, _("MTU as the network allows"));
    if (!from)
        return parts;
    if (!g_strv_equal(wgw_config_get_search_domains(from), wgw_config_get_search_domains(to)))
        add_part(parts, _("search domains"));
    if (memcmp(wgw_config_get_public_key(from), wgw_config_get_public_key(to), WGW_KEY_LEN) != 0)
        add_part(parts, _("another private key"));
    add_peers(parts, from, to);
    return parts;
}

void
wgw_changes_add_mtu(GPtrArray *changes, guint mtu)
{
    add_part(changes, _("MTU %u"), mtu);
}

char *
wgw_changes_join(GPtrArray *changes)
{
    g_ptr_array_add(changes, NULL);
    return g_strjoinv(", ", (char **)changes->pdata);
}
