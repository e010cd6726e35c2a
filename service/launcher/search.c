/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/search.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gi18n.h>
#include <string.h>

#include "launcher/application-private.h"
#include "launcher/desktop-launcher.h"

#define MAX_HITS 20

struct search {
    char **profiles, **terms;
};

static void
search_free(gpointer data)
{
    struct search *search = data;

    g_strfreev(search->profiles);
    g_strfreev(search->terms);
    g_free(search);
}

void
wgw_hit_free(WgwHit *hit)
{
    g_free(hit->id);
    g_free(hit->profile);
    g_free(hit->desktop_id);
    g_free(hit->title);
    g_free(hit->icon);
    g_free(hit);
}

/* NULL if the application is none that menus show, or is a launcher of ours, in a tunnel already. */
static WgwHit *
hit_new(const char *profile, const char *desktop_id)
{
    /* Not by GIO, which waits for a writer where there is a FIFO. */
    g_autoptr(WgwApplication) application =
        strchr(desktop_id, '/') ? NULL : wgw_application_find(desktop_id, NULL);
    g_autoptr(GDesktopAppInfo) info =
        application ? g_desktop_app_info_new_from_keyfile(application->entry) : NULL;
    g_autofree char *ours =
        info ? g_desktop_app_info_get_string(info, WGW_DESKTOP_LAUNCHER_PROFILE) : NULL;
    GIcon *icon;
    WgwHit *hit;

    if (!info || ours || !g_app_info_should_show(G_APP_INFO(info)))
        return NULL;
    icon = g_app_info_get_icon(G_APP_INFO(info));
    hit = g_new0(WgwHit, 1);
    hit->profile = g_strdup(profile);
    hit->desktop_id = g_strdup(desktop_id);
    /* A profile's name has no slash. */
    hit->id = g_strconcat(profile, "/", desktop_id, NULL);
    /* Translators: an application and the tunnel that it opens in. */
    hit->title =
        g_strdup_printf(_("%s (%s)"), g_app_info_get_display_name(G_APP_INFO(info)), profile);
    hit->icon = icon ? g_icon_to_string(icon) : NULL;
    if (!hit->icon)
        hit->icon = g_strdup("");
    return hit;
}

WgwHit *
wgw_hit_parse(const char *id)
{
    const char *slash = strchr(id, '/');
    g_autofree char *profile = slash ? g_strndup(id, (gsize)(slash - id)) : NULL;

    return profile && *profile && g_utf8_validate(id, -1, NULL) ? hit_new(profile, slash + 1)
                                                                : NULL;
}

/* Part the terms: those that begin a word of the profile's name, and what is left, as one string. NULL
 * if either is nothing. */
static char *
name_application(const char *profile, char **terms)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    gboolean is_named = FALSE;

    for (; *terms; terms++) {
        if (g_str_match_string(*terms, profile, TRUE))
            is_named = TRUE;
        else
            g_string_append_printf(rest, " %s", *terms);
    }
    return is_named && rest->len > 0 ? g_strdup(rest->str) : NULL;
}

static void
add_hits(GPtrArray *hits, const char *profile, const char *application)
{
    char ***groups = g_desktop_app_info_search(application); /* of desktop IDs, best first */

    for (char ***group = groups; *group; group++) {
        for (char **id = *group; *id && hits->len < MAX_HITS; id++) {
            WgwHit *hit = hit_new(profile, *id);

            if (hit)
                g_ptr_array_add(hits, hit);
        }
        g_strfreev(*group);
    }
    g_free(groups);
}

static void
search_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    struct search *search = data;
    GPtrArray *hits = g_ptr_array_new_with_free_func((GDestroyNotify)wgw_hit_free);

    for (char **profile = search->profiles; *profile; profile++) {
        g_autofree char *application = name_application(*profile, search->terms);

        if (application)
            add_hits(hits, *profile, application);
    }
    g_task_return_pointer(task, hits, (GDestroyNotify)g_ptr_array_unref);
}

void
wgw_search_async(const char *const *profiles,
                 const char *const *terms,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    struct search *search = g_new0(struct search, 1);

    search->profiles = g_strdupv((char **)profiles);
    search->terms = g_strdupv((char **)terms);
    g_task_set_task_data(task, search, search_free);
    g_task_run_in_thread(task, search_in_thread);
}

GPtrArray *
wgw_search_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}
