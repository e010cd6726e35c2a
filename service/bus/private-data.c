/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/private-data.h"

#include "launcher/private-data.h"

/* A request that a thread works on. */
struct request {
    WgwService *service;
    GDBusMethodInvocation *invocation;
    char **profiles; /* to list; or the one to remove from */
    char **recipes;  /* to remove */
};

static void
request_free(gpointer data)
{
    struct request *request = data;

    g_strfreev(request->profiles);
    g_strfreev(request->recipes);
    g_free(request);
}

/* "" is the default profile. */
static struct request *
request_new(WgwService *service,
            GDBusMethodInvocation *invocation,
            const char *const *profiles,
            const char *const *recipes)
{
    struct request *request = g_new0(struct request, 1);

    request->service = service;
    request->invocation = invocation;
    request->profiles = g_strdupv((char **)profiles);
    request->recipes = g_strdupv((char **)recipes);
    for (char **profile = request->profiles; *profile; profile++)
        if (**profile == '\0') {
            g_free(*profile);
            *profile = g_strdup(service->default_profile);
        }
    return request;
}

static void
run(struct request *request, GTaskThreadFunc work, GAsyncReadyCallback callback)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, request);

    g_task_set_task_data(task, request, request_free);
    g_task_run_in_thread(task, work);
}

/* ---- Listing ---- */

static void
list(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct request *request = data;

    g_task_return_pointer(task, wgw_private_data_list((const char *const *)request->profiles),
                          (GDestroyNotify)g_ptr_array_unref);
}

static GVariant *
row_to_variant(WgwService *service, const WgwPrivateData *kept)
{
    GVariantDict row = G_VARIANT_DICT_INIT(NULL);

    g_variant_dict_insert(&row, "profile", "s", kept->profile);
    g_variant_dict_insert(&row, "removed", "b",
                          !wgw_profile_store_lookup(service->store, kept->profile));
    g_variant_dict_insert(&row, "recipe", "s", kept->recipe);
    g_variant_dict_insert(&row, "name", "s", kept->name);
    g_variant_dict_insert(&row, "desktop-id", "s", kept->desktop_id);
    g_variant_dict_insert(&row, "size", "t", kept->size);
    g_variant_dict_insert(&row, "changed", "t", kept->changed);
    return g_variant_dict_end(&row);
}

static gboolean
has_profile(GPtrArray *rows, const char *name)
{
    for (guint i = 0; i < rows->len; i++)
        if (g_str_equal(((WgwPrivateData *)rows->pdata[i])->profile, name))
            return TRUE;
    return FALSE;
}

static void
on_listed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    g_autoptr(GPtrArray) rows = g_task_propagate_pointer(G_TASK(result), NULL);
    GVariantBuilder answer = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
    GError *error = NULL;

    for (guint i = 0; i < rows->len; i++)
        g_variant_builder_add_value(&answer, row_to_variant(request->service, rows->pdata[i]));
    for (char **profile = request->profiles; *profile && !error; profile++)
        if (!has_profile(rows, *profile))
            wgw_service_find_profile(request->service, *profile, &error);
    if (error) {
        g_variant_builder_clear(&answer);
        wgw_service_return_error(request->invocation, error);
    } else
        g_dbus_method_invocation_return_value(request->invocation,
                                              g_variant_new("(aa{sv})", &answer));
}

static gboolean
on_list_private_data(WgwDbusManager *manager,
                     GDBusMethodInvocation *invocation,
                     const char *const *profiles,
                     gpointer user_data)
{
    run(request_new(user_data, invocation, profiles, NULL), list, on_listed);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* ---- Removal ---- */

static void
remove_kept(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct request *request = data;
    GError *error = NULL;

    if (wgw_private_data_remove(request->profiles[0], (const char *const *)request->recipes,
                                &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
on_removed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct request *request = user_data;
    GError *error = NULL;

    if (g_task_propagate_boolean(G_TASK(result), &error))
        g_dbus_method_invocation_return_value(request->invocation, NULL);
    else
        wgw_service_return_error(request->invocation, error);
}

static gboolean
on_remove_private_data(WgwDbusManager *manager,
                       GDBusMethodInvocation *invocation,
                       const char *profile,
                       const char *const *recipes,
                       gpointer user_data)
{
    const char *const profiles[] = {profile, NULL};

    run(request_new(user_data, invocation, profiles, recipes), remove_kept, on_removed);
    return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
sweep(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    wgw_private_data_sweep();
}

void
wgw_private_data_serve(WgwService *service, WgwDbusManager *manager)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);

    g_signal_connect(manager, "handle-list-private-data", G_CALLBACK(on_list_private_data),
                     service);
    g_signal_connect(manager, "handle-remove-private-data", G_CALLBACK(on_remove_private_data),
                     service);
    g_task_run_in_thread(task, sweep);
}
