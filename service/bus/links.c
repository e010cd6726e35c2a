/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/links.h"

#include <glib/gi18n.h>

#include "bus/settings.h"
#include "dbus/error.h"
#include "launcher/links.h"

static void
show_rules(WgwService *service)
{
    GVariantBuilder rules = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{ss}"));
    GHashTableIter iter;
    const char *pattern, *profile;

    g_hash_table_iter_init(&iter, service->link_rules);
    while (g_hash_table_iter_next(&iter, (gpointer *)&pattern, (gpointer *)&profile))
        g_variant_builder_add(&rules, "{ss}", pattern, profile);
    wgw_dbus_manager_set_link_rules(service->manager, g_variant_builder_end(&rules));
    /* Before the answer to whatever caused it. */
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(service->manager));
}

/* @profile NULL: no rule from now on. */
static gboolean
set_rule(WgwService *service, const char *pattern, const char *profile, GError **error)
{
    if (!wgw_settings_set_link_rule(pattern, profile, error))
        return FALSE;
    if (profile)
        g_hash_table_insert(service->link_rules, g_strdup(pattern), g_strdup(profile));
    else
        g_hash_table_remove(service->link_rules, pattern);
    return TRUE;
}

static gboolean
on_add_link_rule(WgwDbusManager *manager,
                 GDBusMethodInvocation *invocation,
                 const char *text,
                 const char *name,
                 gpointer user_data)
{
    WgwService *service = user_data;
    GError *error = NULL;
    WgwProfile *profile = wgw_service_find_profile(service, name, &error);
    g_autofree char *pattern = profile ? wgw_link_dup_pattern(text, &error) : NULL;

    if (pattern && set_rule(service, pattern, wgw_profile_get_name(profile), &error)) {
        show_rules(service);
        wgw_dbus_manager_complete_add_link_rule(manager, invocation);
    } else
        wgw_service_return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_remove_link_rule(WgwDbusManager *manager,
                    GDBusMethodInvocation *invocation,
                    const char *text,
                    gpointer user_data)
{
    WgwService *service = user_data;
    GError *error = NULL;
    g_autofree char *pattern = wgw_link_dup_pattern(text, &error);

    if (pattern && !g_hash_table_contains(service->link_rules, pattern))
        error = g_error_new(WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                            _("There is no rule “%s”. See which there are with: wg-wrap link list"),
                            pattern);
    if (!error && set_rule(service, pattern, NULL, &error)) {
        show_rules(service);
        wgw_dbus_manager_complete_remove_link_rule(manager, invocation);
    } else
        wgw_service_return_error(invocation, error);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_route_link(WgwDbusManager *manager,
              GDBusMethodInvocation *invocation,
              const char *uri,
              gpointer user_data)
{
    WgwService *service = user_data;
    GError *error = NULL;
    g_autofree char *scheme = g_uri_parse_scheme(uri);
    gboolean is_file = scheme && g_ascii_strcasecmp(scheme, "file") == 0;
    g_autofree char *host = is_file ? NULL : wgw_link_dup_host(uri, &error);
    const char *profile = host ? wgw_link_find_profile(service->link_rules, host) : NULL;
    g_autoptr(WgwApplication) browser = NULL;

    if (!error && !profile)
        browser = wgw_browser_find(service->browser, &error);
    if (error)
        wgw_service_return_error(invocation, error);
    else
        wgw_dbus_manager_complete_route_link(manager, invocation, profile ? profile : "",
                                             browser ? wgw_application_get_id(browser) : "");
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_browser(WgwDbusManager *manager, GParamSpec *pspec, gpointer user_data)
{
    WgwService *service = user_data;
    const char *id = wgw_dbus_manager_get_browser(manager);
    g_autoptr(GError) error = NULL;

    if (g_strcmp0(id, service->browser) == 0)
        return;
    /* A property's writer cannot be answered; what is refused goes back to what it was. */
    if (!wgw_settings_set("Browser", id, &error)) {
        g_warning("Browser: %s", error->message);
        wgw_dbus_manager_set_browser(manager, service->browser);
        return;
    }
    g_free(service->browser);
    service->browser = g_strdup(id);
}

void
wgw_links_serve(WgwService *service, WgwDbusManager *manager)
{
    service->manager = manager;
    service->link_rules = wgw_settings_load_link_rules();
    service->browser = wgw_settings_get("Browser", "");
    show_rules(service);
    wgw_dbus_manager_set_browser(manager, service->browser);
    g_signal_connect(manager, "handle-add-link-rule", G_CALLBACK(on_add_link_rule), service);
    g_signal_connect(manager, "handle-remove-link-rule", G_CALLBACK(on_remove_link_rule), service);
    g_signal_connect(manager, "handle-route-link", G_CALLBACK(on_route_link), service);
    g_signal_connect(manager, "notify::browser", G_CALLBACK(on_browser), service);
}

void
wgw_links_rename_profile(WgwService *service, const char *profile, const char *name)
{
    g_autoptr(GList) patterns = g_hash_table_get_keys(service->link_rules);

    for (GList *pattern = patterns; pattern; pattern = pattern->next) {
        g_autoptr(GError) error = NULL;

        if (g_str_equal(g_hash_table_lookup(service->link_rules, pattern->data), profile) &&
            !set_rule(service, pattern->data, name, &error))
            g_warning("link: %s", error->message);
    }
    show_rules(service);
}
