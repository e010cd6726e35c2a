/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/profile-file.h"

#include <glib/gi18n.h>
#include <string.h>

#include "gui/image-code.h"
#include "gui/profile-text.h"
#include "gui/zip-archive.h"

/* Of a photograph, or of an archive with thousands of profiles. */
#define FILE_MAX (32 * 1024 * 1024)

static GPtrArray *
new_texts(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)wgw_profile_text_free);
}

static void
look_into(
    const char *label, const char *bytes, gsize size, GCancellable *cancellable, GPtrArray *texts)
{
    if (wgw_zip_archive_is(bytes, size))
        wgw_zip_archive_read(label, bytes, size, cancellable, texts);
    else if (wgw_image_code_is(bytes, size))
        wgw_image_code_read(label, bytes, size, texts);
    else
        g_ptr_array_add(texts, wgw_profile_text_new(label, label, bytes, size));
}

/* Pipes and devices might have no end, or keep the thread waiting for a beginning. */
static gboolean
check_kind(GFileInfo *info, GError **error)
{
    GFileType type = g_file_info_get_file_type(info);

    if (type == G_FILE_TYPE_REGULAR)
        return TRUE;
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                        type == G_FILE_TYPE_DIRECTORY
                            ? _("This is a folder. Choose the files in it.")
                            : _("This is not a file that can be read."));
    return FALSE;
}

/* @bytes is room for FILE_MAX + 1. */
static gboolean
read_file(GFile *file,
          GFileInfo *info,
          GCancellable *cancellable,
          char *bytes,
          gsize *ret_size,
          GError **error)
{
    g_autoptr(GFileInputStream) stream = NULL;

    if (!check_kind(info, error))
        return FALSE;
    stream = g_file_read(file, cancellable, error);
    if (!stream || !g_input_stream_read_all(G_INPUT_STREAM(stream), bytes, FILE_MAX + 1, ret_size,
                                            cancellable, error))
        return FALSE;
    if (*ret_size <= FILE_MAX)
        return TRUE;
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                        _("This is larger than 32 MiB, and was not looked at."));
    return FALSE;
}

static void
read_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    GFile *file = data;
    g_autoptr(GPtrArray) texts = new_texts();
    g_autoptr(GError) error = NULL;
    g_autofree char *base = g_file_get_basename(file);
    g_autofree char *label = g_filename_display_name(base);
    g_autoptr(GFileInfo) info = g_file_query_info(file, G_FILE_ATTRIBUTE_STANDARD_TYPE,
                                                  G_FILE_QUERY_INFO_NONE, cancellable, &error);
    g_autofree char *bytes = g_malloc(FILE_MAX + 1);
    gsize size = 0;

    if (info && read_file(file, info, cancellable, bytes, &size, &error))
        look_into(label, bytes, size, cancellable, texts);
    else
        g_ptr_array_add(texts, wgw_profile_text_new_problem(label, g_strdup(error->message)));
    explicit_bzero(bytes, size);
    g_task_return_pointer(task, g_steal_pointer(&texts), (GDestroyNotify)g_ptr_array_unref);
}

struct named_bytes {
    char *label;
    GBytes *bytes;
};

static void
named_bytes_free(gpointer data)
{
    struct named_bytes *named = data;

    g_free(named->label);
    g_bytes_unref(named->bytes);
    g_free(named);
}

static void
look_in_thread(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct named_bytes *named = data;
    g_autoptr(GPtrArray) texts = new_texts();
    gsize size;
    const char *bytes = g_bytes_get_data(named->bytes, &size);

    look_into(named->label, bytes, size, cancellable, texts);
    g_task_return_pointer(task, g_steal_pointer(&texts), (GDestroyNotify)g_ptr_array_unref);
}

/* What is cancelled has ended at once, whatever a thread may be waiting for. */
static void
run(GTask *task, GTaskThreadFunc function)
{
    g_task_set_return_on_cancel(task, TRUE);
    g_task_run_in_thread(task, function);
    g_object_unref(task);
}

void
wgw_profile_file_read(GFile *file,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    GTask *task = g_task_new(NULL, cancellable, callback, user_data);

    g_task_set_task_data(task, g_object_ref(file), g_object_unref);
    run(task, read_in_thread);
}

void
wgw_profile_file_read_bytes(const char *label,
                            GBytes *bytes,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
    GTask *task = g_task_new(NULL, cancellable, callback, user_data);
    struct named_bytes *named = g_new0(struct named_bytes, 1);

    named->label = g_strdup(label);
    named->bytes = g_bytes_ref(bytes);
    g_task_set_task_data(task, named, named_bytes_free);
    run(task, look_in_thread);
}

GPtrArray *
wgw_profile_file_read_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}
