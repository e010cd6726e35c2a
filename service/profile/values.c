/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/values.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

/* RFC 1035, section 2.3.4, less the length bytes. */
#define MAX_DOMAIN 253
#define MAX_LABEL  63

gboolean
wgw_value_port(const char *value, guint16 *ret_port, gboolean *ret_cut)
{
    struct servent service, *found = NULL;
    char buffer[1024];
    char *end;
    int number;

    /* glibc's getaddrinfo: a number that does not fit an int is no number but a name. */
    number = (int)strtoul(value, &end, 10);
    if (*value && !*end && number >= 0) {
        *ret_port = number & 0xffff;
        *ret_cut = number > 0xffff;
        return TRUE;
    }
    if (!*value || getservbyname_r(value, "udp", &service, buffer, sizeof buffer, &found) != 0 ||
        !found)
        return FALSE;
    *ret_port = ntohs(service.s_port);
    *ret_cut = FALSE;
    return TRUE;
}

gboolean
wgw_value_fwmark(const char *value, guint32 *ret_mark)
{
    guint64 mark = 0;
    guint base = 10;

    if (g_ascii_strcasecmp(value, "off") != 0) {
        if (g_str_has_prefix(value, "0x")) {
            value += 2;
            base = 16;
        }
        if (!g_ascii_string_to_unsigned(value, base, 0, G_MAXUINT32, &mark, NULL))
            return FALSE;
    }
    *ret_mark = mark;
    return TRUE;
}

gboolean
wgw_value_keepalive(const char *value, guint16 *ret_seconds)
{
    guint64 seconds = 0;

    if (g_ascii_strcasecmp(value, "off") != 0 &&
        !g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT16, &seconds, NULL))
        return FALSE;
    *ret_seconds = seconds;
    return TRUE;
}

gboolean
wgw_value_domain(const char *value)
{
    gsize len = strlen(value), label = 0;

    if (len == 0 || len > MAX_DOMAIN + (value[len - 1] == '.'))
        return FALSE;
    for (const char *p = value; *p; p++) {
        if (*p == '.') {
            if (label == 0)
                return FALSE;
            label = 0;
        } else if (!g_ascii_isalnum(*p) && *p != '-' && *p != '_') {
            return FALSE;
        } else if (++label > MAX_LABEL) {
            return FALSE;
        }
    }
    return TRUE;
}

/* An IPv6 address with a scope, "fe80::1%eth0". The interface may come later than the profile. */
static char *
normalise_scoped(const char *host)
{
    g_auto(GStrv) parts = g_strsplit(host, "%", 2);
    char text[INET6_ADDRSTRLEN];
    struct in6_addr ip;

    if (!parts[0] || !parts[1] || inet_pton(AF_INET6, parts[0], &ip) != 1)
        return NULL;
    if (!IN6_IS_ADDR_LINKLOCAL(&ip) && !IN6_IS_ADDR_MC_LINKLOCAL(&ip) &&
        !g_ascii_string_to_unsigned(parts[1], 10, 0, G_MAXUINT32, NULL, NULL))
        return NULL;
    if (!wgw_value_domain(parts[1]))
        return NULL;
    inet_ntop(AF_INET6, &ip, text, sizeof text);
    return g_strdup_printf("%s%%%s", text, parts[1]);
}

/* The address that host is, in the notation of inet_ntop, or NULL. */
static char *
normalise_address(const char *host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr ip6;
    struct in_addr ip4;

    /* getaddrinfo takes the old notations of inet_aton as well: 127.1, 0x7f000001. */
    if (inet_aton(host, &ip4))
        return g_strdup(inet_ntop(AF_INET, &ip4, text, sizeof text));
    if (inet_pton(AF_INET6, host, &ip6) == 1)
        return g_strdup(inet_ntop(AF_INET6, &ip6, text, sizeof text));
    return strchr(host, '%') ? normalise_scoped(host) : NULL;
}

/* Digits and dots alone are a mistyped address, never a name: no top-level domain is a number. */
static gboolean
is_name(const char *host)
{
    return wgw_value_domain(host) && host[strspn(host, "0123456789.")] != '\0';
}

gboolean
wgw_value_endpoint(
    const char *value, char **ret_host, guint16 *ret_port, gboolean *ret_numeric, gboolean *ret_cut)
{
    g_autofree char *host = NULL, *address = NULL;
    const char *colon;

    if (*value == '[') {
        colon = strchr(value, ']');
        if (!colon || colon[1] != ':')
            return FALSE;
        host = g_strndup(value + 1, colon - value - 1);
        colon++;
    } else {
        colon = strrchr(value, ':');
        if (!colon)
            return FALSE;
        host = g_strndup(value, colon - value);
    }
    address = normalise_address(host);
    if ((!address && !is_name(host)) || !wgw_value_port(colon + 1, ret_port, ret_cut))
        return FALSE;
    *ret_numeric = address != NULL;
    *ret_host = address ? g_steal_pointer(&address) : g_steal_pointer(&host);
    return TRUE;
}
