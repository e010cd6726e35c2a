/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "entries.h"

char *
write_entry(const char *directory, const char *file, const char *text)
{
    char *path =
        g_build_filename(directory ? directory : g_get_user_data_dir(), "applications", file, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
    return path;
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
