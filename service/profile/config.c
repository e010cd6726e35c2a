/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/config.h"

#include <glib/gi18n.h>

#include "dbus/error.h"
#include "profile/config-private.h"

G_DEFINE_BOXED_TYPE(WgwConfig, wgw_config, wgw_config_ref, wgw_config_unref)

static void
peer_clear(gpointer data)
{
    WgwPeer *peer = data;

    g_clear_pointer(&peer->endpoint.host, g_free);
    g_clear_pointer(&peer->allowed_ips, g_array_unref);
}

WgwConfig *
wgw_config_new(void)
{
    WgwConfig *config = g_atomic_rc_box_new0(WgwConfig);

    config->addresses = g_array_new(FALSE, FALSE, sizeof(WgwAddress));
    config->dns = g_array_new(FALSE, FALSE, sizeof(WgwAddress));
    config->search_domains = g_ptr_array_new_with_free_func(g_free);
    config->peers = g_array_new(FALSE, TRUE, sizeof(WgwPeer));
    g_array_set_clear_func(config->peers, peer_clear);
    config->by_public_key = g_hash_table_new(wgw_key_hash, wgw_key_equal);
    return config;
}

static void
config_clear(gpointer data)
{
    WgwConfig *config = data;

    g_hash_table_unref(config->by_public_key);
    g_array_unref(config->peers);
    g_ptr_array_unref(config->search_domains);
    g_array_unref(config->dns);
    g_array_unref(config->addresses);
    g_free(config->table);
    wgw_secret_free(config->secrets);
}

WgwConfig *
wgw_config_ref(WgwConfig *config)
{
    return g_atomic_rc_box_acquire(config);
}

void
wgw_config_unref(WgwConfig *config)
{
    g_atomic_rc_box_release_full(config, config_clear);
}

WgwConfig *
wgw_config_load(int fd, WgwConfigFlags flags, GPtrArray **ret_problems, GError **error)
{
    g_autoptr(WgwSecret) text = wgw_secret_read(fd, WGW_CONFIG_MAX_SIZE, error);

    if (!text) {
        if (ret_problems)
            *ret_problems = wgw_problems_new();
        return NULL;
    }
    return wgw_config_parse(wgw_secret_get_text(text), wgw_secret_get_length(text), flags,
                            ret_problems, error);
}

gboolean
wgw_config_check_usable(const WgwConfig *config, GError **error)
{
    const char *message = NULL;

    if (!config->has_private_key)
        message = _("The profile has no private key. Add PrivateKey= below [Interface].");
    else if (config->addresses->len == 0)
        message = _("The profile has no address. Add Address= below [Interface].");
    else if (config->peers->len == 0)
        message = _("The profile has no peer. Add a [Peer] section.");
    if (message)
        g_set_error_literal(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE, message);
    return message == NULL;
}

static const WgwAddress *
lend_addresses(GArray *addresses, gsize *ret_n)
{
    *ret_n = addresses->len;
    return (const WgwAddress *)(const void *)addresses->data;
}

const guint8 *
wgw_config_get_private_key(const WgwConfig *config)
{
    return config->private_key;
}

const guint8 *
wgw_config_get_public_key(const WgwConfig *config)
{
    return config->has_private_key ? config->public_key : NULL;
}

guint16
wgw_config_get_listen_port(const WgwConfig *config)
{
    return config->listen_port;
}

guint32
wgw_config_get_fwmark(const WgwConfig *config)
{
    return config->fwmark;
}

guint
wgw_config_get_mtu(const WgwConfig *config)
{
    return config->mtu;
}

const char *
wgw_config_get_table(const WgwConfig *config)
{
    return config->table;
}

const WgwAddress *
wgw_config_get_addresses(const WgwConfig *config, gsize *ret_n)
{
    return lend_addresses(config->addresses, ret_n);
}

const WgwAddress *
wgw_config_get_dns(const WgwConfig *config, gsize *ret_n)
{
    return lend_addresses(config->dns, ret_n);
}

const char *const *
wgw_config_get_search_domains(const WgwConfig *config)
{
    return (const char *const *)config->search_domains->pdata;
}

guint
wgw_config_get_n_peers(const WgwConfig *config)
{
    return config->peers->len;
}

const WgwPeer *
wgw_config_get_peer(const WgwConfig *config, guint index)
{
    g_return_val_if_fail(index < config->peers->len, NULL);
    return &g_array_index(config->peers, WgwPeer, index);
}

const WgwPeer *
wgw_config_find_peer(const WgwConfig *config, const guint8 public_key[WGW_KEY_LEN])
{
    return g_hash_table_lookup(config->by_public_key, public_key);
}

const guint8 *
wgw_peer_get_public_key(const WgwPeer *peer)
{
    return peer->public_key;
}

gboolean
wgw_peer_has_preshared_key(const WgwPeer *peer)
{
    return peer->has_preshared_key;
}

const guint8 *
wgw_peer_get_preshared_key(const WgwPeer *peer)
{
    return peer->preshared_key;
}

const WgwEndpoint *
wgw_peer_get_endpoint(const WgwPeer *peer)
{
    return peer->endpoint.host ? &peer->endpoint : NULL;
}

const WgwAddress *
wgw_peer_get_allowed_ips(const WgwPeer *peer, gsize *ret_n)
{
    return lend_addresses(peer->allowed_ips, ret_n);
}

guint16
wgw_peer_get_persistent_keepalive(const WgwPeer *peer)
{
    return peer->keepalive;
}
