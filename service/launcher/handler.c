/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/handler.h"

#include <glib/gi18n.h>

#include "dbus/error.h"
#include "dbus/names.h"
#include "launcher/links.h"

/* From a URI to its application. Asking for a file's type and for a type's application read files
 * that may be on a slow disk, so both are asynchronous. */

static void
free_application(gpointer application)
{
    wgw_application_unref(application);
}

struct search {
    char *uri, *browser;
};

static void
search_free(gpointer data)
{
    struct search *search = data;

    g_free(search->uri);
    g_free(search->browser);
    g_free(search);
}

/* The end of the task: info is what GIO found. */
static void
finish(GTask *task, GAppInfo *info)
{
    const struct search *search = g_task_get_task_data(task);
    const char *id = info ? g_app_info_get_id(info) : NULL;
    WgwApplication *application;
    GError *error = NULL;

    if (!id) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION,
                                _("No application is the default one for %s. Choose one in the "
                                  "settings, or name one."),
                                search->uri);
        return;
    }
    application = g_str_equal(id, WGW_LINKS_ID) ? wgw_browser_find(search->browser, &error)
                                                : wgw_application_find(id, &error);
    if (application)
        g_task_return_pointer(task, application, free_application);
    else
        g_task_return_error(task, error);
}

static void
on_scheme_handler(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    g_autoptr(GAppInfo) info = g_app_info_get_default_for_uri_scheme_finish(result, NULL);

    if (!g_task_return_error_if_cancelled(task))
        finish(task, info);
}

static void
on_type_handler(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    g_autoptr(GAppInfo) info = g_app_info_get_default_for_type_finish(result, NULL);

    if (!g_task_return_error_if_cancelled(task))
        finish(task, info);
}

static void
on_file_info(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GError *error = NULL;
    g_autoptr(GFileInfo) info = g_file_query_info_finish(G_FILE(source), result, &error);
    const char *type = info ? g_file_info_get_content_type(info) : NULL;

    if (!info)
        g_task_return_error(task, error);
    else if (!type)
        finish(task, NULL);
    else
        g_app_info_get_default_for_type_async(type, FALSE, g_task_get_cancellable(task),
                                              on_type_handler, g_object_ref(task));
}

void
wgw_handler_find_async(const char *uri,
                       const char *browser,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    struct search *search = g_new0(struct search, 1);
    const char *scheme = g_uri_peek_scheme(uri);

    search->uri = g_strdup(uri);
    search->browser = g_strdup(browser);
    g_task_set_source_tag(task, wgw_handler_find_async);
    g_task_set_task_data(task, search, search_free);
    if (!scheme) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                                _("\"%s\" is no URI. Write a file as file:///…."), uri);
    } else if (g_str_equal(scheme, "file")) {
        g_autoptr(GFile) file = g_file_new_for_uri(uri);

        g_file_query_info_async(file, G_FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE,
                                G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, cancellable,
                                on_file_info, g_object_ref(task));
    } else {
        g_app_info_get_default_for_uri_scheme_async(scheme, cancellable, on_scheme_handler,
                                                    g_object_ref(task));
    }
}

WgwApplication *
wgw_handler_find_finish(GAsyncResult *result, GError **error)
{
    g_return_val_if_fail(g_task_is_valid(result, NULL), NULL);
    return g_task_propagate_pointer(G_TASK(result), error);
}
