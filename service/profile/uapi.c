/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/uapi.h"

#include <sodium.h>
#include <string.h>

static void
append_key(WgwSecret *text, const char *name, const guint8 key[WGW_KEY_LEN])
{
    wgw_secret_append(text, name, -1);
    wgw_secret_append(text, "=", 1);
    wgw_secret_append_hex(text, key, WGW_KEY_LEN);
    wgw_secret_append(text, "\n", 1);
}

static void
append_endpoint(WgwSecret *text, const char *address, guint16 port)
{
    wgw_secret_append_printf(text, strchr(address, ':') ? "endpoint=[%s]:%u\n" : "endpoint=%s:%u\n",
                             address, port);
}

static void
append_allowed_ips(WgwSecret *text, const WgwPeer *peer)
{
    const WgwAddress *allowed_ips;
    gsize n;

    wgw_secret_append(text, "replace_allowed_ips=true\n", -1);
    allowed_ips = wgw_peer_get_allowed_ips(peer, &n);
    for (gsize i = 0; i < n; i++) {
        g_autofree char *allowed_ip = wgw_address_to_string(&allowed_ips[i]);

        wgw_secret_append_printf(text, "allowed_ip=%s\n", allowed_ip);
    }
}

/* All of a peer that the engine does not have. */
static void
append_peer(WgwSecret *text, const WgwPeer *peer)
{
    const WgwEndpoint *endpoint = wgw_peer_get_endpoint(peer);

    append_key(text, "public_key", wgw_peer_get_public_key(peer));
    if (wgw_peer_get_preshared_key(peer))
        append_key(text, "preshared_key", wgw_peer_get_preshared_key(peer));
    if (endpoint && endpoint->numeric)
        append_endpoint(text, endpoint->host, endpoint->port);
    wgw_secret_append_printf(text, "persistent_keepalive_interval=%u\n",
                             wgw_peer_get_persistent_keepalive(peer));
    append_allowed_ips(text, peer);
}

static void
append_removal(WgwSecret *text, const WgwPeer *peer)
{
    append_key(text, "public_key", wgw_peer_get_public_key(peer));
    wgw_secret_append(text, "remove=true\n", -1);
}

/* Whether two keys, of which either may be missing, are the same one. */
static gboolean
same_secret(const guint8 *a, const guint8 *b)
{
    return a && b ? sodium_memcmp(a, b, WGW_KEY_LEN) == 0 : a == b;
}

static gboolean
same_endpoint(const WgwEndpoint *a, const WgwEndpoint *b)
{
    return a && b ? a->port == b->port && strcmp(a->host, b->host) == 0 : a == b;
}

static gboolean
same_allowed_ips(const WgwPeer *a, const WgwPeer *b)
{
    gsize n_a, n_b;
    const WgwAddress *x = wgw_peer_get_allowed_ips(a, &n_a);
    const WgwAddress *y = wgw_peer_get_allowed_ips(b, &n_b);

    return n_a == n_b && (n_a == 0 || memcmp(x, y, n_a * sizeof *x) == 0);
}

gboolean
wgw_uapi_is_same_peer(const WgwPeer *a, const WgwPeer *b)
{
    return same_secret(wgw_peer_get_preshared_key(a), wgw_peer_get_preshared_key(b)) &&
           same_endpoint(wgw_peer_get_endpoint(a), wgw_peer_get_endpoint(b)) &&
           wgw_peer_get_persistent_keepalive(a) == wgw_peer_get_persistent_keepalive(b) &&
           same_allowed_ips(a, b);
}

static void
append_difference(WgwSecret *text, const WgwPeer *from, const WgwPeer *to)
{
    static const guint8 none[WGW_KEY_LEN];
    const guint8 *preshared_key = wgw_peer_get_preshared_key(to);
    const WgwEndpoint *endpoint = wgw_peer_get_endpoint(to);
    gboolean other_secret = !same_secret(wgw_peer_get_preshared_key(from), preshared_key);
    gboolean other_endpoint = !same_endpoint(wgw_peer_get_endpoint(from), endpoint);
    gboolean other_keepalive =
        wgw_peer_get_persistent_keepalive(from) != wgw_peer_get_persistent_keepalive(to);
    gboolean other_allowed_ips = !same_allowed_ips(from, to);

    if (wgw_uapi_is_same_peer(from, to))
        return;
    /* The protocol has no word for taking an endpoint away. */
    if (other_endpoint && !endpoint) {
        append_removal(text, from);
        append_peer(text, to);
        return;
    }
    append_key(text, "public_key", wgw_peer_get_public_key(to));
    wgw_secret_append(text, "update_only=true\n", -1);
    if (other_secret)
        append_key(text, "preshared_key", preshared_key ? preshared_key : none);
    if (other_endpoint && endpoint->numeric)
        append_endpoint(text, endpoint->host, endpoint->port);
    if (other_keepalive)
        wgw_secret_append_printf(text, "persistent_keepalive_interval=%u\n",
                                 wgw_peer_get_persistent_keepalive(to));
    if (other_allowed_ips)
        append_allowed_ips(text, to);
}

WgwSecret *
wgw_config_write_uapi(const WgwConfig *config)
{
    WgwSecret *text = wgw_secret_new("set=1\n", -1);

    if (wgw_config_get_private_key(config))
        append_key(text, "private_key", wgw_config_get_private_key(config));
    wgw_secret_append(text, "replace_peers=true\n", -1);
    for (guint i = 0; i < wgw_config_get_n_peers(config); i++)
        append_peer(text, wgw_config_get_peer(config, i));
    wgw_secret_append(text, "\n", 1);
    return text;
}

WgwSecret *
wgw_config_write_uapi_change(const WgwConfig *from, const WgwConfig *to)
{
    static const guint8 none[WGW_KEY_LEN];
    g_autoptr(WgwSecret) text = wgw_secret_new("set=1\n", -1);
    const guint8 *private_key = wgw_config_get_private_key(to);
    gsize nothing = wgw_secret_get_length(text);

    if (!same_secret(wgw_config_get_private_key(from), private_key))
        append_key(text, "private_key", private_key ? private_key : none);
    for (guint i = 0; i < wgw_config_get_n_peers(from); i++) {
        const WgwPeer *peer = wgw_config_get_peer(from, i);

        if (!wgw_config_find_peer(to, wgw_peer_get_public_key(peer)))
            append_removal(text, peer);
    }
    /* An allowed IP that changes peers leaves the old one by being given to the new one. */
    for (guint i = 0; i < wgw_config_get_n_peers(to); i++) {
        const WgwPeer *peer = wgw_config_get_peer(to, i);
        const WgwPeer *before = wgw_config_find_peer(from, wgw_peer_get_public_key(peer));

        if (before)
            append_difference(text, before, peer);
        else
            append_peer(text, peer);
    }
    if (wgw_secret_get_length(text) == nothing)
        return NULL;
    wgw_secret_append(text, "\n", 1);
    return g_steal_pointer(&text);
}

char *
wgw_uapi_write_endpoint(const guint8 public_key[WGW_KEY_LEN], const char *address, guint16 port)
{
    g_autoptr(WgwSecret) text = wgw_secret_new("set=1\n", -1);

    append_key(text, "public_key", public_key);
    wgw_secret_append(text, "update_only=true\n", -1);
    append_endpoint(text, address, port);
    wgw_secret_append(text, "\n", 1);
    return g_strdup(wgw_secret_get_text(text));
}
