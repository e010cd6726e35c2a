/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/store.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>

#include "dbus/error.h"
#include "profile/document.h"
#include "profile/files.h"
#include "profile/profile-private.h"

/*
 * An editor saves in several steps: it writes a file of another name and moves it over, or moves
 * the old file away and writes a new one, or truncates and writes. So an event only says which name
 * to look at, a moment later, and what is seen then is compared with what was seen before. A file
 * that is gone is looked at twice before its profile is.
 */
#define SETTLE_MS 50

struct _WgwProfileStore {
    GObject parent_instance;

    char *directory;
    GHashTable *profiles; /* name, lent by its profile -> WgwProfile */
    GFileMonitor *monitor;
    GHashTable *unsettled; /* name -> GINT_TO_POINTER(how often it was looked at and was gone) */
    GSource *settle;
};

G_DEFINE_FINAL_TYPE(WgwProfileStore, wgw_profile_store, G_TYPE_OBJECT)

enum { PROFILE_ADDED, PROFILE_CHANGED, PROFILE_REMOVED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
add_profile(WgwProfileStore *store, WgwProfile *profile)
{
    g_hash_table_insert(store->profiles, (gpointer)wgw_profile_get_name(profile),
                        g_object_ref(profile));
    g_signal_emit(store, signals[PROFILE_ADDED], 0, profile);
}

static void
drop_profile(WgwProfileStore *store, WgwProfile *profile)
{
    g_autoptr(WgwProfile) last = g_object_ref(profile);

    g_hash_table_remove(store->profiles, wgw_profile_get_name(profile));
    g_signal_emit(store, signals[PROFILE_REMOVED], 0, last);
}

/* Look at the file of that name and tell the world. FALSE if there is none. */
static gboolean
look(WgwProfileStore *store, const char *name)
{
    WgwProfile *known = g_hash_table_lookup(store->profiles, name);
    g_autoptr(WgwProfile) profile =
        known ? g_object_ref(known) : wgw_profile_new(store->directory, name);

    switch (wgw_profile_refresh(profile)) {
    case WGW_REFRESH_SAME:
        return TRUE;
    case WGW_REFRESH_CHANGED:
        if (known)
            g_signal_emit(store, signals[PROFILE_CHANGED], 0, profile);
        else
            add_profile(store, profile);
        return TRUE;
    case WGW_REFRESH_GONE:
        return FALSE;
    }
    return FALSE;
}

static void schedule(WgwProfileStore *store);

static gboolean
on_settled(gpointer user_data)
{
    WgwProfileStore *store = user_data;
    g_autoptr(GHashTable) names = g_steal_pointer(&store->unsettled);
    GHashTableIter iter;
    gpointer name, looks;

    store->unsettled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_clear_pointer(&store->settle, g_source_unref);
    g_hash_table_iter_init(&iter, names);
    while (g_hash_table_iter_next(&iter, &name, &looks)) {
        WgwProfile *profile;

        if (look(store, name))
            continue;
        profile = g_hash_table_lookup(store->profiles, name);
        if (profile && GPOINTER_TO_INT(looks) > 0) {
            drop_profile(store, profile);
        } else if (profile) {
            g_hash_table_insert(store->unsettled, g_strdup(name), GINT_TO_POINTER(1));
            schedule(store);
        }
    }
    return G_SOURCE_REMOVE;
}

static void
schedule(WgwProfileStore *store)
{
    if (store->settle)
        return;
    store->settle = g_timeout_source_new(SETTLE_MS);
    g_source_set_callback(store->settle, on_settled, store, NULL);
    g_source_attach(store->settle, g_main_context_get_thread_default());
}

/* The profile's name that belongs to a file's name. Free with g_free; NULL if it is no profile. */
static char *
profile_name(const char *file)
{
    g_autofree char *name = NULL;

    if (!g_str_has_suffix(file, WGW_PROFILE_SUFFIX))
        return NULL;
    name = g_strndup(file, strlen(file) - strlen(WGW_PROFILE_SUFFIX));
    return wgw_profile_name_check(name, NULL) ? g_steal_pointer(&name) : NULL;
}

static void
unsettle(WgwProfileStore *store, GFile *file)
{
    g_autofree char *base = file ? g_file_get_basename(file) : NULL;
    g_autofree char *name = base ? profile_name(base) : NULL;

    if (!name)
        return;
    g_hash_table_insert(store->unsettled, g_steal_pointer(&name), GINT_TO_POINTER(0));
    schedule(store);
}

/* Look at all names, those that were there and those that are. */
static void
unsettle_all(WgwProfileStore *store)
{
    g_autoptr(GDir) dir = g_dir_open(store->directory, 0, NULL);
    GHashTableIter iter;
    gpointer known;
    const char *entry;

    g_hash_table_iter_init(&iter, store->profiles);
    while (g_hash_table_iter_next(&iter, &known, NULL))
        g_hash_table_insert(store->unsettled, g_strdup(known), GINT_TO_POINTER(0));
    while (dir && (entry = g_dir_read_name(dir))) {
        char *name = profile_name(entry);

        if (name)
            g_hash_table_insert(store->unsettled, name, GINT_TO_POINTER(0));
    }
    schedule(store);
}

static void
on_monitor_changed(
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
    WgwProfileStore *store = user_data;
    g_autoptr(GFile) directory = g_file_new_for_path(store->directory);

    if (g_file_equal(file, directory)) {
        unsettle_all(store);
        return;
    }
    unsettle(store, file);
    unsettle(store, other);
}

static void
wgw_profile_store_init(WgwProfileStore *store)
{
    store->profiles = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_object_unref);
    store->unsettled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
wgw_profile_store_finalize(GObject *object)
{
    WgwProfileStore *store = WGW_PROFILE_STORE(object);

    if (store->settle)
        g_source_destroy(store->settle);
    g_clear_pointer(&store->settle, g_source_unref);
    if (store->monitor)
        g_signal_handlers_disconnect_by_data(store->monitor, store);
    g_clear_object(&store->monitor);
    g_hash_table_unref(store->unsettled);
    g_hash_table_unref(store->profiles);
    g_free(store->directory);
    G_OBJECT_CLASS(wgw_profile_store_parent_class)->finalize(object);
}

static void
wgw_profile_store_class_init(WgwProfileStoreClass *class)
{
    static const char *const names[] = {"profile-added", "profile-changed", "profile-removed"};

    G_STATIC_ASSERT(G_N_ELEMENTS(names) == N_SIGNALS);
    G_OBJECT_CLASS(class)->finalize = wgw_profile_store_finalize;
    for (int i = 0; i < N_SIGNALS; i++)
        signals[i] = g_signal_new(names[i], WGW_TYPE_PROFILE_STORE, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, WGW_TYPE_PROFILE);
}

WgwProfileStore *
wgw_profile_store_new(const char *directory)
{
    WgwProfileStore *store = g_object_new(WGW_TYPE_PROFILE_STORE, NULL);

    store->directory = directory
                           ? g_canonicalize_filename(directory, NULL)
                           : g_build_filename(g_get_user_config_dir(), "wg-wrap", "profiles", NULL);
    return store;
}

gboolean
wgw_profile_store_open(WgwProfileStore *store, GError **error)
{
    g_autoptr(GFile) directory = g_file_new_for_path(store->directory);
    g_autoptr(GError) local_error = NULL;
    g_autoptr(GDir) dir = NULL;
    const char *entry;

    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store) && !store->monitor, FALSE);

    if (g_mkdir_with_parents(store->directory, 0700) < 0) {
        g_set_error(error, WGW_ERROR, wgw_error_code_of(errno),
                    _("Cannot make the directory %s: %s. %s"), store->directory, g_strerror(errno),
                    errno == EACCES ? _("See to the permissions above it.")
                                    : wgw_error_advice_on(errno));
        return FALSE;
    }
    wgw_files_sweep(store->directory);
    /* The monitor first: what comes between it and reading is looked at twice rather than never. */
    store->monitor =
        g_file_monitor_directory(directory, G_FILE_MONITOR_WATCH_MOVES, NULL, &local_error);
    dir = store->monitor ? g_dir_open(store->directory, 0, &local_error) : NULL;
    if (!dir) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("Cannot read the directory %s: %s"),
                    store->directory, local_error->message);
        g_clear_object(&store->monitor);
        return FALSE;
    }
    g_file_monitor_set_rate_limit(store->monitor, SETTLE_MS);
    g_signal_connect(store->monitor, "changed", G_CALLBACK(on_monitor_changed), store);
    while ((entry = g_dir_read_name(dir))) {
        g_autofree char *name = profile_name(entry);

        if (name)
            look(store, name);
    }
    return TRUE;
}

const char *
wgw_profile_store_get_directory(WgwProfileStore *store)
{
    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store), NULL);
    return store->directory;
}

WgwProfile *
wgw_profile_store_lookup(WgwProfileStore *store, const char *name)
{
    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store), NULL);
    return g_hash_table_lookup(store->profiles, name);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(wgw_profile_get_name(*(WgwProfile *const *)a),
                  wgw_profile_get_name(*(WgwProfile *const *)b));
}

GPtrArray *
wgw_profile_store_dup_profiles(WgwProfileStore *store)
{
    GPtrArray *profiles;
    GHashTableIter iter;
    gpointer profile;

    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store), NULL);
    profiles = g_ptr_array_new();
    g_hash_table_iter_init(&iter, store->profiles);
    while (g_hash_table_iter_next(&iter, NULL, &profile))
        g_ptr_array_add(profiles, profile);
    g_ptr_array_sort(profiles, compare_names);
    return profiles;
}

static char *
path_of(WgwProfileStore *store, const char *name)
{
    g_autofree char *file = g_strconcat(name, WGW_PROFILE_SUFFIX, NULL);

    return g_build_filename(store->directory, file, NULL);
}

static gboolean
exists_error(GError **error, const char *name)
{
    g_set_error(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS,
                _("There is a profile \"%s\" already. Choose another name."), name);
    return FALSE;
}

/* What was just written must be there; who removed it again meanwhile is told so. */
static WgwProfile *
lookup_written(WgwProfileStore *store, const char *name, GError **error)
{
    WgwProfile *profile = look(store, name) ? wgw_profile_store_lookup(store, name) : NULL;

    if (!profile)
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE,
                    _("The profile \"%s\" was removed by somebody else."), name);
    return profile;
}

WgwProfile *
wgw_profile_store_import(
    WgwProfileStore *store, const char *name, const char *text, gssize len, GError **error)
{
    g_autoptr(WgwConfig) config = NULL;
    g_autoptr(GError) local_error = NULL;
    g_autofree char *path = NULL;
    gsize n = len < 0 ? strlen(text) : (gsize)len;

    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store), NULL);
    if (!wgw_profile_name_check(name, error))
        return NULL;
    config = wgw_config_parse(text, n, WGW_CONFIG_NO_SECRETS, NULL, error);
    if (!config)
        return NULL;
    path = path_of(store, name);
    if (!wgw_files_write(path, text, n, FALSE, &local_error)) {
        if (g_error_matches(local_error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS))
            exists_error(error, name);
        else
            g_propagate_error(error, g_steal_pointer(&local_error));
        return NULL;
    }
    return lookup_written(store, name, error);
}

/* Nothing at all is what is left when something went wrong; a profile that is to go is removed. */
static gboolean
check_not_empty(const char *text, gsize len, GError **error)
{
    for (gsize i = 0; i < len; i++)
        if (!g_ascii_isspace(text[i]))
            return TRUE;
    g_set_error_literal(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                        _("The new text is empty. To be rid of a profile, remove it."));
    return FALSE;
}

gboolean
wgw_profile_store_update(
    WgwProfileStore *store, WgwProfile *profile, const char *text, gssize len, GError **error)
{
    g_autoptr(WgwSecret) old = NULL;
    g_autoptr(WgwSecret) restored = NULL;
    g_autoptr(WgwConfig) config = NULL;
    gsize n = len < 0 ? strlen(text) : (gsize)len;

    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store) && WGW_IS_PROFILE(profile), FALSE);
    if (!check_not_empty(text, n, error))
        return FALSE;
    old = wgw_profile_read(profile, error);
    if (!old)
        return FALSE;
    restored =
        wgw_document_restore_secrets(text, n, wgw_secret_get_text(old), wgw_secret_get_length(old));
    config = wgw_config_parse(wgw_secret_get_text(restored), wgw_secret_get_length(restored),
                              WGW_CONFIG_NO_SECRETS, NULL, error);
    if (!config)
        return FALSE;
    if (!wgw_files_write(wgw_profile_get_path(profile), wgw_secret_get_text(restored),
                         wgw_secret_get_length(restored), TRUE, error))
        return FALSE;
    return lookup_written(store, wgw_profile_get_name(profile), error) != NULL;
}

WgwProfile *
wgw_profile_store_rename(WgwProfileStore *store,
                         WgwProfile *profile,
                         const char *name,
                         GError **error)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) local_error = NULL;

    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store) && WGW_IS_PROFILE(profile), NULL);
    if (!wgw_profile_name_check(name, error))
        return NULL;
    path = path_of(store, name);
    if (!wgw_files_rename(wgw_profile_get_path(profile), path, &local_error)) {
        if (g_error_matches(local_error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS))
            exists_error(error, name);
        else
            g_propagate_error(error, g_steal_pointer(&local_error));
        return NULL;
    }
    if (wgw_profile_store_lookup(store, wgw_profile_get_name(profile)) == profile)
        drop_profile(store, profile);
    return lookup_written(store, name, error);
}

gboolean
wgw_profile_store_remove(WgwProfileStore *store, WgwProfile *profile, GError **error)
{
    g_return_val_if_fail(WGW_IS_PROFILE_STORE(store) && WGW_IS_PROFILE(profile), FALSE);
    if (!wgw_files_remove(wgw_profile_get_path(profile), error))
        return FALSE;
    if (wgw_profile_store_lookup(store, wgw_profile_get_name(profile)) == profile)
        drop_profile(store, profile);
    return TRUE;
}
