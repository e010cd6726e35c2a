/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base/fd.h"
#include "bus/options.h"
#include "dbus/error.h"
#include "profile/address.h"
#include "profile/files.h"

#define SERVICE "Service"
#define LINKS   "Links" /* pattern=profile */

/* Of a profile's group, "Profile NAME". */
#define FORWARD "ForwardedPorts"
#define PUBLISH "PublishedPorts"
#define DNS     "TunnelDns"
#define BUS     "Bus"
#define PAGE    "AddressPage"

#define MAX_PORTS   32
#define MAX_SERVERS 8
#define MAX_URL     2000

static char *
dup_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "wg-wrap", "settings.ini", NULL);
}

/* FALSE with @error set if @file now has less than what is there, and must not be written over that.
 * O_NONBLOCK: it might be a FIFO. */
static gboolean
load(GKeyFile *file, const char *path, GError **error)
{
    g_autoptr(GError) local = NULL;
    WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int reason = errno;

    if (fd < 0 ? reason == ENOENT : wgw_files_parse(fd, file, G_KEY_FILE_KEEP_COMMENTS, &local))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED,
                _("%s cannot be read: %s. Correct it, or move it away."), path,
                local ? local->message : g_strerror(reason));
    return FALSE;
}

/* What can be read, for who changes nothing. (transfer full) */
static GKeyFile *
read_all(void)
{
    g_autofree char *path = dup_path();
    g_autoptr(GError) error = NULL;
    GKeyFile *file = g_key_file_new();

    if (!load(file, path, &error))
        g_warning("settings: %s", error->message);
    return file;
}

static gboolean
save(GKeyFile *file, const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    g_autoptr(GError) local = NULL;

    if (g_mkdir_with_parents(directory, 0700) == 0 && g_key_file_save_to_file(file, path, &local))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("%s cannot be written: %s"), path,
                local ? local->message : g_strerror(errno));
    return FALSE;
}

/* @value NULL: no such key. */
static gboolean
set(const char *group, const char *key, const char *value, GError **error)
{
    g_autofree char *path = dup_path();
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!load(file, path, error))
        return FALSE;
    if (value)
        g_key_file_set_string(file, group, key, value);
    else
        g_key_file_remove_key(file, group, key, NULL);
    return save(file, path, error);
}

char *
wgw_settings_get(const char *name, const char *fallback)
{
    g_autoptr(GKeyFile) file = read_all();
    g_autofree char *value = g_key_file_get_string(file, SERVICE, name, NULL);

    return value && *value ? g_steal_pointer(&value) : g_strdup(fallback);
}

gboolean
wgw_settings_set(const char *name, const char *value, GError **error)
{
    return set(SERVICE, name, value, error);
}

GHashTable *
wgw_settings_load_link_rules(void)
{
    GHashTable *rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GKeyFile) file = read_all();
    g_auto(GStrv) patterns = g_key_file_get_keys(file, LINKS, NULL, NULL);

    for (char **pattern = patterns; pattern && *pattern; pattern++) {
        char *profile = g_key_file_get_string(file, LINKS, *pattern, NULL);

        if (profile)
            g_hash_table_insert(rules, g_strdup(*pattern), profile);
    }
    return rules;
}

gboolean
wgw_settings_set_link_rule(const char *pattern, const char *profile, GError **error)
{
    return set(LINKS, pattern, profile, error);
}

/* ---- A profile's choices ---- */

/* Without the brackets that a group's name cannot have. (transfer full) */
static char *
dup_group(const char *name)
{
    g_autofree char *escaped = g_uri_escape_string(name, " ", TRUE);

    return g_strconcat("Profile ", escaped, NULL);
}

static GArray *
get_ports(GKeyFile *file, const char *group, const char *key)
{
    g_autoptr(GArray) ports = g_array_new(FALSE, FALSE, sizeof(guint16));
    gsize n = 0;
    g_autofree int *numbers = g_key_file_get_integer_list(file, group, key, &n, NULL);

    for (gsize i = 0; i < n && i < MAX_PORTS; i++) {
        guint16 port = (guint16)numbers[i];

        if (numbers[i] > 0 && numbers[i] <= G_MAXUINT16)
            g_array_append_val(ports, port);
    }
    return g_steal_pointer(&ports);
}

static void
set_ports(GKeyFile *file, const char *group, const char *key, GArray *ports)
{
    g_autofree int *numbers = g_new(int, ports->len);

    for (guint i = 0; i < ports->len; i++)
        numbers[i] = g_array_index(ports, guint16, i);
    if (ports->len > 0)
        g_key_file_set_integer_list(file, group, key, numbers, ports->len);
}

void
wgw_settings_get_choices(const char *name, WgwChoices *ret_choices)
{
    g_autofree char *group = dup_group(name);
    g_autoptr(GKeyFile) file = read_all();
    g_auto(GStrv) dns = g_key_file_get_string_list(file, group, DNS, NULL, NULL);
    g_autofree char *bus = g_key_file_get_string(file, group, BUS, NULL);
    g_autofree char *page = g_key_file_get_string(file, group, PAGE, NULL);

    if (!dns || !wgw_servers_check((const char *const *)dns, NULL)) {
        g_strfreev(dns);
        dns = g_new0(char *, 1);
    }
    *ret_choices = (WgwChoices){
        .forwarded = get_ports(file, group, FORWARD),
        .published = get_ports(file, group, PUBLISH),
        .dns = g_steal_pointer(&dns),
        .bus = g_strdup(bus && wgw_options_check_bus(bus, NULL) ? bus : ""),
        .page = g_strdup(page && wgw_page_check(page, NULL) ? page : ""),
    };
}

static void
put_choices(GKeyFile *file, const char *name, const WgwChoices *choices)
{
    g_autofree char *group = dup_group(name);
    guint n_dns = g_strv_length(choices->dns);

    g_key_file_remove_group(file, group, NULL);
    set_ports(file, group, FORWARD, choices->forwarded);
    set_ports(file, group, PUBLISH, choices->published);
    if (n_dns > 0)
        g_key_file_set_string_list(file, group, DNS, (const char *const *)choices->dns, n_dns);
    if (*choices->bus)
        g_key_file_set_string(file, group, BUS, choices->bus);
    if (*choices->page)
        g_key_file_set_string(file, group, PAGE, choices->page);
}

gboolean
wgw_settings_set_choices(const char *name, const WgwChoices *choices, GError **error)
{
    g_autofree char *path = dup_path();
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!load(file, path, error))
        return FALSE;
    put_choices(file, name, choices);
    return save(file, path, error);
}

gboolean
wgw_settings_move_choices(const char *from, const char *to, GError **error)
{
    g_autofree char *path = dup_path();
    g_autofree char *group = dup_group(from);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_auto(WgwChoices) choices = {0};

    if (!load(file, path, error))
        return FALSE;
    if (!g_key_file_has_group(file, group))
        return TRUE;
    wgw_settings_get_choices(from, &choices);
    g_key_file_remove_group(file, group, NULL);
    if (to)
        put_choices(file, to, &choices);
    return save(file, path, error);
}

void
wgw_choices_clear(WgwChoices *choices)
{
    g_clear_pointer(&choices->forwarded, g_array_unref);
    g_clear_pointer(&choices->published, g_array_unref);
    g_clear_pointer(&choices->dns, g_strfreev);
    g_clear_pointer(&choices->bus, g_free);
    g_clear_pointer(&choices->page, g_free);
}

/* ---- Values ---- */

GArray *
wgw_ports_from_variant(GVariant *numbers, GError **error)
{
    g_autoptr(GArray) ports = g_array_new(FALSE, FALSE, sizeof(guint16));
    gsize n;
    const guint16 *all = g_variant_get_fixed_array(numbers, &n, sizeof *all);

    for (gsize i = 0; i < n; i++) {
        gboolean known = FALSE;

        for (guint j = 0; j < ports->len; j++)
            known |= g_array_index(ports, guint16, j) == all[i];
        if (all[i] == 0 || (!known && ports->len == MAX_PORTS)) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("Ports are from 1 to 65535, and there may be %d of them."), MAX_PORTS);
            return NULL;
        }
        if (!known)
            g_array_append_val(ports, all[i]);
    }
    return g_steal_pointer(&ports);
}

GVariant *
wgw_ports_to_variant(GArray *ports)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_UINT16, ports->data, ports->len,
                                     sizeof(guint16));
}

gboolean
wgw_servers_check(const char *const *servers, GError **error)
{
    for (guint i = 0; servers[i]; i++) {
        WgwAddress address;

        if (strchr(servers[i], '/') || !wgw_address_parse(servers[i], &address)) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("“%s” is no IP address. Name resolvers by address, as 10.0.0.1."),
                        servers[i]);
            return FALSE;
        }
        if (i == MAX_SERVERS) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("There may be %d resolvers."), MAX_SERVERS);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean
wgw_page_check(const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";

    if (!*url || ((g_str_equal(scheme, "http") || g_str_equal(scheme, "https")) &&
                  g_uri_get_host(uri) && *g_uri_get_host(uri) && strlen(url) <= MAX_URL))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                _("“%s” is no address of a web page, such as https://example.com/."), url);
    return FALSE;
}
