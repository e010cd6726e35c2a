/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/peer.h"

struct _WgwPeer {
    GObject parent_instance;

    char *public_key;
    char *configured_endpoint;
    char *current_endpoint; /* where the session talks to, or NULL */
    char *allowed_ips;
    guint64 last_handshake;
    guint64 rx_bytes;
    guint64 tx_bytes;
};

G_DEFINE_FINAL_TYPE(WgwPeer, wgw_peer, G_TYPE_OBJECT)

enum {
    PROP_PUBLIC_KEY = 1,
    PROP_ENDPOINT,
    PROP_ALLOWED_IPS,
    PROP_LAST_HANDSHAKE,
    PROP_RX_BYTES,
    PROP_TX_BYTES,
    N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void
set_string(WgwPeer *peer, char **field, char *value, guint property)
{
    if (g_strcmp0(*field, value) == 0) {
        g_free(value);
        return;
    }
    g_free(*field);
    *field = value;
    g_object_notify_by_pspec(G_OBJECT(peer), properties[property]);
}

static void
set_number(WgwPeer *peer, guint64 *field, guint64 value, guint property)
{
    if (*field == value)
        return;
    *field = value;
    g_object_notify_by_pspec(G_OBJECT(peer), properties[property]);
}

static guint64
lookup_number(GVariant *dict, const char *key)
{
    guint64 value = 0;

    if (dict)
        g_variant_lookup(dict, key, "t", &value);
    return value;
}

static char *
dup_lookup_string(GVariant *dict, const char *key)
{
    char *value = NULL;

    if (dict)
        g_variant_lookup(dict, key, "s", &value);
    if (value && !*value)
        g_clear_pointer(&value, g_free);
    return value;
}

static void
wgw_peer_finalize(GObject *object)
{
    WgwPeer *peer = WGW_PEER(object);

    g_free(peer->public_key);
    g_free(peer->configured_endpoint);
    g_free(peer->current_endpoint);
    g_free(peer->allowed_ips);
    G_OBJECT_CLASS(wgw_peer_parent_class)->finalize(object);
}

static void
wgw_peer_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwPeer *peer = WGW_PEER(object);

    switch (id) {
    case PROP_PUBLIC_KEY:
        g_value_set_string(value, peer->public_key);
        break;
    case PROP_ENDPOINT:
        g_value_set_string(value, wgw_peer_get_endpoint(peer));
        break;
    case PROP_ALLOWED_IPS:
        g_value_set_string(value, peer->allowed_ips);
        break;
    case PROP_LAST_HANDSHAKE:
        g_value_set_uint64(value, peer->last_handshake);
        break;
    case PROP_RX_BYTES:
        g_value_set_uint64(value, peer->rx_bytes);
        break;
    case PROP_TX_BYTES:
        g_value_set_uint64(value, peer->tx_bytes);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_peer_class_init(WgwPeerClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    object_class->finalize = wgw_peer_finalize;
    object_class->get_property = wgw_peer_get_property;

    properties[PROP_PUBLIC_KEY] = g_param_spec_string("public-key", NULL, NULL, NULL, flags);
    properties[PROP_ENDPOINT] = g_param_spec_string("endpoint", NULL, NULL, NULL, flags);
    properties[PROP_ALLOWED_IPS] = g_param_spec_string("allowed-ips", NULL, NULL, NULL, flags);
    properties[PROP_LAST_HANDSHAKE] =
        g_param_spec_uint64("last-handshake", NULL, NULL, 0, G_MAXUINT64, 0, flags);
    properties[PROP_RX_BYTES] =
        g_param_spec_uint64("rx-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
    properties[PROP_TX_BYTES] =
        g_param_spec_uint64("tx-bytes", NULL, NULL, 0, G_MAXUINT64, 0, flags);
    g_object_class_install_properties(object_class, N_PROPERTIES, properties);
}

static void
wgw_peer_init(WgwPeer *peer)
{
}

WgwPeer *
wgw_peer_new(GVariant *profile)
{
    WgwPeer *peer = g_object_new(WGW_TYPE_PEER, NULL);

    wgw_peer_set_profile(peer, profile);
    return peer;
}

void
wgw_peer_set_profile(WgwPeer *peer, GVariant *profile)
{
    g_autofree const char **ips = NULL;

    g_return_if_fail(WGW_IS_PEER(peer));

    g_variant_lookup(profile, "allowed-ips", "^a&s", &ips);
    set_string(peer, &peer->public_key, dup_lookup_string(profile, "public-key"), PROP_PUBLIC_KEY);
    set_string(peer, &peer->configured_endpoint, dup_lookup_string(profile, "endpoint"),
               PROP_ENDPOINT);
    set_string(peer, &peer->allowed_ips, ips ? g_strjoinv(", ", (char **)ips) : NULL,
               PROP_ALLOWED_IPS);
}

void
wgw_peer_set_session(WgwPeer *peer, GVariant *session)
{
    g_return_if_fail(WGW_IS_PEER(peer));

    set_string(peer, &peer->current_endpoint, dup_lookup_string(session, "endpoint"),
               PROP_ENDPOINT);
    set_number(peer, &peer->last_handshake, lookup_number(session, "last-handshake"),
               PROP_LAST_HANDSHAKE);
    set_number(peer, &peer->rx_bytes, lookup_number(session, "rx-bytes"), PROP_RX_BYTES);
    set_number(peer, &peer->tx_bytes, lookup_number(session, "tx-bytes"), PROP_TX_BYTES);
}

const char *
wgw_peer_get_public_key(WgwPeer *peer)
{
    return peer->public_key;
}

const char *
wgw_peer_get_endpoint(WgwPeer *peer)
{
    return peer->current_endpoint ? peer->current_endpoint : peer->configured_endpoint;
}

const char *
wgw_peer_get_allowed_ips(WgwPeer *peer)
{
    return peer->allowed_ips;
}

guint64
wgw_peer_get_last_handshake(WgwPeer *peer)
{
    return peer->last_handshake;
}

guint64
wgw_peer_get_rx_bytes(WgwPeer *peer)
{
    return peer->rx_bytes;
}

guint64
wgw_peer_get_tx_bytes(WgwPeer *peer)
{
    return peer->tx_bytes;
}
