/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A profile's entry is made with the first request, and goes when its session has ended:
 *
 *      lock ──> start ──> connect ──> mirror          requests made meanwhile wait in the entry
 *       │ busy             │ gone      │ died
 *       │                  │           └> start a successor in its namespaces, connect (and in place of
 *       │                  │              a start, where programs are all that is left of a session)
 *       └> connect, or ────┴> lock again a little later, until the one who dies is dead; if he has left his
 *                             name behind he is dead: a successor, too
 *
 * The supervisor alone decides whether a session lives. A request that it refuses with Closed, or that
 * dies with the connection, begins again with a new session: see calls.c. */

#include "session/registry-private.h"

#include <glib/gi18n.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "session/leftover.h"
#include "session/relay.h"
#include "session/resolver.h"
#include "session/runtime.h"
#include "session/sockets.h"
#include "session/start.h"
#include "session/survivor.h"

/* Until a dying session has given back its lock. It takes milliseconds; past that somebody else
 * has it. */
#define RETRY_MS    5
#define MAX_RETRIES 2000

/* A supervisor that is killed before it is ready is started again so often. */
#define MAX_DEATHS 3

/* A successor that cannot be started is tried again, in seconds: doubling from the first to the last. */
#define FIRST_PAUSE 1
#define LAST_PAUSE  60

/* For how long the service waits for sessions that run already, in seconds. They answer in milliseconds; one
 * that is stopped (SIGSTOP) keeps nobody from the others. */
#define ADOPTION_PATIENCE 3

/* After so many retries, who has left his name is not just ending, but dead. */
#define ABANDONED_AFTER 20

struct entry {
    WgwRegistry *registry;
    char *name;
    WgwMirror *mirror; /* NULL while it is being started */
    WgwResolver *resolver;
    WgwProfile *profile; /* NULL: it is gone */
    gboolean edited;     /* while it was being started */
    GPtrArray *waiting;  /* GTask: who asked for the mirror */
    GTask *adoption;     /* while it is asked for what a former service has left, or NULL */
    guint retries;
    guint retry_timer;
    guint deaths;
    /* What the supervisor that died leaves to its successor; NULL: this is none. */
    GUnixFDList *namespaces;
    guint pause;       /* seconds */
    guint pause_timer; /* until the successor is tried again */
};

struct _WgwRegistry {
    GObject parent_instance;

    WgwProfileStore *store;
    WgwLogs *logs;
    WgwBridge *bridge;
    GHashTable *entries; /* name -> struct entry (owned) */
    guint linger;        /* of a new session */
};

G_DEFINE_FINAL_TYPE(WgwRegistry, wgw_registry, G_TYPE_OBJECT)

enum { ADDED, REMOVED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void try_lock(struct entry *entry);
static void start_successor(struct entry *entry);
static gboolean on_pause_over(gpointer user_data);
static void begin_succession(struct entry *entry, WgwMirror *mirror);

static void
entry_free(gpointer data)
{
    struct entry *entry = data;

    g_clear_handle_id(&entry->retry_timer, g_source_remove);
    g_clear_handle_id(&entry->pause_timer, g_source_remove);
    g_clear_object(&entry->namespaces);
    g_clear_pointer(&entry->resolver, wgw_resolver_free);
    g_clear_object(&entry->mirror);
    g_clear_object(&entry->profile);
    g_ptr_array_unref(entry->waiting);
    wgw_bridge_release(entry->registry->bridge);
    g_free(entry->name);
    g_free(entry);
}

static struct entry *
add_entry(WgwRegistry *registry, const char *name, WgwProfile *profile)
{
    struct entry *entry = g_new0(struct entry, 1);

    entry->registry = registry;
    wgw_bridge_hold(registry->bridge);
    entry->name = g_strdup(name);
    g_set_object(&entry->profile, profile);
    entry->waiting = g_ptr_array_new_with_free_func(g_object_unref);
    g_hash_table_insert(registry->entries, entry->name, entry);
    return entry;
}

/* ---- The end ---- */

/* A new session of the same name takes the directory over as it is. */
static gboolean
is_in_use(const char *name, gpointer owner)
{
    return g_hash_table_contains(WGW_REGISTRY(owner)->entries, name);
}

static void
on_mirror_closed(WgwMirror *mirror, struct entry *entry)
{
    G_GNUC_UNUSED g_autoptr(WgwMirror) keep = g_object_ref(mirror);
    WgwRegistry *registry = entry->registry;
    g_autofree char *name = g_strdup(entry->name);
    g_autoptr(WgwProfile) profile = entry->profile ? g_object_ref(entry->profile) : NULL;

    g_signal_handlers_disconnect_by_data(mirror, entry);
    g_hash_table_remove(registry->entries, name);
    g_signal_emit(registry, signals[REMOVED], 0, mirror);
    if (wgw_mirror_is_closed(mirror) && wgw_mirror_get_namespaces(mirror) &&
        wgw_runtime_is_abandoned(name))
        begin_succession(add_entry(registry, name, profile), mirror);
    else
        wgw_leftover_remove_soon(name, is_in_use, registry);
}

/* ---- The start ---- */

/* What was begun is removed as soon as nobody has its lock: a supervisor that gave up may not have
 * exited yet. */
static void
fail(struct entry *entry, const GError *error)
{
    g_autoptr(GPtrArray) waiting = g_ptr_array_ref(entry->waiting);

    wgw_logs_add(entry->registry->logs, entry->name, WGW_LOG_ERROR,
                 _("The tunnel did not start: %s"), error->message);
    wgw_leftover_remove_soon(entry->name, is_in_use, entry->registry);
    g_hash_table_remove(entry->registry->entries, entry->name);
    for (guint i = 0; i < waiting->len; i++)
        g_task_return_error(g_ptr_array_index(waiting, i), g_error_copy(error));
}

/* @told, which may be NULL, is called once the session's log is known. */
static void
succeed(struct entry *entry,
        WgwMirror *mirror,
        void (*told)(gpointer user_data),
        gpointer user_data)
{
    g_autoptr(GPtrArray) waiting = g_steal_pointer(&entry->waiting);
    WgwConfig *config = entry->profile ? wgw_profile_get_config(entry->profile) : NULL;
    WgwProfile *profile = wgw_profile_store_lookup(entry->registry->store, entry->name);
    gboolean edited = entry->edited || entry->namespaces;

    entry->edited = FALSE;
    entry->waiting = g_ptr_array_new_with_free_func(g_object_unref);
    entry->mirror = mirror;
    g_clear_object(&entry->namespaces);
    if (wgw_mirror_get_foreign(mirror))
        wgw_logs_add(entry->registry->logs, entry->name, WGW_LOG_WARNING, "%s",
                     wgw_mirror_get_foreign(mirror));
    else
        entry->resolver = wgw_resolver_new(mirror, config);
    g_signal_connect(mirror, "closed", G_CALLBACK(on_mirror_closed), entry);
    wgw_logs_follow(entry->registry->logs, mirror, told, user_data);
    wgw_relay_follow(mirror);
    g_signal_emit(entry->registry, signals[ADDED], 0, mirror);
    for (guint i = 0; i < waiting->len; i++)
        g_task_return_pointer(g_ptr_array_index(waiting, i), g_object_ref(mirror), g_object_unref);
    if (edited && profile)
        wgw_registry_profile_changed(entry->registry, profile);
    /* It may have gone while the answer was on its way. */
    if (wgw_mirror_is_closed(mirror))
        on_mirror_closed(mirror, entry);
}

static gboolean
on_retry(gpointer user_data)
{
    struct entry *entry = user_data;

    entry->retry_timer = 0;
    try_lock(entry);
    return G_SOURCE_REMOVE;
}

static void
retry(struct entry *entry, const GError *error)
{
    if (++entry->retries == ABANDONED_AFTER && wgw_runtime_is_abandoned(entry->name))
        entry->namespaces = wgw_survivor_dup_namespaces(entry->name);
    if (entry->namespaces)
        start_successor(entry);
    else if (entry->retries > MAX_RETRIES)
        fail(entry, error);
    else
        entry->retry_timer = g_timeout_add(RETRY_MS, on_retry, entry);
}

static void
on_connected(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct entry *entry = user_data;
    g_autoptr(GError) error = NULL;
    WgwMirror *mirror = wgw_mirror_connect_finish(result, &error);

    if (mirror)
        succeed(entry, mirror, NULL, NULL);
    else if (error->domain == WGW_ERROR ||
             g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
        fail(entry, error); /* the trouble is ours: it lives, and goes on */
    else
        retry(entry, error);
}

/* Programs wait for the successor, so it is tried until it succeeds; callers are told why it did not. */
static void
pause_succession(struct entry *entry, const GError *error)
{
    g_autoptr(GPtrArray) waiting = g_steal_pointer(&entry->waiting);

    entry->waiting = g_ptr_array_new_with_free_func(g_object_unref);
    if (entry->pause == 0)
        wgw_logs_add(entry->registry->logs, entry->name, WGW_LOG_ERROR,
                     _("There is no new supervisor yet: %s"), error->message);
    entry->pause = CLAMP(2 * entry->pause, FIRST_PAUSE, LAST_PAUSE);
    entry->pause_timer = g_timeout_add_seconds(entry->pause, on_pause_over, entry);
    for (guint i = 0; i < waiting->len; i++)
        g_task_return_error(g_ptr_array_index(waiting, i), g_error_copy(error));
}

static void
on_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct entry *entry = user_data;
    g_autoptr(GError) error = NULL;

    if (wgw_start_finish(result, &error)) {
        wgw_mirror_connect_async(entry->name, NULL, on_connected, entry);
        return;
    }
    g_dbus_error_strip_remote_error(error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED) && entry->deaths++ < MAX_DEATHS) {
        if (entry->namespaces)
            start_successor(entry);
        else
            try_lock(entry);
    } else if (entry->namespaces)
        pause_succession(entry, error);
    else
        fail(entry, error);
}

/* A new session's, or, where there are namespaces, the one who follows a supervisor that died. */
static void
start_supervisor(struct entry *entry, int lock)
{
    WgwStart start = {
        .lock = lock, .linger = entry->registry->linger, .namespaces = entry->namespaces};

    if (entry->namespaces && entry->pause == 0)
        wgw_logs_add(entry->registry->logs, entry->name, WGW_LOG_WARNING,
                     _("The tunnel's supervisor died; another one starts."));
    wgw_start_async(entry->name, entry->profile, &start, NULL, on_started, entry);
}

static void
start_successor(struct entry *entry)
{
    /* Free only if the anchor died, too. */
    start_supervisor(entry, wgw_runtime_lock(entry->name, NULL));
}

static gboolean
on_pause_over(gpointer user_data)
{
    struct entry *entry = user_data;

    entry->pause_timer = 0;
    start_successor(entry);
    return G_SOURCE_REMOVE;
}

/* Whoever needs it does not wait for the pause to be over. */
static void
end_pause(struct entry *entry)
{
    if (!entry->pause_timer)
        return;
    g_clear_handle_id(&entry->pause_timer, g_source_remove);
    start_successor(entry);
}

/* @mirror has lost its connection. */
static void
begin_succession(struct entry *entry, WgwMirror *mirror)
{
    entry->namespaces = g_object_ref(wgw_mirror_get_namespaces(mirror));
    start_successor(entry);
}

static void
try_lock(struct entry *entry)
{
    g_autoptr(GError) error = NULL;
    int lock = wgw_runtime_lock(entry->name, &error);

    if (lock >= 0) /* all who knew of it died; but there may be programs */
        entry->namespaces = wgw_survivor_dup_namespaces_of_programs(entry->name);
    if (entry->namespaces || (lock >= 0 && entry->profile))
        start_supervisor(entry, lock);
    else if (lock >= 0) { /* nobody is there, and nobody wants it to be */
        wgw_runtime_remove(entry->name, lock);
        g_hash_table_remove(entry->registry->entries, entry->name);
    } else if (g_error_matches(error, WGW_ERROR, WGW_ERROR_BUSY))
        wgw_mirror_connect_async(entry->name, NULL, on_connected, entry);
    else
        fail(entry, error);
}

void
wgw_registry_get_mirror(WgwRegistry *registry,
                        WgwProfile *profile,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
    const char *name = wgw_profile_get_name(profile);
    struct entry *entry = g_hash_table_lookup(registry->entries, name);
    GTask *task = g_task_new(registry, NULL, callback, user_data);

    if (entry && entry->mirror) {
        g_task_return_pointer(task, g_object_ref(entry->mirror), g_object_unref);
        g_object_unref(task);
        return;
    }
    if (entry) {
        g_set_object(&entry->profile, profile);
        g_ptr_array_add(entry->waiting, task);
        end_pause(entry);
        return;
    }
    entry = add_entry(registry, name, profile);
    g_ptr_array_add(entry->waiting, task);
    try_lock(entry);
}

void
wgw_registry_drop(WgwRegistry *registry, WgwMirror *mirror)
{
    struct entry *entry = g_hash_table_lookup(registry->entries, wgw_mirror_get_name(mirror));

    if (entry && entry->mirror == mirror)
        on_mirror_closed(mirror, entry);
}

/* ---- Sessions that run already ---- */

struct adoption {
    guint pending;  /* how many have not answered yet */
    guint patience; /* 0: nobody is waited for any more */
};

static void
conclude_adoption(GTask *task)
{
    struct adoption *adoption = g_task_get_task_data(task);

    if (adoption->patience == 0)
        return;
    g_clear_handle_id(&adoption->patience, g_source_remove);
    g_task_return_boolean(task, TRUE);
}

/* @user_data: a reference to the task, of which each who is pending has one. */
static void
on_answered(gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    struct adoption *adoption = g_task_get_task_data(task);

    if (--adoption->pending == 0)
        conclude_adoption(task);
}

static gboolean
on_adoption_patience(gpointer user_data)
{
    WgwRegistry *registry = g_task_get_source_object(user_data);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, registry->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct entry *entry = value;

        if (entry->adoption)
            wgw_logs_add(registry->logs, entry->name, WGW_LOG_WARNING,
                         _("The tunnel's supervisor does not answer; it is waited for."));
    }
    conclude_adoption(user_data);
    return G_SOURCE_REMOVE;
}

static void
on_adopted(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct entry *entry = user_data;
    GTask *task = g_steal_pointer(&entry->adoption);
    g_autoptr(GError) error = NULL;
    WgwMirror *mirror = wgw_mirror_connect_finish(result, &error);

    if (mirror) {
        succeed(entry, mirror, on_answered, task);
        return;
    }
    /* Nobody answers there: as if somebody had asked for it, unless it has just ended. */
    if (entry->waiting->len > 0 || wgw_runtime_is_abandoned(entry->name))
        try_lock(entry);
    else
        g_hash_table_remove(entry->registry->entries, entry->name);
    on_answered(task);
}

/* The session in the directory @id, if there is one; else the directory goes. */
static void
adopt(GTask *task, const char *id)
{
    WgwRegistry *registry = g_task_get_source_object(task);
    struct adoption *adoption = g_task_get_task_data(task);
    g_autofree char *name = wgw_runtime_read_name(id);
    g_autoptr(GUnixFDList) namespaces = name ? wgw_survivor_dup_namespaces_of_programs(name) : NULL;
    struct entry *entry;

    if (!namespaces)
        wgw_runtime_sweep(id);
    if (!name || !wgw_runtime_is_abandoned(name))
        return;
    entry = add_entry(registry, name, wgw_profile_store_lookup(registry->store, name));
    entry->adoption = g_object_ref(task);
    adoption->pending++;
    wgw_mirror_connect_async(name, NULL, on_adopted, entry);
}

/* ---- Class and public functions ---- */

static void
wgw_registry_finalize(GObject *object)
{
    g_hash_table_unref(WGW_REGISTRY(object)->entries);
    g_object_unref(WGW_REGISTRY(object)->store);
    g_object_unref(WGW_REGISTRY(object)->logs);
    G_OBJECT_CLASS(wgw_registry_parent_class)->finalize(object);
}

static void
wgw_registry_class_init(WgwRegistryClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_registry_finalize;
    signals[ADDED] = g_signal_new("added", WGW_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, WGW_TYPE_MIRROR);
    signals[REMOVED] = g_signal_new("removed", WGW_TYPE_REGISTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 1, WGW_TYPE_MIRROR);
}

static void
wgw_registry_init(WgwRegistry *registry)
{
    registry->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
}

WgwRegistry *
wgw_registry_new(WgwProfileStore *store, WgwLogs *logs, WgwBridge *bridge)
{
    WgwRegistry *registry = g_object_new(WGW_TYPE_REGISTRY, NULL);

    registry->store = g_object_ref(store);
    registry->logs = g_object_ref(logs);
    registry->bridge = bridge;
    return registry;
}

void
wgw_registry_adopt_async(WgwRegistry *registry, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(registry, NULL, callback, user_data);
    struct adoption *adoption = g_new0(struct adoption, 1);
    g_auto(GStrv) ids = wgw_runtime_list();

    adoption->pending = 1;
    adoption->patience = g_timeout_add_seconds(ADOPTION_PATIENCE, on_adoption_patience, task);
    g_task_set_task_data(task, adoption, g_free);
    for (char **id = ids; *id; id++)
        adopt(task, *id);
    on_answered(task);
}

void
wgw_registry_adopt_finish(WgwRegistry *registry, GAsyncResult *result)
{
    g_task_propagate_boolean(G_TASK(result), NULL);
}

WgwBridge *
wgw_registry_get_bridge(WgwRegistry *registry)
{
    return registry->bridge;
}

GPtrArray *
wgw_registry_list(WgwRegistry *registry)
{
    GPtrArray *mirrors = g_ptr_array_new_with_free_func(g_object_unref);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, registry->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct entry *entry = value;

        if (entry->mirror)
            g_ptr_array_add(mirrors, g_object_ref(entry->mirror));
    }
    return mirrors;
}

WgwMirror *
wgw_registry_lookup(WgwRegistry *registry, const char *name)
{
    struct entry *entry = g_hash_table_lookup(registry->entries, name);

    return entry ? entry->mirror : NULL;
}

static void
log_refusal(WgwMirror *mirror, const char *reason)
{
    g_autofree char *message =
        g_strdup_printf(_("The profile was edited, but the tunnel stays as it was: %s"), reason);

    wgw_dbus_supervisor1_call_log(wgw_mirror_get_proxy(mirror), TRUE, message, NULL, NULL, NULL);
}

/* An invalid edit changes nothing; it shows in Problems. */
static void
log_mistake(WgwMirror *mirror, WgwProfile *profile)
{
    const WgwProblem *problem = wgw_problems_first_error(wgw_profile_get_problems(profile));
    g_autofree char *reason =
        problem ? g_strdup_printf("%u:%u: %s", problem->line, problem->column, problem->message)
                : NULL;

    if (reason)
        log_refusal(mirror, reason);
}

void
wgw_registry_set_linger(WgwRegistry *registry, guint seconds)
{
    registry->linger = seconds;
}

void
wgw_registry_profile_changed(WgwRegistry *registry, WgwProfile *profile)
{
    struct entry *entry = g_hash_table_lookup(registry->entries, wgw_profile_get_name(profile));
    WgwConfig *config = wgw_profile_get_config(profile);
    g_autoptr(GUnixFDList) fds = NULL;
    g_autoptr(GError) error = NULL;
    int fd;

    if (!entry)
        return;
    g_set_object(&entry->profile, profile);
    if (entry->mirror && wgw_mirror_get_foreign(entry->mirror))
        return;
    if (!config) {
        if (entry->mirror)
            log_mistake(entry->mirror, profile);
        return;
    }
    if (!entry->mirror) {
        entry->edited = TRUE;
        end_pause(entry); /* perhaps it was an invalid profile that held a successor up */
        return;
    }
    fd = wgw_profile_open(profile, &error);
    if (fd < 0) {
        log_refusal(entry->mirror, error->message);
        return;
    }
    fds = g_unix_fd_list_new_from_array(&fd, 1);
    /* A refusal is in the session's log. */
    wgw_mirror_call_async(entry->mirror, "Update",
                          g_variant_new("(hu)", 0, wgw_sockets_path_mtu(config)), fds, NULL, NULL);
    wgw_resolver_set_config(entry->resolver, config);
}

void
wgw_registry_reconnect(WgwRegistry *registry, WgwMirror *mirror)
{
    struct entry *entry = g_hash_table_lookup(registry->entries, wgw_mirror_get_name(mirror));

    if (entry && entry->resolver)
        wgw_resolver_refresh(entry->resolver);
}

void
wgw_registry_wake(WgwRegistry *registry)
{
    g_autoptr(GPtrArray) mirrors = wgw_registry_list(registry);

    for (guint i = 0; i < mirrors->len; i++) {
        WgwMirror *mirror = mirrors->pdata[i];

        if (wgw_mirror_get_foreign(mirror))
            continue;
        wgw_dbus_supervisor1_call_log(wgw_mirror_get_proxy(mirror), FALSE,
                                      _("The machine has woken up: looking for the peers anew."),
                                      NULL, NULL, NULL);
        wgw_registry_reconnect(registry, mirror);
    }
}
