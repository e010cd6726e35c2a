/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Files are read one after the other, the next one when the texts of the one before are running out, and texts
 * handed to the service a few at a time: so many that it always has something to do, so few that whoever else
 * asks it something is answered, too. */

#include "gui/import.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "dbus/error.h"
#include "gui/import-problem.h"
#include "gui/profile-file.h"
#include "gui/profile-name.h"

#define IN_FLIGHT_MAX 8
#define ATTEMPTS_MAX  100

struct _WgwImport {
    GObject parent_instance;

    WgwClient *client;
    GCancellable *cancellable;
    GQueue files; /* GFile */
    GQueue texts; /* WgwProfileText */
    gboolean reading;
    guint in_flight;
    gboolean finished;
    guint total;
    guint done;
    guint taken;
    char *first_name;
    GListStore *problems; /* WgwImportProblem */
};

G_DEFINE_FINAL_TYPE(WgwImport, wgw_import, G_TYPE_OBJECT)

enum { PROGRESSED, FINISHED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* A text on its way. */
struct delivery {
    WgwImport *import;
    WgwProfileText *text;
    char *name;
    guint attempt; /* 1: the name that was wished for */
};

static void step(WgwImport *import);
static void deliver(struct delivery *delivery);

static void
delivery_free(struct delivery *delivery)
{
    g_object_unref(delivery->import);
    wgw_profile_text_free(delivery->text);
    g_free(delivery->name);
    g_free(delivery);
}

/* @reason is taken. */
static void
note_problem(WgwImport *import, const char *label, char *reason)
{
    g_autoptr(WgwImportProblem) problem = wgw_import_problem_new(label, reason);

    g_list_store_append(import->problems, problem);
}

/* A mistake's message begins with "line:column:", by the contract. (transfer full) */
static char *
dup_reason(const GError *error)
{
    guint line, column;
    int length = 0;

    if (g_error_matches(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE) &&
        sscanf(error->message, "%u:%u: %n", &line, &column, &length) == 2 && length > 0)
        /* Translators: where a mistake is in a file, and what it is */
        return g_strdup_printf(_("Line %u, column %u: %s"), line, column, error->message + length);
    return g_strdup(error->message);
}

static void
on_delivered(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct delivery *delivery = user_data;
    WgwImport *import = delivery->import;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(import->client, result, &error);

    if (!reply && g_error_matches(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS) &&
        delivery->attempt < ATTEMPTS_MAX && !wgw_import_is_cancelled(import)) {
        deliver(delivery);
        return;
    }
    if (!reply)
        note_problem(import, delivery->text->label, dup_reason(error));
    else if (import->taken++ == 0)
        import->first_name = g_steal_pointer(&delivery->name);
    import->in_flight--;
    import->done++;
    step(import);
    delivery_free(delivery);
}

static void
deliver(struct delivery *delivery)
{
    g_free(delivery->name);
    delivery->name = wgw_profile_name_make(delivery->text->wish, ++delivery->attempt);
    wgw_client_import(delivery->import->client, delivery->name, delivery->text->text, on_delivered,
                      delivery);
}

static void
begin_delivery(WgwImport *import, WgwProfileText *text)
{
    struct delivery *delivery;

    if (!text->text) {
        note_problem(import, text->label, g_steal_pointer(&text->problem));
        wgw_profile_text_free(text);
        import->done++;
        return;
    }
    delivery = g_new0(struct delivery, 1);
    delivery->import = g_object_ref(import);
    delivery->text = text;
    import->in_flight++;
    deliver(delivery);
}

static void
on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(WgwImport) import = user_data;
    g_autoptr(GPtrArray) texts = wgw_profile_file_read_finish(result);

    import->reading = FALSE;
    /* The file was counted as one. */
    import->total += texts ? texts->len - 1 : 0;
    for (guint i = 0; texts && i < texts->len; i++)
        g_queue_push_tail(&import->texts, texts->pdata[i]);
    if (texts)
        g_ptr_array_set_free_func(texts, NULL);
    step(import);
}

static void
step(WgwImport *import)
{
    gboolean cancelled = wgw_import_is_cancelled(import);
    WgwProfileText *text;

    while (!cancelled && import->in_flight < IN_FLIGHT_MAX &&
           (text = g_queue_pop_head(&import->texts)))
        begin_delivery(import, text);
    if (!cancelled && !import->reading && g_queue_get_length(&import->texts) < IN_FLIGHT_MAX &&
        !g_queue_is_empty(&import->files)) {
        g_autoptr(GFile) file = g_queue_pop_head(&import->files);

        import->reading = TRUE;
        wgw_profile_file_read(file, import->cancellable, on_read, g_object_ref(import));
    }
    g_signal_emit(import, signals[PROGRESSED], 0);
    if (import->in_flight > 0 || import->reading || import->finished)
        return;
    import->finished = TRUE;
    g_signal_emit(import, signals[FINISHED], 0);
}

static gboolean
on_start(gpointer user_data)
{
    step(user_data);
    return G_SOURCE_REMOVE;
}

/* ---- Class ---- */

static void
wgw_import_finalize(GObject *object)
{
    WgwImport *import = WGW_IMPORT(object);

    g_queue_clear_full(&import->files, g_object_unref);
    g_queue_clear_full(&import->texts, (GDestroyNotify)wgw_profile_text_free);
    g_object_unref(import->client);
    g_object_unref(import->cancellable);
    g_object_unref(import->problems);
    g_free(import->first_name);
    G_OBJECT_CLASS(wgw_import_parent_class)->finalize(object);
}

static void
wgw_import_class_init(WgwImportClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_import_finalize;
    signals[PROGRESSED] = g_signal_new("progressed", WGW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
    signals[FINISHED] = g_signal_new("finished", WGW_TYPE_IMPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
}

static void
wgw_import_init(WgwImport *import)
{
    import->cancellable = g_cancellable_new();
    import->problems = g_list_store_new(WGW_TYPE_IMPORT_PROBLEM);
    g_queue_init(&import->files);
    g_queue_init(&import->texts);
}

WgwImport *
wgw_import_new(WgwClient *client)
{
    WgwImport *import = g_object_new(WGW_TYPE_IMPORT, NULL);

    import->client = g_object_ref(client);
    return import;
}

void
wgw_import_add_file(WgwImport *import, GFile *file)
{
    g_queue_push_tail(&import->files, g_object_ref(file));
    import->total++;
}

void
wgw_import_add_text(WgwImport *import, WgwProfileText *text)
{
    g_queue_push_tail(&import->texts, text);
    import->total++;
}

void
wgw_import_start(WgwImport *import)
{
    g_idle_add_full(G_PRIORITY_DEFAULT, on_start, g_object_ref(import), g_object_unref);
}

void
wgw_import_cancel(WgwImport *import)
{
    g_cancellable_cancel(import->cancellable);
}

gboolean
wgw_import_is_cancelled(WgwImport *import)
{
    return g_cancellable_is_cancelled(import->cancellable);
}

gboolean
wgw_import_is_finished(WgwImport *import)
{
    return import->finished;
}

guint
wgw_import_get_done(WgwImport *import, guint *ret_total)
{
    *ret_total = import->total;
    return import->done;
}

guint
wgw_import_get_taken(WgwImport *import, const char **ret_name)
{
    *ret_name = import->first_name;
    return import->taken;
}

GListModel *
wgw_import_get_problems(WgwImport *import)
{
    return G_LIST_MODEL(import->problems);
}
