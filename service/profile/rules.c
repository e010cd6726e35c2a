/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/parser-private.h"

#include <glib/gi18n.h>
#include <sodium.h>
#include <string.h>

#include "profile/values.h"

/* A value of wg's without its blanks: the longest endpoint has 253 characters of name and a port. */
#define MAX_VALUE 512

#define MIN_MTU 68 /* RFC 791 */
#define MAX_MTU 65535

/* Values that wg(8) reads */

static gboolean
pack(WgwSpan value, char buffer[MAX_VALUE])
{
    return wgw_span_pack(value, buffer, MAX_VALUE);
}

static gboolean
read_key(WgwParser *parser, const WgwRule *rule, WgwSpan value, guint8 key[WGW_KEY_LEN])
{
    char packed[WGW_KEY_BASE64_LEN + 1];
    gboolean ok = wgw_span_pack(value, packed, sizeof packed) &&
                  wgw_key_from_base64(packed, strlen(packed), key);

    sodium_memzero(packed, sizeof packed);
    if (!ok)
        wgw_parser_take_error(
            parser, value.start, "bad-key",
            g_strdup_printf(_("The value of %s is no key; expected 44 characters of base64, "
                              "the last of them \"=\"."),
                            rule->name));
    return ok;
}

/* The secret's place, counted from 1. */
static guint
store_secret(WgwParser *parser, const guint8 key[WGW_KEY_LEN])
{
    if (parser->flags & (WGW_CONFIG_NO_SECRETS | WGW_CONFIG_ALLOW_HIDDEN))
        return 0;
    if (!parser->config->secrets)
        parser->config->secrets = wgw_secret_new("", 0);
    wgw_secret_append(parser->config->secrets, (const char *)key, WGW_KEY_LEN);
    return wgw_secret_get_length(parser->config->secrets) / WGW_KEY_LEN;
}

static gboolean
is_hidden(WgwParser *parser, WgwSpan value)
{
    return (parser->flags & WGW_CONFIG_ALLOW_HIDDEN) && wgw_span_is(value, WGW_CONFIG_HIDDEN);
}

/* Warn that the value means nothing here. */
static void
take_ignored(WgwParser *parser, const WgwRule *rule, const char *reason)
{
    wgw_parser_take_warning(parser, parser->scanner.key.start, "ignored-key",
                            g_strdup_printf(_("%s is ignored: %s."), rule->name, reason));
}

static void
read_private_key(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    guint8 key[WGW_KEY_LEN];

    parser->tried_private_key = TRUE;
    if (is_hidden(parser, value))
        return;
    if (read_key(parser, rule, value, key)) {
        wgw_key_derive_public(key, parser->config->public_key);
        parser->config->has_private_key = TRUE;
        parser->private_key = store_secret(parser, key);
    }
    sodium_memzero(key, sizeof key);
}

static void
read_preshared_key(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    WgwPeerSection *section = parser->current;
    guint8 key[WGW_KEY_LEN];

    section->tried_preshared_key = TRUE;
    if (is_hidden(parser, value)) {
        section->has_preshared_key = TRUE;
        return;
    }
    if (read_key(parser, rule, value, key)) {
        /* All zeros is how the protocol says that there is none. */
        section->has_preshared_key = !sodium_is_zero(key, sizeof key);
        section->preshared_key = section->has_preshared_key ? store_secret(parser, key) : 0;
    }
    sodium_memzero(key, sizeof key);
}

static void
read_public_key(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    parser->current->tried_public_key = TRUE;
    if (read_key(parser, rule, value, parser->current->public_key))
        parser->current->has_public_key = TRUE;
}

static void
warn_cut_port(WgwParser *parser, WgwSpan value, guint16 port)
{
    wgw_parser_take_warning(
        parser, value.start, "port-range",
        g_strdup_printf(_("Ports end at 65535; wg takes this one for %u."), port));
}

static void
read_listen_port(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    char packed[MAX_VALUE];
    gboolean cut;

    if (!pack(value, packed) || !wgw_value_port(packed, &parser->config->listen_port, &cut))
        wgw_parser_bad_value(parser, value, "bad-port", _("a port, 0 to 65535"));
    else if (cut)
        warn_cut_port(parser, value, parser->config->listen_port);
}

static void
read_fwmark(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    char packed[MAX_VALUE];

    if (!pack(value, packed) || !wgw_value_fwmark(packed, &parser->config->fwmark))
        wgw_parser_bad_value(parser, value, "bad-fwmark",
                             _("\"off\" or a number such as 51820 or 0xca6c"));
    else if (parser->config->fwmark)
        take_ignored(parser, rule, _("packets cannot be marked without root, and need not be"));
}

static void
read_endpoint(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    WgwEndpoint *endpoint = &parser->current->endpoint;
    char *host = NULL;
    char packed[MAX_VALUE];
    gboolean cut;

    if (!pack(value, packed) ||
        !wgw_value_endpoint(packed, &host, &endpoint->port, &endpoint->numeric, &cut)) {
        wgw_parser_bad_value(parser, value, "bad-endpoint",
                             _("a host and a port such as vpn.example.com:51820, 192.0.2.1:51820 "
                               "or [2001:db8::1]:51820"));
        return;
    }
    g_free(endpoint->host);
    endpoint->host = host;
    if (cut)
        warn_cut_port(parser, value, endpoint->port);
}

static void
read_keepalive(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    char packed[MAX_VALUE];

    if (!pack(value, packed) || !wgw_value_keepalive(packed, &parser->current->keepalive))
        wgw_parser_bad_value(parser, value, "bad-keepalive", _("\"off\" or seconds, 1 to 65535"));
    else
        parser->current->has_keepalive = TRUE;
}

static void
read_allowed_ips(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    const char *end = value.start + value.len;

    for (const char *p = value.start, *comma; p; p = comma ? comma + 1 : NULL) {
        WgwRoute route = {.line = parser->scanner.number};
        char packed[MAX_VALUE];
        WgwSpan item;

        comma = memchr(p, ',', end - p);
        item = wgw_span_trim(p, comma ? comma : end);
        if (!pack(item, packed) || !wgw_address_parse(packed, &route.address)) {
            wgw_parser_bad_value(parser, item, "bad-allowed-ip",
                                 _("an address with a prefix length, such as 10.0.0.0/8 or ::/0"));
            continue;
        }
        route.column = wgw_parser_column(parser, item.start);
        if (wgw_address_mask(&route.address)) {
            g_autofree char *masked = wgw_address_to_string(&route.address);

            wgw_parser_take_warning(
                parser, item.start, "host-bits",
                g_strdup_printf(_("The address has bits behind its prefix; it counts as "
                                  "%s."),
                                masked));
        }
        g_array_append_val(parser->current->routes, route);
    }
}

/* Values that wg-quick(8) reads */

/* Cut the next item off a list with commas or blanks between. */
static gboolean
next_item(WgwSpan *rest, WgwSpan *ret_item)
{
    const char *p = rest->start, *end = p + rest->len;
    const char *start;

    while (p < end && (*p == ',' || wgw_is_blank(*p)))
        p++;
    start = p;
    while (p < end && *p != ',' && !wgw_is_blank(*p))
        p++;
    *ret_item = (WgwSpan){start, p - start};
    *rest = (WgwSpan){p, end - p};
    return p > start;
}

static void
read_addresses(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    for (WgwSpan item; next_item(&value, &item);) {
        char packed[MAX_VALUE];
        WgwAddress address;

        if (!pack(item, packed) || !wgw_address_parse(packed, &address))
            wgw_parser_bad_value(parser, item, "bad-address",
                                 _("an address such as 10.0.0.2/32 or fd00::2/128"));
        else if (g_hash_table_contains(parser->addresses, &address))
            wgw_parser_take_warning(parser, item.start, "duplicate-address",
                                    g_strdup(_("The interface has this address already.")));
        else {
            g_hash_table_add(parser->addresses, g_memdup2(&address, sizeof address));
            g_array_append_val(parser->config->addresses, address);
        }
    }
}

static void
read_dns(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    for (WgwSpan item; next_item(&value, &item);) {
        char packed[MAX_VALUE];
        WgwAddress address;

        if (!pack(item, packed))
            wgw_parser_bad_value(parser, item, "bad-dns", _("an address or a domain"));
        else if (strchr(packed, ':') || packed[strspn(packed, "0123456789.")] == '\0') {
            if (!strchr(packed, '/') && wgw_address_parse(packed, &address))
                g_array_append_val(parser->config->dns, address);
            else
                wgw_parser_bad_value(parser, item, "bad-dns",
                                     _("a name server's address such as 10.0.0.1"));
        } else if (packed[0] == '~') {
            /* systemd-resolved: this server is for those names. Here it is for all. */
            wgw_parser_take_warning(
                parser, item.start, "ignored-domain",
                g_strdup(_("In a session, all names are asked of the profile's servers.")));
        } else if (wgw_value_domain(packed))
            g_ptr_array_add(parser->config->search_domains, g_strdup(packed));
        else
            wgw_parser_bad_value(parser, item, "bad-dns",
                                 _("a name server's address or a search domain"));
    }
}

static void
read_mtu(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    g_autofree char *text = g_strndup(value.start, value.len);
    guint64 mtu = 0;

    if (value.len > 0 && !g_ascii_string_to_unsigned(text, 10, MIN_MTU, MAX_MTU, &mtu, NULL))
        wgw_parser_bad_value(parser, value, "bad-mtu", _("bytes, 68 to 65535"));
    parser->config->mtu = mtu;
    parser->mtu_line = parser->scanner.number;
}

static void
read_table(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    g_autofree char *text = g_strndup(value.start, value.len);

    g_clear_pointer(&parser->config->table, g_free);
    if (value.len == 0)
        return;
    if (!wgw_value_domain(text)) {
        wgw_parser_bad_value(parser, value, "bad-table", _("\"auto\", \"off\" or a routing table"));
        return;
    }
    if (!wgw_span_is(value, "auto"))
        take_ignored(parser, rule, _("a session has one routing table, and AllowedIPs fill it"));
    parser->config->table = g_steal_pointer(&text);
}

static void
read_hook(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    if (value.len > 0)
        take_ignored(parser, rule, _("commands of a profile are never run"));
}

static void
read_save_config(WgwParser *parser, const WgwRule *rule, WgwSpan value)
{
    if (wgw_span_is(value, "true"))
        take_ignored(parser, rule, _("a session never writes to its profile"));
    else if (!wgw_span_is(value, "false"))
        wgw_parser_bad_value(parser, value, "bad-boolean", _("\"true\" or \"false\""));
}

const WgwRule wgw_rules[WGW_N_RULES] = {
    {"PrivateKey", IN_INTERFACE, OF_WG, read_private_key},
    {"ListenPort", IN_INTERFACE, OF_WG, read_listen_port},
    {"FwMark", IN_INTERFACE, OF_WG, read_fwmark},
    {"Address", IN_INTERFACE, OF_WG_QUICK | MANY, read_addresses},
    {"DNS", IN_INTERFACE, OF_WG_QUICK | MANY, read_dns},
    {"MTU", IN_INTERFACE, OF_WG_QUICK, read_mtu},
    {"Table", IN_INTERFACE, OF_WG_QUICK, read_table},
    {"PreUp", IN_INTERFACE, OF_WG_QUICK | MANY, read_hook},
    {"PostUp", IN_INTERFACE, OF_WG_QUICK | MANY, read_hook},
    {"PreDown", IN_INTERFACE, OF_WG_QUICK | MANY, read_hook},
    {"PostDown", IN_INTERFACE, OF_WG_QUICK | MANY, read_hook},
    {"SaveConfig", IN_INTERFACE, OF_WG_QUICK, read_save_config},
    {"PublicKey", IN_PEER, OF_WG, read_public_key},
    {"PresharedKey", IN_PEER, OF_WG, read_preshared_key},
    {"AllowedIPs", IN_PEER, OF_WG | MANY, read_allowed_ips},
    {"Endpoint", IN_PEER, OF_WG, read_endpoint},
    {"PersistentKeepalive", IN_PEER, OF_WG, read_keepalive},
};
/* WgwParser.seen has a bit for each. */
G_STATIC_ASSERT(WGW_N_RULES <= 32);
