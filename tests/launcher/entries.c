/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "entries.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

static char *top;

void
init_isolated(int *argc, char ***argv)
{
    static const char *const variables[] = {"XDG_DATA_HOME",   "XDG_DATA_DIRS",  "XDG_CONFIG_HOME",
                                            "XDG_CONFIG_DIRS", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"};

    top = g_dir_make_tmp("wg-wrap-launcher-XXXXXX", NULL);
    g_assert_nonnull(top);
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        g_autofree char *path = g_build_filename(top, variables[i], NULL);

        g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
        g_setenv(variables[i], path, TRUE);
    }
    g_test_init(argc, argv, NULL);
}

static void
remove_tree(GFile *file)
{
    g_autoptr(GFileEnumerator) children = g_file_enumerate_children(
        file, G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
    GFile *child;

    while (children && g_file_enumerator_iterate(children, NULL, &child, NULL, NULL) && child)
        remove_tree(child);
    g_file_delete(file, NULL, NULL);
}

int
run_isolated(void)
{
    g_autoptr(GFile) directory = g_file_new_for_path(top);
    int result = g_test_run();

    remove_tree(directory);
    g_free(top);
    return result;
}

const char *
write_entry(const char *directory, const char *file, const char *text)
{
    g_autofree char *path =
        g_build_filename(directory ? directory : g_get_user_data_dir(), "applications", file, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    return g_intern_string(path);
}

char *
entry_text(const char *exec, const char *more)
{
    return g_strdup_printf("[Desktop Entry]\nType=Application\nName=Test App\nExec=%s\n%s\n", exec,
                           more);
}

char *
join_commands(GPtrArray *commands)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < commands->len; i++) {
        g_autofree char *argv = g_strjoinv("|", commands->pdata[i]);

        g_string_append_printf(text, "%s%s", i ? "; " : "", argv);
    }
    return g_string_free(text, FALSE);
}
