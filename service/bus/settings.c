/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/settings.h"

#include <errno.h>
#include <glib/gi18n.h>

#include "dbus/error.h"

#define GROUP "Service"
#define KEY   "DefaultProfile"

static char *
dup_path(void)
{
    return g_build_filename(g_get_user_config_dir(), "wg-wrap", "settings.ini", NULL);
}

static GKeyFile *
load(const char *path)
{
    GKeyFile *file = g_key_file_new();

    g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
    return file;
}

char *
wgw_settings_get_default_profile(void)
{
    g_autofree char *path = dup_path();
    g_autoptr(GKeyFile) file = load(path);
    char *name = g_key_file_get_string(file, GROUP, KEY, NULL);

    return name && *name ? name : g_strdup("default");
}

gboolean
wgw_settings_set_default_profile(const char *name, GError **error)
{
    g_autofree char *path = dup_path();
    g_autofree char *directory = g_path_get_dirname(path);
    g_autoptr(GKeyFile) file = load(path);
    g_autoptr(GError) local = NULL;

    g_key_file_set_string(file, GROUP, KEY, name);
    if (g_mkdir_with_parents(directory, 0700) == 0 && g_key_file_save_to_file(file, path, &local))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("%s cannot be written: %s"), path,
                local ? local->message : g_strerror(errno));
    return FALSE;
}
