/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * profile: the verbs about configurations; profile edit is in edit.c. */
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "cli/client.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "dbus/error.h"
#include "dbus/names.h"

/* The endpoints of all peers, comma-separated. (transfer full) */
static char *
dup_endpoints(WgwDbusProfile *profile)
{
    GString *text = g_string_new(NULL);
    GVariant *peer;
    GVariantIter iter;
    const char *endpoint;

    g_variant_iter_init(&iter, wgw_dbus_profile_get_peers(profile));
    while (g_variant_iter_loop(&iter, "@a{sv}", &peer)) {
        if (g_variant_lookup(peer, "endpoint", "&s", &endpoint) && *endpoint)
            g_string_append_printf(text, "%s%s", text->len ? ", " : "", endpoint);
    }
    return g_string_free(text, FALSE);
}

/* NULL with @error set. */
static char *
dup_default(GError **error)
{
    g_autoptr(WgwDbusManager) manager = wgw_client_manager(error);
    g_autoptr(GVariant) value =
        manager ? wgw_client_get_property(manager, "DefaultProfile", error) : NULL;

    return value ? g_variant_dup_string(value, NULL) : NULL;
}

static void
print_list(GPtrArray *profiles, GDBusObjectManager *objects, const char *default_name)
{
    g_autoptr(WgwTable) table = wgw_table_new(4);

    wgw_table_add(table, _("NAME"), _("STATE"), _("ADDRESSES"), _("ENDPOINTS"));
    for (guint i = 0; i < profiles->len; i++) {
        WgwDbusProfile *profile = profiles->pdata[i];
        const char *name = wgw_dbus_profile_get_name(profile);
        g_autoptr(WgwDbusSession) session = wgw_client_find_session(objects, profile);
        g_autofree char *addresses =
            g_strjoinv(", ", (char **)wgw_dbus_profile_get_addresses(profile));
        g_autofree char *endpoints = dup_endpoints(profile);
        g_autofree char *marked = g_strconcat(name, " *", NULL);
        const char *state = session ? wgw_format_state(wgw_dbus_session_get_state(session)) : "-";

        wgw_table_add(table, g_strcmp0(name, default_name) == 0 ? marked : name,
                      wgw_dbus_profile_get_valid(profile) ? state : _("invalid"), addresses,
                      endpoints);
    }
    wgw_table_print(table);
}

static GVariant *
list_as_variant(GPtrArray *profiles, GDBusObjectManager *objects, const char *default_name)
{
    GVariantBuilder list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));

    for (guint i = 0; i < profiles->len; i++) {
        WgwDbusProfile *profile = profiles->pdata[i];
        const char *name = wgw_dbus_profile_get_name(profile);
        g_autoptr(WgwDbusSession) session = wgw_client_find_session(objects, profile);
        GVariantDict row = G_VARIANT_DICT_INIT(NULL);

        g_variant_dict_insert(&row, "name", "s", name);
        g_variant_dict_insert(&row, "default", "b", g_strcmp0(name, default_name) == 0);
        g_variant_dict_insert(&row, "valid", "b", wgw_dbus_profile_get_valid(profile));
        g_variant_dict_insert(&row, "state", "s",
                              session ? wgw_dbus_session_get_state(session) : "");
        g_variant_dict_insert(&row, "public-key", "s", wgw_dbus_profile_get_public_key(profile));
        g_variant_dict_insert(&row, "addresses", "^as", wgw_dbus_profile_get_addresses(profile));
        g_variant_dict_insert(&row, "dns", "^as", wgw_dbus_profile_get_dns(profile));
        g_variant_dict_insert(&row, "tunnel-dns", "^as", wgw_dbus_profile_get_tunnel_dns(profile));
        g_variant_dict_insert(&row, "bus", "s", wgw_dbus_profile_get_bus(profile));
        g_variant_dict_insert(&row, "address-page", "s",
                              wgw_dbus_profile_get_address_page(profile));
        g_variant_dict_insert_value(&row, "forwarded-ports",
                                    wgw_dbus_profile_get_forwarded_ports(profile));
        g_variant_dict_insert_value(&row, "published-ports",
                                    wgw_dbus_profile_get_published_ports(profile));
        g_variant_dict_insert_value(&row, "peers", wgw_dbus_profile_get_peers(profile));
        g_variant_builder_add_value(&list, g_variant_dict_end(&row));
    }
    return g_variant_builder_end(&list);
}

int
wgw_verb_profile_list(const WgwVerb *verb, char **argv)
{
    gboolean json = FALSE;
    g_auto(GStrv) operands = NULL;
    g_autofree char *default_name = NULL;
    g_autoptr(GDBusObjectManager) objects = NULL;
    g_autoptr(GPtrArray) profiles = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("For programs"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 0, 0);
    if (!operands)
        return WGW_EXIT_USAGE;
    objects = wgw_client_objects(&error);
    if (!objects)
        return wgw_fail(error);
    profiles = wgw_client_list_profiles(objects);
    default_name = dup_default(&error);
    if (!default_name)
        return wgw_fail(error);
    if (json)
        wgw_json_print(list_as_variant(profiles, objects, default_name), TRUE);
    else if (profiles->len)
        print_list(profiles, objects, default_name);
    else
        puts(_("There is no profile yet; wg-wrap profile import FILE brings one."));
    return 0;
}

/* The name that a file gives its profile: without directories and ".conf". (transfer full), or NULL
 * for a file that has none. */
static char *
dup_name_from_file(const char *file)
{
    g_autofree char *name = g_path_get_basename(file);

    if (strcmp(file, "-") == 0)
        return NULL;
    if (g_str_has_suffix(name, ".conf"))
        name[strlen(name) - strlen(".conf")] = '\0';
    return g_steal_pointer(&name);
}

int
wgw_verb_profile_import(const WgwVerb *verb, char **argv)
{
    g_autofree char *name = NULL;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwText) text = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    g_autoptr(GUnixFDList) descriptors = g_unix_fd_list_new();
    WGW_AUTOCLOSE int memory = -1;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"name", 'n', 0, G_OPTION_ARG_STRING, &name,
         N_("The profile's name (default: the file's, without “.conf”)"), N_("NAME")},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (!name)
        name = dup_name_from_file(operands[0]);
    if (!name)
        return wgw_verb_usage_error(verb, _("From the standard input, --name is needed"));
    if (!g_utf8_validate(name, -1, NULL))
        return wgw_verb_usage_error(verb, _("A profile's name is UTF-8, unlike “%s”: use --name"),
                                    name);
    /* By a descriptor of our own, so that the service never waits for a pipe or a terminal. */
    text = wgw_text_read(operands[0], &error);
    if (text && text[strspn(text, " \t\r\n")] == '\0') {
        g_set_error(&error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                    _("%s is empty; that is no WireGuard configuration."), operands[0]);
        return wgw_fail(error);
    }
    memory = text ? wgw_text_memfd(text, &error) : -1;
    if (memory < 0 || g_unix_fd_list_append(descriptors, memory, &error) < 0)
        return wgw_fail(error);
    manager = wgw_client_manager(&error);
    if (!manager ||
        !wgw_dbus_manager_call_import_file_sync(manager, name, g_variant_new_handle(0), descriptors,
                                                NULL, NULL, NULL, &error)) {
        g_dbus_error_strip_remote_error(error);
        if (g_error_matches(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE))
            g_prefix_error(&error, "%s:", operands[0]); /* "line:column: …" */
        if (g_error_matches(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS)) {
            g_clear_error(&error);
            g_set_error(
                &error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS,
                _("There is a profile “%s” already. Give this one another name with --name, or "
                  "change that one: wg-wrap profile edit %s"),
                name, name);
        }
        return wgw_fail(error);
    }
    profile = wgw_client_profile(name, &error);
    if (!profile)
        return wgw_fail(error);
    wgw_text_print_problems(wgw_dbus_profile_get_problems(profile), operands[0]);
    return 0;
}

/* The text of a profile for show and export, or NULL with @error set. */
static char *
get_config(const char *name, gboolean with_secrets, GError **error)
{
    g_autoptr(WgwDbusProfile) profile = wgw_client_profile(name, error);
    char *config = NULL;

    if (profile)
        wgw_dbus_profile_call_get_config_sync(profile, with_secrets, &config, NULL, error);
    return config;
}

int
wgw_verb_profile_show(const WgwVerb *verb, char **argv)
{
    gboolean secrets = FALSE;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwText) config = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"secrets", 0, 0, G_OPTION_ARG_NONE, &secrets, N_("With private and preshared keys"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    config = get_config(operands[0], secrets, &error);
    if (!config)
        return wgw_fail(error);
    fputs(config, stdout);
    return 0;
}

int
wgw_verb_profile_export(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwText) config = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 1, 2);
    if (!operands)
        return WGW_EXIT_USAGE;
    config = get_config(operands[0], TRUE, &error);
    if (!config)
        return wgw_fail(error);
    if (!operands[1] || strcmp(operands[1], "-") == 0)
        fputs(config, stdout);
    else if (!wgw_text_write_new(operands[1], config, &error))
        return wgw_fail(error);
    return 0;
}

/* What is wrong with the file or profile @what, a(uusss). (transfer full), or NULL. */
static GVariant *
find_problems(const char *what, gboolean is_file, GError **error)
{
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    g_autoptr(WgwText) text = NULL;
    GVariant *problems = NULL;

    if (is_file) {
        text = wgw_text_read(what, error);
        manager = text ? wgw_client_manager(error) : NULL;
        if (manager)
            wgw_dbus_manager_call_check_config_sync(manager, text, &problems, NULL, error);
        return problems;
    }
    profile = wgw_client_profile(what, error);
    return profile ? wgw_dbus_profile_dup_problems(profile) : NULL;
}

int
wgw_verb_profile_check(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(GVariant) problems = NULL;
    GError *error = NULL;
    gboolean is_file;

    operands = wgw_verb_parse(verb, NULL, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    is_file = strchr(operands[0], '/') || strcmp(operands[0], "-") == 0 ||
              g_file_test(operands[0], G_FILE_TEST_EXISTS);
    problems = find_problems(operands[0], is_file, &error);
    if (!problems)
        return wgw_fail(error);
    return wgw_text_print_problems(problems, operands[0]) ? WGW_EXIT_FAILURE : 0;
}

int
wgw_verb_profile_rename(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 2, 2);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (!g_utf8_validate(operands[1], -1, NULL))
        return wgw_verb_usage_error(verb, _("A profile's name is UTF-8, unlike “%s”"), operands[1]);
    profile = wgw_client_profile(operands[0], &error);
    if (!profile || !wgw_dbus_profile_call_rename_sync(profile, operands[1], NULL, &error))
        return wgw_fail(error);
    return 0;
}

int
wgw_verb_profile_remove(const WgwVerb *verb, char **argv)
{
    static const char *const everything[] = {NULL};
    gboolean data = FALSE;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"data", 0, 0, G_OPTION_ARG_NONE, &data, N_("And what programs keep for it"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    profile = wgw_client_profile(operands[0], &error);
    if (!profile || !wgw_dbus_profile_call_remove_sync(profile, NULL, &error))
        return wgw_fail(error);
    manager = data ? wgw_client_manager(&error) : NULL;
    if (error || (manager && !wgw_dbus_manager_call_remove_private_data_sync(
                                 manager, operands[0], everything, NULL, &error)))
        return wgw_fail(error);
    return 0;
}

int
wgw_verb_profile_default(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autofree char *name = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 0, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (operands[0]) {
        profile = wgw_client_profile(operands[0], &error);
        manager = profile ? wgw_client_manager(&error) : NULL;
        return manager && wgw_client_set_property(manager, "DefaultProfile",
                                                  g_variant_new_string(operands[0]), &error)
                   ? 0
                   : wgw_fail(error);
    }
    name = dup_default(&error);
    if (!name)
        return wgw_fail(error);
    puts(name);
    return 0;
}
