/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/search.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>

#include "bus/launch.h"
#include "dbus/names.h"
#include "dbus/wgw-dbus-krunner.h"
#include "dbus/wgw-dbus-search-provider.h"
#include "launcher/search.h"

/* KRunner's QueryMatch: what the words name as a whole. */
#define KRUNNER_EXACT 100

static void
search(WgwService *service,
       const char *const *terms,
       GAsyncReadyCallback callback,
       GDBusMethodInvocation *invocation)
{
    g_autoptr(GPtrArray) profiles = wgw_profile_store_dup_profiles(service->store);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < profiles->len; i++)
        if (wgw_profile_is_valid(profiles->pdata[i]))
            g_ptr_array_add(names, (char *)wgw_profile_get_name(profiles->pdata[i]));
    g_ptr_array_add(names, NULL);
    wgw_search_async((const char *const *)names->pdata, terms, callback, invocation);
}

/* ---- Running what was found ---- */

struct run {
    WgwService *service;
    char *title;
};

/* A desktop's search has nowhere to show it. */
static void
notify(WgwService *service, const char *summary, const char *body)
{
    g_dbus_connection_call(
        service->connection, "org.freedesktop.Notifications", "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications", "Notify",
        g_variant_new("(susss@as@a{sv}i)", "wg-wrap", 0, WGW_APPLICATION_ID, summary, body,
                      g_variant_new_strv(NULL, 0), g_variant_new("a{sv}", NULL), -1),
        NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct run *run = user_data;
    g_autoptr(GError) error = NULL;

    if (wgw_launch_finish(result, &error) == 0) {
        g_autofree char *summary = g_strdup_printf(_("%s Did Not Open"), run->title);
        g_autofree char *body = g_markup_escape_text(error->message, -1);

        notify(run->service, summary, body);
    }
    g_free(run->title);
    g_free(run);
}

static void
run(WgwService *service, GDBusMethodInvocation *invocation, const char *id)
{
    static const char *const no_uris[] = {NULL};
    g_autoptr(WgwHit) hit = wgw_hit_parse(id);
    GError *error = NULL;
    WgwProfile *profile = wgw_service_find_profile(service, hit ? hit->profile : "", &error);
    struct run *launched;

    if (!hit || !profile) {
        g_clear_error(&error);
        g_dbus_method_invocation_return_error(invocation, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                              _("There is no result “%s”."), id);
        return;
    }
    launched = g_new0(struct run, 1);
    launched->service = service;
    launched->title = g_strdup(hit->title);
    wgw_launch_application_async(service, profile, hit->desktop_id, no_uris,
                                 g_variant_new("a{sv}", NULL), NULL, on_launched, launched);
    g_dbus_method_invocation_return_value(invocation, NULL);
}

/* ---- GNOME Shell ---- */

static void
on_results(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GPtrArray) hits = wgw_search_finish(result);
    g_auto(GVariantBuilder) ids = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_STRING_ARRAY);

    for (guint i = 0; i < hits->len; i++)
        g_variant_builder_add(&ids, "s", ((WgwHit *)hits->pdata[i])->id);
    g_dbus_method_invocation_return_value(user_data, g_variant_new("(as)", &ids));
}

static gboolean
on_initial(WgwDbusSearchProvider2 *provider,
           GDBusMethodInvocation *invocation,
           const char *const *terms,
           gpointer service)
{
    search(service, terms, on_results, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_subsearch(WgwDbusSearchProvider2 *provider,
             GDBusMethodInvocation *invocation,
             const char *const *previous,
             const char *const *terms,
             gpointer service)
{
    search(service, terms, on_results, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_metas(WgwDbusSearchProvider2 *provider,
         GDBusMethodInvocation *invocation,
         const char *const *ids,
         gpointer service)
{
    g_auto(GVariantBuilder) metas = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));

    for (; *ids; ids++) {
        g_autoptr(WgwHit) hit = wgw_hit_parse(*ids);
        g_autofree char *description = NULL;

        if (!hit)
            continue;
        description = g_strdup_printf(_("Open in the tunnel “%s”"), hit->profile);
        g_variant_builder_open(&metas, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&metas, "{sv}", "id", g_variant_new_string(hit->id));
        g_variant_builder_add(&metas, "{sv}", "name", g_variant_new_string(hit->title));
        g_variant_builder_add(&metas, "{sv}", "description", g_variant_new_string(description));
        g_variant_builder_add(&metas, "{sv}", "gicon", g_variant_new_string(hit->icon));
        g_variant_builder_close(&metas);
    }
    wgw_dbus_search_provider2_complete_get_result_metas(provider, invocation,
                                                        g_variant_builder_end(&metas));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_activate(WgwDbusSearchProvider2 *provider,
            GDBusMethodInvocation *invocation,
            const char *id,
            const char *const *terms,
            guint timestamp,
            gpointer service)
{
    run(service, invocation, id);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* "Show more": the application, for the words mean nothing to it. */
static gboolean
on_launch_search(WgwDbusSearchProvider2 *provider,
                 GDBusMethodInvocation *invocation,
                 const char *const *terms,
                 guint timestamp,
                 gpointer service)
{
    g_autoptr(GDesktopAppInfo) app = g_desktop_app_info_new(WGW_APPLICATION_ID ".desktop");

    if (app)
        g_app_info_launch_uris_async(G_APP_INFO(app), NULL, NULL, NULL, NULL, NULL);
    wgw_dbus_search_provider2_complete_launch_search(provider, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ---- KRunner ---- */

static void
on_matches(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GPtrArray) hits = wgw_search_finish(result);
    g_auto(GVariantBuilder) matches = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sssida{sv})"));

    for (guint i = 0; i < hits->len; i++) {
        const WgwHit *hit = hits->pdata[i];

        g_variant_builder_add(&matches, "(sssid@a{sv})", hit->id, hit->title, hit->icon,
                              KRUNNER_EXACT, 1.0 - i / (2.0 * hits->len),
                              g_variant_new("a{sv}", NULL));
    }
    g_dbus_method_invocation_return_value(user_data, g_variant_new("(a(sssida{sv}))", &matches));
}

static gboolean
on_match(WgwDbusKrunner1 *runner,
         GDBusMethodInvocation *invocation,
         const char *query,
         gpointer service)
{
    g_auto(GStrv) terms = g_strsplit_set(query, " \t", -1);

    search(service, (const char *const *)terms, on_matches, invocation);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_actions(WgwDbusKrunner1 *runner, GDBusMethodInvocation *invocation, gpointer service)
{
    wgw_dbus_krunner1_complete_actions(runner, invocation, g_variant_new("a(sss)", NULL));
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
on_run(WgwDbusKrunner1 *runner,
       GDBusMethodInvocation *invocation,
       const char *id,
       const char *action,
       gpointer service)
{
    run(service, invocation, id);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

gboolean
wgw_search_export(WgwService *service, GError **error)
{
    WgwDbusSearchProvider2 *provider = wgw_dbus_search_provider2_skeleton_new();
    WgwDbusKrunner1 *runner = wgw_dbus_krunner1_skeleton_new();
    const struct {
        gpointer skeleton;
        const char *signal;
        GCallback handler;
    } handlers[] = {
        {provider, "handle-get-initial-result-set", G_CALLBACK(on_initial)},
        {provider, "handle-get-subsearch-result-set", G_CALLBACK(on_subsearch)},
        {provider, "handle-get-result-metas", G_CALLBACK(on_metas)},
        {provider, "handle-activate-result", G_CALLBACK(on_activate)},
        {provider, "handle-launch-search", G_CALLBACK(on_launch_search)},
        {runner, "handle-actions", G_CALLBACK(on_actions)},
        {runner, "handle-match", G_CALLBACK(on_match)},
        {runner, "handle-run", G_CALLBACK(on_run)},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++)
        g_signal_connect(handlers[i].skeleton, handlers[i].signal, handlers[i].handler, service);
    return g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(provider),
                                            service->connection, WGW_SEARCH_PATH, error) &&
           g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(runner), service->connection,
                                            WGW_SEARCH_PATH, error);
}
