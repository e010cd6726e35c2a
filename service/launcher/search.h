/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* "firefox work": an application in a tunnel, for a desktop's own search. Some words name the profile and
 * the others the application; words of one kind alone find nothing, for what they mean is the desktop's
 * to say. */

typedef struct {
    char *id; /* names both, for wgw_hit_parse */
    char *profile;
    char *desktop_id;
    char *title; /* "Firefox (work)", in the user's language */
    char *icon;  /* a GIcon as g_icon_to_string gives it, or "" */
} WgwHit;

void wgw_hit_free(WgwHit *hit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwHit, wgw_hit_free)

/* wgw_hit_parse - the hit of that ID, which may be a stranger's word: NULL if there is no such
 * application that is shown to the user. That there is the profile is not checked. Reads a small local file.
 * (transfer full) */
WgwHit *wgw_hit_parse(const char *id);

/* wgw_search_async - @profiles: their names; @terms: the words that were typed. GIO reads all desktop
 * entries the first time, so it is asked in a thread. */
void wgw_search_async(const char *const *profiles,
                      const char *const *terms,
                      GAsyncReadyCallback callback,
                      gpointer user_data);

/* wgw_search_finish - of WgwHit, best first, not more than people look at. (transfer full) */
GPtrArray *wgw_search_finish(GAsyncResult *result);
