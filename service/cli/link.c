/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * link: web links, each in the tunnel that a rule names for its host, or else outside with the usual browser.
 *
 * The service has the rules and decides; what is opened outside is this process's own child, so it is started
 * as if the desktop had done it. A link that a rule names never opens outside: whatever is in its way is an
 * error. */
#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/door.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/open.h"
#include "cli/verb.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/vfs.h"

#define NOTIFY_MS 3000

/* When we last opened a link outside, for whatever that starts; and what is too soon, in seconds. A browser
 * that asks the desktop to open it would bring it back, again and again. */
#define VARIABLE "WG_WRAP_LINK_OPENED"
#define TOO_SOON 3

static const char *const schemes[] = {"x-scheme-handler/http", "x-scheme-handler/https"};

/* ---- Opening ---- */

/* Whoever clicked on a link sees no terminal. */
static void
notify(GDBusConnection *bus, const char *message)
{
    g_autofree char *body = g_markup_escape_text(message, -1);
    G_GNUC_UNUSED g_autoptr(GVariant) reply = g_dbus_connection_call_sync(
        bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications", "Notify",
        g_variant_new("(susss@as@a{sv}i)", "wg-wrap", 0, WGW_APPLICATION_ID, _("Link Not Opened"),
                      body, g_variant_new_strv(NULL, 0), g_variant_new("a{sv}", NULL), -1),
        NULL, G_DBUS_CALL_FLAGS_NONE, NOTIFY_MS, NULL, NULL);
}

static gboolean
is_ours(GAppInfo *info)
{
    return info && g_strcmp0(g_app_info_get_id(info), WGW_LINKS_ID) == 0;
}

/* Whether the desktop hands us all links, or all such files; else we were chosen for this one. */
static gboolean
is_default(const char *uri)
{
    gboolean is_file = g_ascii_strncasecmp(uri, "file:", strlen("file:")) == 0;
    g_autoptr(GAppInfo) info =
        g_app_info_get_default_for_type(is_file ? "text/html" : schemes[1], !is_file);

    return is_ours(info);
}

static gboolean
came_back(void)
{
    const char *text = g_getenv(VARIABLE);
    gint64 then = text ? g_ascii_strtoll(text, NULL, 10) : 0;

    return text && g_get_monotonic_time() / G_USEC_PER_SEC - then < TOO_SOON;
}

static gboolean
open_outside(GDBusConnection *bus, const char *desktop_id, const char *uri, GError **error)
{
    g_autoptr(GAppLaunchContext) context = g_app_launch_context_new();
    g_autoptr(GDesktopAppInfo) browser = g_desktop_app_info_new(desktop_id);
    g_autofree char *now =
        g_strdup_printf("%" G_GINT64_FORMAT, g_get_monotonic_time() / G_USEC_PER_SEC);
    GList uris = {(gpointer)uri, NULL, NULL};

    if (!browser || is_ours(G_APP_INFO(browser)) || came_back()) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED,
                    _("The browser “%s” does not open links itself. Choose another: wg-wrap link "
                      "browser DESKTOP-ID"),
                    desktop_id);
        return FALSE;
    }
    g_app_launch_context_setenv(context, VARIABLE, now);
    wgw_vfs_use_local();
    /* What is started by D-Bus is asked by a message, which has to be on its way before we end. */
    return g_app_info_launch_uris(G_APP_INFO(browser), &uris, context, error) &&
           g_dbus_connection_flush_sync(bus, NULL, error);
}

/* The application asks for the tunnel, unless there is but one. */
static gboolean
ask(const char *uri, GError **error)
{
    const char *argv[] = {"wg-wrap-gtk", "--open", uri, NULL};

    if (g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, error))
        return TRUE;
    g_prefix_error(
        error, _("No rule is for it, and the application to ask for a tunnel is not there. Install "
                 "wg-wrap-gtk, or name one: wg-wrap open PROFILE URI. "));
    return FALSE;
}

static gboolean
open_link(WgwDbusManager *manager, const char *uri, GError **error)
{
    GDBusConnection *bus = g_dbus_proxy_get_connection(G_DBUS_PROXY(manager));
    const char *const uris[] = {uri, NULL};
    const char *own = wgw_run_is_inside() ? g_getenv(WGW_PROFILE_VARIABLE) : NULL;
    g_autofree char *profile = NULL;
    g_autofree char *browser = NULL;

    if (!wgw_dbus_manager_call_route_link_sync(manager, uri, &profile, &browser, NULL, error))
        return FALSE;
    if (*profile)
        return wgw_open_inside(manager, profile, NULL, uris, NULL, NULL, error);
    /* A link in a program in a tunnel. */
    if (own)
        return wgw_open_inside(manager, own, NULL, uris, NULL, NULL, error);
    return is_default(uri) ? open_outside(bus, browser, uri, error) : ask(uri, error);
}

int
wgw_verb_link_open(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_auto(GStrv) uris = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;
    int status = 0;

    operands = wgw_verb_parse(verb, NULL, argv, 1, G_MAXUINT);
    if (!operands)
        return WGW_EXIT_USAGE;
    uris = wgw_open_dup_uris(operands, &error);
    manager = uris ? wgw_client_manager(&error) : NULL;
    if (!manager)
        return wgw_fail(error);
    for (char **uri = uris; *uri; uri++) {
        if (open_link(manager, *uri, &error))
            continue;
        g_dbus_error_strip_remote_error(error);
        if (!isatty(STDERR_FILENO))
            notify(g_dbus_proxy_get_connection(G_DBUS_PROXY(manager)), error->message);
        status = wgw_fail(g_steal_pointer(&error));
    }
    return status;
}

/* ---- Rules ---- */

static int
compare_rules(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
print_rules(GVariant *rules)
{
    g_autoptr(WgwTable) table = wgw_table_new(2);
    g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(g_free);
    char *pattern;
    GVariantIter iter;

    g_variant_iter_init(&iter, rules);
    while (g_variant_iter_next(&iter, "{ss}", &pattern, NULL))
        g_ptr_array_add(patterns, pattern);
    g_ptr_array_sort(patterns, compare_rules);
    wgw_table_add(table, _("HOST"), _("PROFILE"));
    for (guint i = 0; i < patterns->len; i++) {
        g_autofree char *profile = NULL;

        g_variant_lookup(rules, patterns->pdata[i], "s", &profile);
        wgw_table_add(table, patterns->pdata[i], profile);
    }
    wgw_table_print(table);
}

int
wgw_verb_link_list(const WgwVerb *verb, char **argv)
{
    gboolean json = FALSE;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(GVariant) rules = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("For programs"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 0, 0);
    if (!operands)
        return WGW_EXIT_USAGE;
    manager = wgw_client_manager(&error);
    rules = manager ? wgw_client_get_property(manager, "LinkRules", &error) : NULL;
    if (!rules)
        return wgw_fail(error);
    if (json)
        wgw_json_print(rules, TRUE);
    else if (g_variant_n_children(rules))
        print_rules(rules);
    else
        puts(_("There is no rule yet: wg-wrap link add HOST PROFILE"));
    return 0;
}

int
wgw_verb_link_add(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 2, 2);
    if (!operands)
        return WGW_EXIT_USAGE;
    for (int i = 0; i < 2; i++)
        if (!g_utf8_validate(operands[i], -1, NULL))
            return wgw_verb_usage_error(verb, _("Hosts and profiles are UTF-8, unlike “%s”"),
                                        operands[i]);
    manager = wgw_client_manager(&error);
    return manager && wgw_dbus_manager_call_add_link_rule_sync(manager, operands[0], operands[1],
                                                               NULL, &error)
               ? 0
               : wgw_fail(error);
}

int
wgw_verb_link_remove(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (!g_utf8_validate(operands[0], -1, NULL))
        return wgw_verb_usage_error(verb, _("Hosts and profiles are UTF-8, unlike “%s”"),
                                    operands[0]);
    manager = wgw_client_manager(&error);
    return manager &&
                   wgw_dbus_manager_call_remove_link_rule_sync(manager, operands[0], NULL, &error)
               ? 0
               : wgw_fail(error);
}

/* ---- The desktop's choice, and ours ---- */

static gboolean
set_default(const char *id, GError **error)
{
    g_autoptr(GDesktopAppInfo) info = g_desktop_app_info_new(id);

    if (!info) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION,
                    _("There is no application “%s” installed."), id);
        return FALSE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (!g_app_info_set_as_default_for_type(G_APP_INFO(info), schemes[i], error))
            return FALSE;
    return TRUE;
}

/* Be what the desktop opens links with, and remember what that was; or put it back. */
static gboolean
change_default(WgwDbusManager *manager, gboolean on, GError **error)
{
    g_autoptr(GAppInfo) before = g_app_info_get_default_for_type(schemes[1], TRUE);
    g_autofree char *profile = NULL;
    g_autofree char *browser = NULL;

    if (on == is_ours(before))
        return TRUE;
    if (on)
        return (!before ||
                wgw_client_set_property(manager, "Browser",
                                        g_variant_new_string(g_app_info_get_id(before)), error)) &&
               set_default(WGW_LINKS_ID, error);
    /* A file is what no rule is for. */
    return wgw_dbus_manager_call_route_link_sync(manager, "file:///", &profile, &browser, NULL,
                                                 error) &&
           set_default(browser, error);
}

int
wgw_verb_link_default(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    GError *error = NULL;
    gboolean on;

    operands = wgw_verb_parse(verb, NULL, argv, 0, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (!operands[0]) {
        puts(is_default("https:") ? "on" : "off");
        return 0;
    }
    on = strcmp(operands[0], "on") == 0;
    if (!on && strcmp(operands[0], "off") != 0)
        return wgw_verb_usage_error(verb, _("It is “on” or “off”, not “%s”"), operands[0]);
    manager = wgw_client_manager(&error);
    return manager && change_default(manager, on, &error) ? 0 : wgw_fail(error);
}

int
wgw_verb_link_browser(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(GDesktopAppInfo) info = NULL;
    g_autofree char *profile = NULL;
    g_autofree char *browser = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 0, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    manager = wgw_client_manager(&error);
    if (!manager)
        return wgw_fail(error);
    if (!operands[0]) {
        if (!wgw_dbus_manager_call_route_link_sync(manager, "file:///", &profile, &browser, NULL,
                                                   &error))
            return wgw_fail(error);
        puts(browser);
        return 0;
    }
    info = g_desktop_app_info_new(operands[0]);
    if (!info || is_ours(G_APP_INFO(info)))
        return wgw_verb_usage_error(verb, _("“%s” is no browser's desktop entry"), operands[0]);
    return wgw_client_set_property(manager, "Browser", g_variant_new_string(operands[0]), &error)
               ? 0
               : wgw_fail(error);
}
