/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/autostart.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"
#include "launcher/application-private.h"
#include "launcher/desktop-launcher.h"
#include "profile/files.h"

#define ENTRY G_KEY_FILE_DESKTOP_GROUP

/* GNOME's own switch; the others' is Hidden. */
#define GNOME_ENABLED "X-GNOME-Autostart-enabled"

static char *
dup_path(const char *profile)
{
    g_autofree char *object = wgw_path_for_profile(profile);
    g_autofree char *file =
        g_strconcat(WGW_APPLICATION_ID ".autostart.", strrchr(object, '/') + 1, WGW_SUFFIX, NULL);

    return g_build_filename(g_get_user_config_dir(), "autostart", file, NULL);
}

/* Ours, or NULL. *ret_exists: whether there is anything. */
static GKeyFile *
load(const char *path, gboolean *ret_exists)
{
    g_autoptr(GKeyFile) entry = g_key_file_new();
    g_autoptr(GError) error = NULL;
    WGW_AUTOCLOSE int fd = wgw_files_open(path, &error);

    *ret_exists = !g_error_matches(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE);
    if (error || !wgw_files_parse(fd, entry, G_KEY_FILE_NONE, NULL) ||
        !g_key_file_has_key(entry, ENTRY, WGW_DESKTOP_LAUNCHER_PROFILE, NULL))
        return NULL;
    return g_steal_pointer(&entry);
}

static gboolean
check_place(const char *path, gboolean *ret_exists, GError **error)
{
    g_autoptr(GKeyFile) ours = load(path, ret_exists);

    if (ours || !*ret_exists)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                _("%s was not made by wg-wrap. Put it out of the way first."), path);
    return FALSE;
}

/* @former: an entry whose switches it takes over, or NULL for one that is on. */
static gboolean
write_entry(const char *path, const char *profile, GKeyFile *former, GError **error)
{
    static const char *const switches[] = {G_KEY_FILE_DESKTOP_KEY_HIDDEN, GNOME_ENABLED};
    g_autoptr(GKeyFile) entry = g_key_file_new();
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *name = g_strdup_printf(_("Tunnel “%s”"), profile);
    g_autoptr(GString) exec = g_string_new(NULL);
    g_autofree char *text = NULL;
    char *program = wgw_program_path("wg-wrap");
    gsize len;

    wgw_exec_append_quoted(exec, program);
    g_string_append(exec, " up --");
    wgw_exec_append_quoted(exec, profile);
    /* With wg-wrap gone from the machine, it is no entry any more. */
    g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_TRY_EXEC, program);
    free(program);
    g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_TYPE,
                          G_KEY_FILE_DESKTOP_TYPE_APPLICATION);
    g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_NAME, name);
    g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_ICON, WGW_APPLICATION_ID);
    g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_EXEC, exec->str);
    g_key_file_set_boolean(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_NO_DISPLAY, TRUE);
    g_key_file_set_string(entry, ENTRY, WGW_DESKTOP_LAUNCHER_PROFILE, profile);
    for (gsize i = 0; former && i < G_N_ELEMENTS(switches); i++) {
        g_autofree char *value = g_key_file_get_value(former, ENTRY, switches[i], NULL);

        if (value)
            g_key_file_set_value(entry, ENTRY, switches[i], value);
    }
    if (g_mkdir_with_parents(directory, 0700) < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("Cannot make the directory %s: %s."),
                    directory, g_strerror(errno));
        return FALSE;
    }
    text = g_key_file_to_data(entry, &len, NULL);
    return wgw_files_write(path, text, len, TRUE, error);
}

gboolean
wgw_autostart_get(const char *profile)
{
    g_autofree char *path = dup_path(profile);
    gboolean exists;
    g_autoptr(GKeyFile) entry = load(path, &exists);

    return entry && !g_key_file_get_boolean(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_HIDDEN, NULL) &&
           (!g_key_file_has_key(entry, ENTRY, GNOME_ENABLED, NULL) ||
            g_key_file_get_boolean(entry, ENTRY, GNOME_ENABLED, NULL));
}

gboolean
wgw_autostart_set(const char *profile, gboolean on, GError **error)
{
    g_autofree char *path = dup_path(profile);
    gboolean exists;

    if (!check_place(path, &exists, error))
        return FALSE;
    if (on)
        return write_entry(path, profile, NULL, error);
    return !exists || wgw_files_remove(path, error);
}

gboolean
wgw_autostart_rename_profile(const char *profile, const char *name, GError **error)
{
    g_autofree char *from = dup_path(profile);
    g_autofree char *to = dup_path(name);
    gboolean exists;
    g_autoptr(GKeyFile) former = load(from, &exists);

    return !former || (check_place(to, &exists, error) && write_entry(to, name, former, error) &&
                       wgw_files_remove(from, error));
}
