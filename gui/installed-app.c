/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/installed-app.h"

struct _WgwInstalledApp {
    GObject parent_instance;

    GAppInfo *info;
    GIcon *icon;
    gboolean favourite;
    int rank;
};

G_DEFINE_FINAL_TYPE(WgwInstalledApp, wgw_installed_app, G_TYPE_OBJECT)

static void
wgw_installed_app_finalize(GObject *object)
{
    WgwInstalledApp *app = WGW_INSTALLED_APP(object);

    g_object_unref(app->info);
    g_object_unref(app->icon);
    G_OBJECT_CLASS(wgw_installed_app_parent_class)->finalize(object);
}

static void
wgw_installed_app_class_init(WgwInstalledAppClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_installed_app_finalize;
}

static void
wgw_installed_app_init(WgwInstalledApp *app)
{
}

WgwInstalledApp *
wgw_installed_app_new(GAppInfo *info, gboolean favourite, int rank)
{
    WgwInstalledApp *app = g_object_new(WGW_TYPE_INSTALLED_APP, NULL);
    GIcon *icon = g_app_info_get_icon(info);

    app->info = g_object_ref(info);
    app->icon = icon ? g_object_ref(icon) : g_themed_icon_new("application-x-executable");
    app->favourite = favourite;
    app->rank = rank;
    return app;
}

GAppInfo *
wgw_installed_app_get_info(WgwInstalledApp *app)
{
    return app->info;
}

const char *
wgw_installed_app_get_id(WgwInstalledApp *app)
{
    return g_app_info_get_id(app->info);
}

const char *
wgw_installed_app_get_name(WgwInstalledApp *app)
{
    return g_app_info_get_display_name(app->info);
}

GIcon *
wgw_installed_app_get_icon(WgwInstalledApp *app)
{
    return app->icon;
}

gboolean
wgw_installed_app_get_favourite(WgwInstalledApp *app)
{
    return app->favourite;
}

void
wgw_installed_app_set_favourite(WgwInstalledApp *app, gboolean favourite)
{
    app->favourite = favourite;
}

int
wgw_installed_app_get_rank(WgwInstalledApp *app)
{
    return app->rank;
}

gboolean
wgw_installed_app_matches(WgwInstalledApp *app, const char *text)
{
    const char *fields[] = {g_app_info_get_display_name(app->info), g_app_info_get_name(app->info),
                            g_app_info_get_executable(app->info)};

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i] && g_str_match_string(text, fields[i], TRUE))
            return TRUE;
    return !*text;
}
