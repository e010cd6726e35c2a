/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/parser-private.h"

#include <glib/gi18n.h>
#include <string.h>
#include <sys/socket.h>

/*
 * From sections to peers, with the result that the same sections have as messages to the kernel,
 * one after the other: a section for a public key that is known replaces the peer's allowed IPs and
 * whatever else it mentions; an allowed IP moves to the last peer that claims it.
 */

#define MIN_IPV6_MTU 1280 /* RFC 8200, section 5 */

static void
warn(WgwParser *parser, guint line, guint column, const char *code, const char *message)
{
    wgw_parser_take_problem(parser, line, column, WGW_SEVERITY_WARNING, code, g_strdup(message));
}

/* The key's bytes, once no more are added. */
static const guint8 *
secret_at(const WgwConfig *config, guint place)
{
    if (place == 0)
        return NULL;
    return (const guint8 *)wgw_secret_get_text(config->secrets) + (place - 1) * WGW_KEY_LEN;
}

static void
merge_section(WgwParser *parser, WgwPeerSection *section, WgwPeer *peer)
{
    if (section->tried_preshared_key) {
        peer->has_preshared_key = section->has_preshared_key;
        peer->preshared_key = secret_at(parser->config, section->preshared_key);
    }
    if (section->endpoint.host) {
        g_free(peer->endpoint.host);
        peer->endpoint = section->endpoint;
        section->endpoint.host = NULL;
    }
    if (section->has_keepalive)
        peer->keepalive = section->keepalive;
}

static void
assemble_peers(WgwParser *parser)
{
    /* public key -> the last WgwPeerSection for it so far */
    g_autoptr(GHashTable) known = g_hash_table_new(wgw_key_hash, wgw_key_equal);
    GArray *peers = parser->config->peers;

    for (guint i = 0; i < parser->sections->len; i++) {
        WgwPeerSection *section = g_ptr_array_index(parser->sections, i);

        if (!section->has_public_key) {
            if (!section->tried_public_key)
                wgw_parser_take_problem(parser, section->line, section->column, WGW_SEVERITY_ERROR,
                                        "no-public-key",
                                        g_strdup(_("The peer has no public key; expected "
                                                   "PublicKey= below [Peer].")));
            continue;
        }
        section->before = g_hash_table_lookup(known, section->public_key);
        if (section->before) {
            warn(parser, section->line, section->column, "duplicate-peer",
                 _("There is a peer with this public key already; this section replaces its "
                   "AllowedIPs and what else it mentions."));
            section->before->superseded = TRUE;
            section->index = section->before->index;
        } else {
            section->index = peers->len;
            g_array_set_size(peers, peers->len + 1);
            memcpy(g_array_index(peers, WgwPeer, section->index).public_key, section->public_key,
                   WGW_KEY_LEN);
        }
        g_hash_table_replace(known, section->public_key, section);
        merge_section(parser, section, &g_array_index(peers, WgwPeer, section->index));
    }
}

/* Let the section claim its routes, and give up those that the peer had before. */
static void
claim_routes(WgwParser *parser, WgwPeerSection *section, GHashTable *owners)
{
    GArray *before = section->before ? section->before->routes : NULL;

    for (guint i = 0; before && i < before->len; i++) {
        WgwRoute *route = &g_array_index(before, WgwRoute, i);

        if (g_hash_table_lookup(owners, &route->address) == section->before)
            g_hash_table_remove(owners, &route->address);
    }
    for (guint i = 0; i < section->routes->len; i++) {
        WgwRoute *route = &g_array_index(section->routes, WgwRoute, i);
        WgwPeerSection *owner = g_hash_table_lookup(owners, &route->address);

        if (owner && owner != section)
            warn(parser, route->line, route->column, "duplicate-allowed-ip",
                 _("Another peer has this allowed IP as well; the last one gets it."));
        g_hash_table_insert(owners, &route->address, section);
    }
    if (section->routes->len == 0 && !section->superseded)
        warn(parser, section->line, section->column, "no-allowed-ips",
             _("The peer has no AllowedIPs; nothing is sent to it."));
}

static void
assemble_routes(WgwParser *parser)
{
    /* WgwRoute.address -> the WgwPeerSection that has it */
    g_autoptr(GHashTable) owners = g_hash_table_new(wgw_address_hash, wgw_address_equal);
    GArray *peers = parser->config->peers;

    for (guint i = 0; i < parser->sections->len; i++) {
        WgwPeerSection *section = g_ptr_array_index(parser->sections, i);

        if (section->has_public_key)
            claim_routes(parser, section, owners);
    }
    for (guint i = 0; i < peers->len; i++)
        g_array_index(peers, WgwPeer, i).allowed_ips =
            g_array_new(FALSE, FALSE, sizeof(WgwAddress));
    for (guint i = 0; i < parser->sections->len; i++) {
        WgwPeerSection *section = g_ptr_array_index(parser->sections, i);

        for (guint j = 0; j < section->routes->len; j++) {
            WgwRoute *route = &g_array_index(section->routes, WgwRoute, j);

            /* Taken out, because a section may have said it twice. */
            if (g_hash_table_lookup(owners, &route->address) != section)
                continue;
            g_array_append_val(g_array_index(peers, WgwPeer, section->index).allowed_ips,
                               route->address);
            g_hash_table_remove(owners, &route->address);
        }
    }
}

static gboolean
has_ipv6(GArray *addresses)
{
    for (guint i = 0; i < addresses->len; i++) {
        if (g_array_index(addresses, WgwAddress, i).family == AF_INET6)
            return TRUE;
    }
    return FALSE;
}

static void
warn_of_gaps(WgwParser *parser)
{
    const WgwConfig *config = parser->config;
    guint line = MAX(parser->interface_line, 1);

    if (!parser->tried_private_key)
        warn(parser, line, 1, "no-private-key",
             _("There is no private key; no session can come of it. Expected PrivateKey= below "
               "[Interface]."));
    if (config->addresses->len == 0)
        warn(parser, line, 1, "no-address",
             _("There is no address; no session can come of it. Expected Address= below "
               "[Interface]."));
    if (parser->sections->len == 0)
        warn(parser, line, 1, "no-peer",
             _("There is no peer; no session can come of it. Expected a [Peer] section."));
    if (config->dns->len == 0)
        warn(parser, line, 1, "no-dns",
             _("There is no name server; names do not resolve in a session. Expected DNS= below "
               "[Interface]."));
    if (config->mtu > 0 && config->mtu < MIN_IPV6_MTU && has_ipv6(config->addresses))
        warn(parser, parser->mtu_line, 1, "small-mtu",
             _("IPv6 needs an MTU of at least 1280; only IPv4 will work."));
}

void
wgw_parser_assemble(WgwParser *parser)
{
    WgwConfig *config = parser->config;

    assemble_peers(parser);
    assemble_routes(parser);
    warn_of_gaps(parser);
    for (guint i = 0; i < config->peers->len; i++) {
        WgwPeer *peer = &g_array_index(config->peers, WgwPeer, i);

        g_hash_table_insert(config->by_public_key, peer->public_key, peer);
    }
    config->private_key = secret_at(config, parser->private_key);
    g_ptr_array_add(config->search_domains, NULL);
}
