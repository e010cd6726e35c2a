/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/leftover.h"

#include "session/runtime.h"

#define RETRY_MS  5
#define MAX_TRIES 2000

struct leftover {
    char *name;
    gboolean (*in_use)(const char *name, gpointer owner);
    GObject *owner;
    guint tries;
};

static void
leftover_free(gpointer data)
{
    struct leftover *leftover = data;

    g_object_unref(leftover->owner);
    g_free(leftover->name);
    g_free(leftover);
}

static gboolean
on_remove(gpointer user_data)
{
    struct leftover *leftover = user_data;
    int lock;

    if (leftover->in_use(leftover->name, leftover->owner))
        return G_SOURCE_REMOVE;
    lock = wgw_runtime_lock(leftover->name, NULL);
    if (lock < 0)
        return ++leftover->tries < MAX_TRIES ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    wgw_runtime_remove(leftover->name, lock);
    return G_SOURCE_REMOVE;
}

void
wgw_leftover_remove_soon(const char *name,
                         gboolean (*in_use)(const char *name, gpointer owner),
                         gpointer owner)
{
    struct leftover *leftover = g_new0(struct leftover, 1);

    leftover->name = g_strdup(name);
    leftover->in_use = in_use;
    leftover->owner = g_object_ref(owner);
    g_timeout_add_full(G_PRIORITY_DEFAULT, RETRY_MS, on_remove, leftover, leftover_free);
}
