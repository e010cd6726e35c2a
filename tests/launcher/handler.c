/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/handler.h"

#include <string.h>

#include "dbus/error.h"
#include "entries.h"

static void
on_ready(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

static WgwApplication *
find(const char *uri, GCancellable *cancellable, GError **error)
{
    g_autoptr(GAsyncResult) result = NULL;

    wgw_handler_find_async(uri, "", cancellable, on_ready, &result);
    g_assert_null(result);
    while (!result)
        g_main_context_iteration(NULL, TRUE);
    return wgw_handler_find_finish(result, error);
}

static void
test_find(void)
{
    g_autofree char *text = entry_text("sh %u", "MimeType=x-scheme-handler/https;text/plain;");
    write_entry(NULL, "viewer.desktop", text);
    const char *list = write_entry(NULL, "mimeapps.list",
                                   "[Default Applications]\nx-scheme-handler/https=viewer.desktop\n"
                                   "x-scheme-handler/gone=gone.desktop\n"
                                   "text/plain=viewer.desktop\n");
    g_autofree char *config = g_build_filename(g_get_user_config_dir(), "mimeapps.list", NULL);
    g_autofree char *file = g_build_filename(g_get_user_data_dir(), "a b.txt", NULL);
    g_autofree char *uri = g_filename_to_uri(file, NULL, NULL);
    g_autofree char *none = g_strconcat(uri, ".none", NULL);
    g_autofree char *content = NULL;
    const struct {
        const char *uri;
        GQuark domain;
        int code;
    } cases[] = {
        {"https://example.com/", 0, 0},
        {uri, 0, 0},
        {none, G_IO_ERROR, G_IO_ERROR_NOT_FOUND},
        {"nothing-opens-this:x", WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION},
        {"gone:x", WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION},
        {"no uri", WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT},
        {"", WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT},
    };

    g_assert_true(g_file_get_contents(list, &content, NULL, NULL));
    g_assert_cmpint(g_mkdir_with_parents(g_get_user_config_dir(), 0700), ==, 0);
    g_assert_true(g_file_set_contents(config, content, -1, NULL));
    g_assert_true(g_file_set_contents(file, "plain text\n", -1, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(WgwApplication) application = find(cases[i].uri, NULL, &error);

        if (cases[i].domain) {
            if (!g_error_matches(error, cases[i].domain, cases[i].code))
                g_error("%s: %s", cases[i].uri, error ? error->message : "found");
        } else {
            g_assert_no_error(error);
            g_assert_cmpstr(wgw_application_get_id(application), ==, "viewer.desktop");
        }
    }
}

static void
test_cancelled(void)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;

    g_cancellable_cancel(cancellable);
    g_assert_null(find("https://example.com/", cancellable, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/handler/find", test_find);
    g_test_add_func("/handler/cancelled", test_cancelled);
    return run_isolated();
}
