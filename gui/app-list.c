/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/app-list.h"

#include <gio/gdesktopappinfo.h>

#include "gui/installed-app.h"

#define FAVOURITES "favourite-applications"
#define RECENT     "recent-applications"

/* More are no help: they are found by name. */
#define MAX_RECENT 5

/* In the launchers that Profile.CreateLauncher() makes: each is of one tunnel. */
#define LAUNCHER_KEY "X-WgWrap-Profile"

static int
find(char **ids, const char *id)
{
    for (int i = 0; ids[i]; i++)
        if (g_str_equal(ids[i], id))
            return i;
    return -1;
}

static int
compare(gconstpointer a, gconstpointer b, gpointer user_data)
{
    WgwInstalledApp *apps[] = {(gpointer)a, (gpointer)b};
    int order = wgw_installed_app_get_favourite(apps[1]) - wgw_installed_app_get_favourite(apps[0]);
    /* As unsigned, "not of late" is the greatest. */
    guint ranks[] = {(guint)wgw_installed_app_get_rank(apps[0]),
                     (guint)wgw_installed_app_get_rank(apps[1])};

    if (order == 0 && !wgw_installed_app_get_favourite(apps[0]))
        order = (ranks[0] > ranks[1]) - (ranks[0] < ranks[1]);
    return order != 0 ? order
                      : g_utf8_collate(wgw_installed_app_get_name(apps[0]),
                                       wgw_installed_app_get_name(apps[1]));
}

GListModel *
wgw_app_list_new(GSettings *settings)
{
    GListStore *store = g_list_store_new(WGW_TYPE_INSTALLED_APP);
    g_auto(GStrv) favourites = g_settings_get_strv(settings, FAVOURITES);
    g_auto(GStrv) recent = g_settings_get_strv(settings, RECENT);

    for (GList *infos = g_app_info_get_all(); infos; infos = g_list_delete_link(infos, infos)) {
        g_autoptr(GAppInfo) info = infos->data;
        const char *id = g_app_info_get_id(info);
        g_autoptr(WgwInstalledApp) app = NULL;

        if (!id || !g_app_info_should_show(info) ||
            g_desktop_app_info_has_key(G_DESKTOP_APP_INFO(info), LAUNCHER_KEY))
            continue;
        app = wgw_installed_app_new(info, find(favourites, id) >= 0, find(recent, id));
        g_list_store_insert_sorted(store, app, compare, NULL);
    }
    return G_LIST_MODEL(store);
}

/* Put at the front, or take away; at most @max stay. */
static void
change(GSettings *settings, const char *key, const char *id, gboolean present, guint max)
{
    g_auto(GStrv) ids = g_settings_get_strv(settings, key);
    g_autoptr(GPtrArray) changed = g_ptr_array_new();

    if (present)
        g_ptr_array_add(changed, (gpointer)id);
    for (char **other = ids; *other && changed->len < max; other++)
        if (!g_str_equal(*other, id))
            g_ptr_array_add(changed, *other);
    g_ptr_array_add(changed, NULL);
    g_settings_set_strv(settings, key, (const char *const *)changed->pdata);
}

void
wgw_app_list_set_favourite(GSettings *settings, const char *id, gboolean favourite)
{
    change(settings, FAVOURITES, id, favourite, G_MAXUINT);
}

void
wgw_app_list_note_launch(GSettings *settings, const char *id)
{
    change(settings, RECENT, id, TRUE, MAX_RECENT);
}
