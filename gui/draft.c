/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/draft.h"

#include <glib/gstdio.h>

#include "gui/key-mask.h"

#define SUFFIX ".conf"

struct _WgwDraft {
    GObject parent_instance;

    char *path;
    WgwKeyText *wanted; /* NULL: no file */
    gboolean dirty;     /* the file is not as wanted, and nobody writes it yet */
    gboolean busy;
};

G_DEFINE_FINAL_TYPE(WgwDraft, wgw_draft, G_TYPE_OBJECT)

enum { FAILED, N_SIGNALS };

static guint signals[N_SIGNALS];

static char *
dup_directory(void)
{
    return g_build_filename(g_get_user_state_dir(), "wg-wrap", "drafts", NULL);
}

struct found {
    char *text;
    gint64 when;
};

static void
found_free(gpointer data)
{
    struct found *found = data;

    wgw_key_text_free(found->text);
    g_free(found);
}

static void
load(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const char *path = task_data;
    g_autoptr(WgwKeyText) text = NULL;
    struct found *found;
    GError *error = NULL;
    GStatBuf status;

    if (!g_file_get_contents(path, &text, NULL, &error)) {
        if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
            g_error_free(error);
            g_task_return_pointer(task, NULL, NULL);
        } else
            g_task_return_error(task, error);
        return;
    }
    /* Whatever it is, it is nothing that was typed here. */
    if (!g_utf8_validate(text, -1, NULL)) {
        g_task_return_pointer(task, NULL, NULL);
        return;
    }
    found = g_new0(struct found, 1);
    found->text = g_steal_pointer(&text);
    found->when = g_stat(path, &status) == 0 ? status.st_mtime : 0;
    g_task_return_pointer(task, found, found_free);
}

struct order {
    char *path;
    char *text;
};

static void
order_free(gpointer data)
{
    struct order *order = data;

    g_free(order->path);
    wgw_key_text_free(order->text);
    g_free(order);
}

static void
carry_out(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    const struct order *order = task_data;
    g_autoptr(GFile) file = g_file_new_for_path(order->path);
    g_autofree char *directory = g_path_get_dirname(order->path);
    GError *error = NULL;

    if (!order->text) {
        if (!g_file_delete(file, NULL, &error) &&
            g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
            g_clear_error(&error);
    } else {
        /* That it fails is said by what comes next. */
        g_mkdir_with_parents(directory, 0700);
        g_file_replace_contents(file, order->text, strlen(order->text), NULL, FALSE,
                                G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, NULL,
                                NULL, &error);
    }
    if (error)
        g_task_return_error(task, error);
    else
        g_task_return_boolean(task, TRUE);
}

static void begin(WgwDraft *draft);

static void
on_carried_out(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwDraft *draft = WGW_DRAFT(source);
    g_autoptr(GError) error = NULL;

    draft->busy = FALSE;
    if (!g_task_propagate_boolean(G_TASK(result), &error))
        g_signal_emit(draft, signals[FAILED], 0, error->message);
    if (draft->dirty)
        begin(draft);
    g_application_release(g_application_get_default());
}

static void
begin(WgwDraft *draft)
{
    g_autoptr(GTask) task = g_task_new(draft, NULL, on_carried_out, NULL);
    struct order *order = g_new0(struct order, 1);

    order->path = g_strdup(draft->path);
    order->text = g_strdup(draft->wanted);
    g_task_set_task_data(task, order, order_free);
    draft->dirty = FALSE;
    draft->busy = TRUE;
    g_application_hold(g_application_get_default());
    g_task_run_in_thread(task, carry_out);
}

static void
list(GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    g_autofree char *directory = dup_directory();
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *file;

    while (dir && (file = g_dir_read_name(dir)))
        if (g_str_has_suffix(file, SUFFIX) && g_utf8_validate(file, -1, NULL)) {
            g_autofree char *name = g_strndup(file, strlen(file) - strlen(SUFFIX));

            g_strv_builder_add(names, name);
        }
    g_task_return_pointer(task, g_strv_builder_end(names), (GDestroyNotify)g_strfreev);
}

static void
wgw_draft_finalize(GObject *object)
{
    WgwDraft *draft = WGW_DRAFT(object);

    g_free(draft->path);
    wgw_key_text_free(draft->wanted);
    G_OBJECT_CLASS(wgw_draft_parent_class)->finalize(object);
}

static void
wgw_draft_class_init(WgwDraftClass *class)
{
    G_OBJECT_CLASS(class)->finalize = wgw_draft_finalize;
    signals[FAILED] = g_signal_new("failed", WGW_TYPE_DRAFT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
wgw_draft_init(WgwDraft *draft)
{
}

WgwDraft *
wgw_draft_new(const char *name)
{
    WgwDraft *draft = g_object_new(WGW_TYPE_DRAFT, NULL);
    g_autofree char *directory = dup_directory();

    draft->path = g_strconcat(directory, G_DIR_SEPARATOR_S, name, SUFFIX, NULL);
    return draft;
}

void
wgw_draft_load(WgwDraft *draft, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(draft, NULL, callback, user_data);

    g_return_if_fail(WGW_IS_DRAFT(draft));

    g_task_set_task_data(task, g_strdup(draft->path), g_free);
    g_task_run_in_thread(task, load);
}

char *
wgw_draft_load_finish(WgwDraft *draft, GAsyncResult *result, gint64 *ret_when, GError **error)
{
    struct found *found = g_task_propagate_pointer(G_TASK(result), error);
    char *text;

    if (!found)
        return NULL;
    text = g_steal_pointer(&found->text);
    *ret_when = found->when;
    found_free(found);
    return text;
}

void
wgw_draft_list(GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);

    g_task_run_in_thread(task, list);
}

char **
wgw_draft_list_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}

void
wgw_draft_set_text(WgwDraft *draft, const char *text)
{
    g_return_if_fail(WGW_IS_DRAFT(draft));

    if (g_strcmp0(draft->wanted, text) == 0 && text)
        return;
    wgw_key_text_free(draft->wanted);
    draft->wanted = g_strdup(text);
    draft->dirty = TRUE;
    if (!draft->busy)
        begin(draft);
}
