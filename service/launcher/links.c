/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/links.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "launcher/application-private.h"
#include "launcher/desktop-launcher.h"

#define MAX_HOST 253

/* ---- Hosts ---- */

/* Where browsers and GLib differ: the browsers' IDNA keeps these, the older one has "ss" and nothing. */
static gboolean
is_ambiguous(const char *host)
{
    static const gunichar characters[] = {0x00DF, 0x03C2, 0x1E9E, 0x200C, 0x200D};

    for (gsize i = 0; i < G_N_ELEMENTS(characters); i++)
        if (g_utf8_strchr(host, -1, characters[i]))
            return TRUE;
    return FALSE;
}

/* Browsers take a name whose last label is a number for an address, in each of inet_aton()'s forms. */
static gboolean
ends_in_number(const char *host)
{
    const char *dot = strrchr(host, '.');
    const char *label = dot ? dot + 1 : host;
    gboolean hex = g_str_has_prefix(label, "0x");

    return label[strspn(label, "0123456789")] == '\0' ||
           (hex && label[2 + strspn(label + 2, "0123456789abcdef")] == '\0');
}

static gboolean
is_name(const char *host)
{
    gsize len = strlen(host);

    return len > 0 && len <= MAX_HOST && *host != '.' && host[len - 1] != '.' &&
           !strstr(host, "..") &&
           host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
}

/* @host may be anything; an IPv6 address has no brackets. NULL if it is no host for certain. */
static char *
normalize(const char *host)
{
    g_autofree char *ascii = NULL;
    struct in_addr address;

    if (strchr(host, ':')) {
        g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(host);

        return inet ? g_inet_address_to_string(inet) : NULL;
    }
    if (!g_utf8_validate(host, -1, NULL) || is_ambiguous(host))
        return NULL;
    ascii = g_hostname_to_ascii(host);
    if (!ascii)
        return NULL;
    for (char *p = ascii; *p; p++)
        *p = g_ascii_tolower(*p);
    if (g_str_has_suffix(ascii, "."))
        ascii[strlen(ascii) - 1] = '\0';
    if (!is_name(ascii))
        return NULL;
    if (!ends_in_number(ascii))
        return g_steal_pointer(&ascii);
    return inet_aton(ascii, &address) ? g_strdup(inet_ntoa(address)) : NULL;
}

/* The host in "user@host:port". Browsers, too, go by the last "@". NULL if it is not there, or written in a
 * way that they read otherwise: they end it at a backslash, drop tabs and lines' ends, and undo "%". */
static char *
dup_host_of_authority(const char *authority)
{
    const char *at = strrchr(authority, '@');
    const char *place = at ? at + 1 : authority;
    g_autofree char *uri = g_strconcat("http://", place, "/", NULL);
    g_autofree char *host = NULL;

    for (const char *p = authority; *p; p++)
        if ((guchar)*p <= ' ' || *p == '\x7f' || *p == '\\')
            return NULL;
    if (*place == '\0' || strchr(place, '%') || is_ambiguous(place) ||
        !g_uri_split_network(uri, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL))
        return NULL;
    return host ? normalize(host) : NULL;
}

char *
wgw_link_dup_host(const char *uri, GError **error)
{
    g_autofree char *scheme = g_uri_parse_scheme(uri);
    g_autofree char *host = NULL;

    if (scheme &&
        (g_ascii_strcasecmp(scheme, "http") == 0 || g_ascii_strcasecmp(scheme, "https") == 0)) {
        const char *rest = uri + strlen(scheme) + 1;

        if (g_str_has_prefix(rest, "//") && g_utf8_validate(uri, -1, NULL)) {
            g_autofree char *authority = g_strndup(rest + 2, strcspn(rest + 2, "/?#"));

            host = dup_host_of_authority(authority);
        }
    }
    if (!host)
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("“%s” is no web link whose host is certain, so it is not opened. Write it as "
                      "https://host/…"),
                    uri);
    return g_steal_pointer(&host);
}

/* ---- Rules ---- */

char *
wgw_link_dup_pattern(const char *pattern, GError **error)
{
    gboolean below = g_str_has_prefix(pattern, "*.");
    g_autofree char *bare = NULL;
    g_autofree char *host = NULL;

    if (g_str_equal(pattern, "*"))
        return g_strdup(pattern);
    if (*pattern == '[' && g_str_has_suffix(pattern, "]"))
        bare = g_strndup(pattern + 1, strlen(pattern) - 2);
    host = normalize(below ? pattern + 2 : bare ? bare : pattern);
    if (host && below && (strchr(host, ':') || ends_in_number(host)))
        g_clear_pointer(&host, g_free);
    if (!host) {
        g_set_error(
            error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
            _("“%s” is no pattern for hosts. Write intranet.example.com, *.example.com, or * "
              "for all."),
            pattern);
        return NULL;
    }
    return below ? g_strconcat("*.", host, NULL) : g_steal_pointer(&host);
}

const char *
wgw_link_find_profile(GHashTable *rules, const char *host)
{
    const char *profile = g_hash_table_lookup(rules, host);

    for (const char *dot = strchr(host, '.'); !profile && dot; dot = strchr(dot + 1, '.')) {
        g_autofree char *pattern = g_strconcat("*", dot, NULL);

        profile = g_hash_table_lookup(rules, pattern);
    }
    return profile ? profile : g_hash_table_lookup(rules, "*");
}

/* ---- The browser ---- */

/* NULL for what is not there, and for what would bring the link back to us. */
static WgwApplication *
find_other(const char *desktop_id)
{
    g_autoptr(WgwApplication) application =
        desktop_id && *desktop_id ? wgw_application_find(desktop_id, NULL) : NULL;

    if (!application || g_str_equal(application->id, WGW_LINKS_ID) ||
        g_key_file_has_key(application->entry, G_KEY_FILE_DESKTOP_GROUP,
                           WGW_DESKTOP_LAUNCHER_PROFILE, NULL))
        return NULL;
    return g_steal_pointer(&application);
}

WgwApplication *
wgw_browser_find(const char *wanted, GError **error)
{
    WgwApplication *application = find_other(wanted);
    GList *others = application ? NULL : g_app_info_get_all_for_type("x-scheme-handler/https");

    for (GList *other = others; other && !application; other = other->next)
        application = find_other(g_app_info_get_id(other->data));
    g_list_free_full(others, g_object_unref);
    if (!application)
        g_set_error(
            error, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION,
            _("There is no browser to open links with. Install one, or name one with: wg-wrap link "
              "browser DESKTOP-ID"));
    return application;
}
