/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/import.h"

#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"

#define MAX_ATTEMPTS 100

struct import {
    WgwClient *client;
    GPtrArray *files; /* GFile */
    guint current;
    guint attempt; /* 1: the file's own name */
    char *config;  /* the current file's text, with its keys */
    guint imported;
    char *first_name;
    GString *problems;
    WgwImportDone done;
    gpointer user_data;
};

static void begin_file(struct import *import);

static void
clear_config(struct import *import)
{
    if (import->config)
        explicit_bzero(import->config, strlen(import->config));
    g_clear_pointer(&import->config, g_free);
}

static void
finish(struct import *import)
{
    g_autofree char *imported = NULL;

    if (import->imported == 1)
        imported = g_strdup_printf(_("“%s” imported."), import->first_name);
    else if (import->imported > 1)
        imported = g_strdup_printf(
            ngettext("%u profile imported.", "%u profiles imported.", import->imported),
            import->imported);
    import->done(imported, import->problems->len > 0 ? import->problems->str : NULL,
                 import->user_data);

    g_string_free(import->problems, TRUE);
    g_ptr_array_unref(import->files);
    g_object_unref(import->client);
    g_free(import->first_name);
    g_free(import);
}

/* The file's name without ".conf". */
static char *
dup_name(struct import *import)
{
    g_autofree char *base = g_file_get_basename(g_ptr_array_index(import->files, import->current));
    g_autofree char *name = g_filename_display_name(base);

    if (g_str_has_suffix(name, ".conf"))
        name[strlen(name) - strlen(".conf")] = '\0';
    if (import->attempt > 1)
        return g_strdup_printf("%s %u", name, import->attempt);
    return g_steal_pointer(&name);
}

static void
next_file(struct import *import)
{
    clear_config(import);
    import->current++;
    import->attempt = 1;
    begin_file(import);
}

static void
note_problem(struct import *import, const char *message)
{
    g_autofree char *base = g_file_get_basename(g_ptr_array_index(import->files, import->current));
    g_autofree char *name = g_filename_display_name(base);

    g_string_append_printf(import->problems, "%s%s: %s", import->problems->len > 0 ? "\n" : "",
                           name, message);
}

static void import_config(struct import *import);

static void
on_imported(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct import *import = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply = wgw_client_call_finish(import->client, result, &error);

    if (!reply && g_error_matches(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS) &&
        import->attempt < MAX_ATTEMPTS) {
        import->attempt++;
        import_config(import);
        return;
    }
    if (!reply)
        note_problem(import, error->message);
    else if (import->imported++ == 0)
        import->first_name = dup_name(import);
    next_file(import);
}

static void
import_config(struct import *import)
{
    g_autofree char *name = dup_name(import);

    wgw_client_import(import->client, name, import->config, on_imported, import);
}

static void
on_loaded(GObject *source, GAsyncResult *result, gpointer user_data)
{
    struct import *import = user_data;
    g_autoptr(GError) error = NULL;
    gsize length;

    if (!g_file_load_contents_finish(G_FILE(source), result, &import->config, &length, NULL,
                                     &error)) {
        note_problem(import, error->message);
        next_file(import);
    } else if (strlen(import->config) != length) {
        note_problem(import, _("This is not a text file."));
        next_file(import);
    } else
        import_config(import);
}

static void
begin_file(struct import *import)
{
    if (import->current == import->files->len)
        finish(import);
    else
        g_file_load_contents_async(g_ptr_array_index(import->files, import->current), NULL,
                                   on_loaded, import);
}

void
wgw_import_files(WgwClient *client, GListModel *files, WgwImportDone done, gpointer user_data)
{
    struct import *import = g_new0(struct import, 1);

    import->client = g_object_ref(client);
    import->files = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < g_list_model_get_n_items(files); i++)
        g_ptr_array_add(import->files, g_list_model_get_item(files, i));
    import->attempt = 1;
    import->problems = g_string_new(NULL);
    import->done = done;
    import->user_data = user_data;
    begin_file(import);
}
