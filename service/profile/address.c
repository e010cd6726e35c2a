/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "profile/hash.h"

static guint
family_bits(guint8 family)
{
    return family == AF_INET ? 32 : 128;
}

gboolean
wgw_address_parse(const char *text, WgwAddress *ret)
{
    char ip[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    gsize len = slash ? (gsize)(slash - text) : strlen(text);
    WgwAddress address = {0};
    guint64 prefix;

    if (len >= sizeof ip)
        return FALSE;
    memcpy(ip, text, len);
    ip[len] = '\0';
    address.family = strchr(ip, ':') ? AF_INET6 : AF_INET;
    if (inet_pton(address.family, ip, address.bytes) != 1)
        return FALSE;
    prefix = family_bits(address.family);
    if (slash && (!g_ascii_isdigit(slash[1]) ||
                  !g_ascii_string_to_unsigned(slash + 1, 10, 0, prefix, &prefix, NULL)))
        return FALSE;
    address.prefix = prefix;
    *ret = address;
    return TRUE;
}

gboolean
wgw_address_mask(WgwAddress *address)
{
    gboolean any = FALSE;

    for (guint bit = address->prefix; bit < family_bits(address->family);) {
        guint8 mask = 0xff >> bit % 8;

        any |= (address->bytes[bit / 8] & mask) != 0;
        address->bytes[bit / 8] &= ~mask;
        bit = (bit / 8 + 1) * 8;
    }
    return any;
}

char *
wgw_address_to_string(const WgwAddress *address)
{
    g_autofree char *ip = wgw_address_to_ip(address);

    return g_strdup_printf("%s/%u", ip, address->prefix);
}

char *
wgw_address_to_ip(const WgwAddress *address)
{
    char ip[INET6_ADDRSTRLEN];

    return g_strdup(inet_ntop(address->family, address->bytes, ip, sizeof ip));
}

guint
wgw_address_hash(gconstpointer address)
{
    return wgw_hash_bytes(address, sizeof(WgwAddress));
}

gboolean
wgw_address_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(WgwAddress)) == 0;
}

/* Compared and hashed as bytes. */
G_STATIC_ASSERT(sizeof(WgwAddress) == 18);
