/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/desktop-launcher.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "dbus/path.h"
#include "launcher/application-private.h"
#include "launcher/emblem.h"
#include "launcher/recipe.h"
#include "profile/files.h"
#include "profile/profile.h"
#include "profile/secret.h"

#define ENTRY        G_KEY_FILE_DESKTOP_GROUP
#define KEY_PROFILE  WGW_DESKTOP_LAUNCHER_PROFILE
#define KEY_ORIGINAL "X-WgWrap-Original"

/* What the name of each launcher's file begins with. */
#define PREFIX WGW_APPLICATION_ID ".launcher."

/* Of a file's name, in bytes. */
#define MAX_FILE_NAME 255

static char *
applications_path(const char *file)
{
    return g_build_filename(g_get_user_data_dir(), "applications", file, NULL);
}

/* Where the launcher of the two is. Its name says both; where that is too long, a hash does. */
static char *
launcher_path(const char *profile, const char *id)
{
    g_autofree char *object = wgw_path_for_profile(profile);
    const char *element = strrchr(object, '/') + 1;
    g_autofree char *file = g_strdup_printf(PREFIX "%s.%s", element, id);

    if (strlen(file) > MAX_FILE_NAME) {
        g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, file, -1);

        g_free(file);
        file = g_strdup_printf(PREFIX "%s" WGW_SUFFIX, hash);
    }
    return applications_path(file);
}

/* Where a launcher's own icon is; others' are found by their names. */
static char *
icon_path(const char *launcher)
{
    g_autofree char *base = g_path_get_basename(launcher);
    g_autofree char *file =
        g_strdup_printf("%.*s.svg", (int)(strlen(base) - strlen(WGW_SUFFIX)), base);

    return g_build_filename(g_get_user_data_dir(), "wg-wrap", "icons", file, NULL);
}

/* The command that has the service run the original. Its field code, if there is one, is of the
 * original's kind, so that the desktop hands over what it would have. */
static char *
make_exec(const char *profile, const char *id, const char *action, const char *original)
{
    char *program = wgw_program_path("wg-wrap");
    GString *exec = g_string_new(NULL);
    char takes = wgw_exec_takes(original);

    wgw_exec_append_quoted(exec, program);
    free(program);
    g_string_append(exec, " open");
    if (action) {
        g_autofree char *option = g_strconcat("--action=", action, NULL);

        wgw_exec_append_quoted(exec, option);
    }
    /* A profile's name may begin with a "-". */
    g_string_append(exec, " --");
    wgw_exec_append_quoted(exec, profile);
    wgw_exec_append_quoted(exec, id);
    if (takes)
        g_string_append(exec, takes == 'f' || takes == 'F' ? " %F" : " %U");
    return g_string_free(exec, FALSE);
}

static void
set_exec(
    GKeyFile *entry, const char *group, const char *profile, const char *id, const char *action)
{
    g_autofree char *original =
        g_key_file_get_string(entry, group, G_KEY_FILE_DESKTOP_KEY_EXEC, NULL);
    g_autofree char *exec = make_exec(profile, id, action, original ? original : "");

    g_key_file_set_string(entry, group, G_KEY_FILE_DESKTOP_KEY_EXEC, exec);
}

/* "Name" and each "Name[…]" say which profile it is. */
static void
set_names(GKeyFile *entry, const char *profile)
{
    g_auto(GStrv) keys = g_key_file_get_keys(entry, ENTRY, NULL, NULL);

    for (char **key = keys; *key; key++) {
        g_autofree char *name = NULL;
        g_autofree char *longer = NULL;

        if (!g_str_equal(*key, G_KEY_FILE_DESKTOP_KEY_NAME) &&
            !g_str_has_prefix(*key, G_KEY_FILE_DESKTOP_KEY_NAME "["))
            continue;
        name = g_key_file_get_string(entry, ENTRY, *key, NULL);
        longer = g_strdup_printf("%s (%s)", name ? name : "", profile);
        g_key_file_set_string(entry, ENTRY, *key, longer);
    }
}

/* FALSE if the application's icon is no file that we could draw on, or that cannot be kept. */
static gboolean
draw_icon(const WgwApplication *application, const char *path)
{
    g_autofree char *text = application->icon ? wgw_emblem_draw(application->icon) : NULL;
    g_autofree char *directory = g_path_get_dirname(path);
    WGW_AUTOCLOSE int fd = text ? wgw_files_open(path, NULL) : -1;
    g_autoptr(WgwSecret) before = fd >= 0 ? wgw_secret_read(fd, strlen(text), NULL) : NULL;
    g_autoptr(GError) error = NULL;

    if (!text)
        return FALSE;
    if (before && g_str_equal(wgw_secret_get_text(before), text))
        return TRUE;
    if (g_mkdir_with_parents(directory, 0700) == 0 &&
        wgw_files_write(path, text, strlen(text), TRUE, &error))
        return TRUE;
    if (error)
        g_warning("launcher: %s", error->message);
    return FALSE;
}

/* The application's with our emblem, in whatever language. */
static void
set_icon(GKeyFile *entry, const WgwApplication *application, const char *launcher)
{
    g_autofree char *icon = icon_path(launcher);
    g_auto(GStrv) keys = g_key_file_get_keys(entry, ENTRY, NULL, NULL);

    if (!draw_icon(application, icon))
        return;
    for (char **key = keys; *key; key++)
        if (g_str_has_prefix(*key, G_KEY_FILE_DESKTOP_KEY_ICON "["))
            g_key_file_remove_key(entry, ENTRY, *key, NULL);
    g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_ICON, icon);
}

/* The launcher's ID: a desktop takes the windows of a class for those of the entry with that ID, be it
 * X11's class or Wayland's application ID. */
static char *
dup_window_class(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);

    return g_strndup(base, strlen(base) - strlen(WGW_SUFFIX));
}

/* Its own, if the application can be told to have it; else it is the application's, whose windows the
 * desktop then cannot tell from the launcher's. */
static void
set_window_class(GKeyFile *entry, const WgwApplication *application, const char *path)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *window_class = dup_window_class(path);
    gsize program;
    g_autoptr(GPtrArray) commands = wgw_application_expand(application, NULL, NULL, &program, NULL);
    const char *const *argv = commands ? g_ptr_array_index(commands, 0) : NULL;
    g_autoptr(WgwRecipe) recipe =
        argv ? wgw_recipe_find(application->id, argv[program], problems) : NULL;

    if (recipe && wgw_recipe_sets_window_class(recipe, argv, program))
        g_key_file_set_string(entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_STARTUP_WM_CLASS, window_class);
}

/* @path: where it will be. */
static GKeyFile *
make_entry(const WgwApplication *application, const char *profile, const char *path)
{
    /* Keys that the launcher has no use for: D-Bus would start the original, hidden it would be of
     * no use, and directory and terminal are up to the one that runs inside. */
    static const char *const dropped[] = {
        G_KEY_FILE_DESKTOP_KEY_DBUS_ACTIVATABLE,
        G_KEY_FILE_DESKTOP_KEY_NO_DISPLAY,
        G_KEY_FILE_DESKTOP_KEY_PATH,
        G_KEY_FILE_DESKTOP_KEY_TERMINAL,
        "Implements",
    };
    GKeyFile *entry = g_key_file_new();
    g_autofree char *text = g_key_file_to_data(application->entry, NULL, NULL);
    g_auto(GStrv) groups = NULL;

    /* A copy: the application is not ours to change. */
    g_key_file_load_from_data(entry, text, -1, G_KEY_FILE_KEEP_TRANSLATIONS, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(dropped); i++)
        g_key_file_remove_key(entry, ENTRY, dropped[i], NULL);
    set_names(entry, profile);
    set_icon(entry, application, path);
    set_window_class(entry, application, path);
    set_exec(entry, ENTRY, profile, application->id, NULL);
    g_key_file_set_string(entry, ENTRY, KEY_PROFILE, profile);
    g_key_file_set_string(entry, ENTRY, KEY_ORIGINAL, application->id);

    groups = g_key_file_get_groups(entry, NULL);
    for (char **group = groups; *group; group++) {
        g_autofree char *prefix = wgw_action_group("");
        const char *action = *group + strlen(prefix);

        if (g_str_equal(*group, ENTRY))
            continue;
        if (g_str_has_prefix(*group, prefix) && wgw_application_has_action(application, action))
            set_exec(entry, *group, profile, application->id, action);
        else
            g_key_file_remove_group(entry, *group, NULL);
    }
    return entry;
}

/* The launcher of ours at path, comments and all, or NULL. *ret_exists: whether there is anything. */
static GKeyFile *
load_ours(const char *path, gboolean *ret_exists)
{
    g_autoptr(GKeyFile) entry = g_key_file_new();
    g_autoptr(GError) error = NULL;
    WGW_AUTOCLOSE int fd = wgw_files_open(path, &error);

    *ret_exists = !g_error_matches(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE);
    if (error ||
        !wgw_files_parse(fd, entry, G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS,
                         NULL) ||
        !g_key_file_has_key(entry, ENTRY, KEY_PROFILE, NULL))
        return NULL;
    return g_steal_pointer(&entry);
}

/* FALSE if there is something at path that is not ours. */
static gboolean
check_place(const char *path, gboolean *ret_exists, GError **error)
{
    g_autoptr(GKeyFile) ours = load_ours(path, ret_exists);

    if (ours || !*ret_exists)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                _("%s was not made by wg-wrap. Put it out of the way first."), path);
    return FALSE;
}

/* The ID with its ending. NULL with an error for what is no ID. */
static char *
check_id(const char *desktop_id, GError **error)
{
    if (*desktop_id && !strchr(desktop_id, '/'))
        return g_str_has_suffix(desktop_id, WGW_SUFFIX) ? g_strdup(desktop_id)
                                                        : g_strconcat(desktop_id, WGW_SUFFIX, NULL);
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                _("\"%s\" is no desktop ID, such as org.gnome.Calculator.desktop."), desktop_id);
    return NULL;
}

char *
wgw_desktop_launcher_create(const char *profile, const char *desktop_id, GError **error)
{
    g_autoptr(WgwApplication) application = NULL;
    g_autoptr(GKeyFile) entry = NULL;
    g_autofree char *id = check_id(desktop_id, error);
    g_autofree char *path = NULL;
    g_autofree char *directory = NULL;
    g_autofree char *text = NULL;
    gboolean exists;
    gsize len;

    if (!id || !wgw_profile_name_check(profile, error))
        return NULL;
    application = wgw_application_find(id, error);
    if (!application)
        return NULL;
    if (g_key_file_has_key(application->entry, ENTRY, KEY_PROFILE, NULL)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("%s is a launcher of wg-wrap itself. Name the application."), id);
        return NULL;
    }
    path = launcher_path(profile, id);
    if (!check_place(path, &exists, error))
        return NULL;
    directory = g_path_get_dirname(path);
    if (g_mkdir_with_parents(directory, 0700) < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("Cannot make the directory %s: %s."),
                    directory, g_strerror(errno));
        return NULL;
    }
    entry = make_entry(application, profile, path);
    text = g_key_file_to_data(entry, &len, NULL);
    return wgw_files_write(path, text, len, TRUE, error) ? g_steal_pointer(&path) : NULL;
}

char *
wgw_desktop_launcher_find(const char *profile, const char *desktop_id)
{
    g_autofree char *id = check_id(desktop_id, NULL);
    g_autofree char *path = id ? launcher_path(profile, id) : NULL;
    gboolean exists;
    g_autoptr(GKeyFile) ours = path ? load_ours(path, &exists) : NULL;

    return ours ? g_steal_pointer(&path) : NULL;
}

char *
wgw_desktop_launcher_find_window_class(const char *profile, const char *desktop_id)
{
    g_autofree char *path = wgw_desktop_launcher_find(profile, desktop_id);

    return path ? dup_window_class(path) : NULL;
}

/* Its icon is ours alone. */
static gboolean
remove_launcher(const char *path, GError **error)
{
    g_autofree char *icon = icon_path(path);

    g_unlink(icon);
    return wgw_files_remove(path, error);
}

gboolean
wgw_desktop_launcher_remove(const char *profile, const char *desktop_id, GError **error)
{
    g_autofree char *id = check_id(desktop_id, error);
    g_autofree char *path = id ? launcher_path(profile, id) : NULL;
    gboolean exists;

    if (!path || !check_place(path, &exists, error))
        return FALSE;
    if (!exists) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION,
                    _("There is no launcher of %s for the profile \"%s\"."), id, profile);
        return FALSE;
    }
    return remove_launcher(path, error);
}

/* ---- All of them ---- */

typedef struct {
    char *path;
    GKeyFile *entry;
    char *profile, *original;
} Launcher;

static void
launcher_free(gpointer data)
{
    Launcher *launcher = data;

    g_free(launcher->path);
    g_key_file_unref(launcher->entry);
    g_free(launcher->profile);
    g_free(launcher->original);
    g_free(launcher);
}

/* Those of a profile, or of any for NULL; of Launcher. (transfer full) */
static GPtrArray *
list_launchers(const char *profile)
{
    GPtrArray *launchers = g_ptr_array_new_with_free_func(launcher_free);
    g_autofree char *directory = applications_path(NULL);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        gboolean exists;
        GKeyFile *entry = g_str_has_prefix(name, PREFIX) ? load_ours(path, &exists) : NULL;
        Launcher *launcher;

        if (!entry)
            continue;
        launcher = g_new0(Launcher, 1);
        launcher->path = g_steal_pointer(&path);
        launcher->entry = entry;
        launcher->profile = g_key_file_get_string(entry, ENTRY, KEY_PROFILE, NULL);
        launcher->original = g_key_file_get_string(entry, ENTRY, KEY_ORIGINAL, NULL);
        if (launcher->profile && launcher->original &&
            (!profile || g_str_equal(launcher->profile, profile)))
            g_ptr_array_add(launchers, launcher);
        else
            launcher_free(launcher);
    }
    return launchers;
}

/* What the launcher should be now. An application that is gone may come back, in an upgrade for example:
 * until then nobody is shown it. */
static GKeyFile *
remake(const Launcher *launcher)
{
    g_autoptr(WgwApplication) application = wgw_application_find(launcher->original, NULL);

    if (application && !g_key_file_has_key(application->entry, ENTRY, KEY_PROFILE, NULL))
        return make_entry(application, launcher->profile, launcher->path);
    g_key_file_set_boolean(launcher->entry, ENTRY, G_KEY_FILE_DESKTOP_KEY_HIDDEN, TRUE);
    return g_key_file_ref(launcher->entry);
}

static void
refresh(const Launcher *launcher)
{
    g_autofree char *before = g_key_file_to_data(launcher->entry, NULL, NULL);
    g_autoptr(GKeyFile) entry = remake(launcher);
    gsize len;
    g_autofree char *after = g_key_file_to_data(entry, &len, NULL);
    g_autoptr(GError) error = NULL;

    if (!g_str_equal(before, after) && !wgw_files_write(launcher->path, after, len, TRUE, &error))
        g_warning("launcher: %s", error->message);
}

static void
drop(const Launcher *launcher)
{
    g_autoptr(GError) error = NULL;

    if (!remove_launcher(launcher->path, &error))
        g_warning("launcher: %s", error->message);
}

gboolean
wgw_desktop_launcher_refresh_all(gboolean (*has_profile)(const char *name, gpointer user_data),
                                 gpointer user_data)
{
    g_autoptr(GPtrArray) launchers = list_launchers(NULL);

    for (guint i = 0; i < launchers->len; i++) {
        const Launcher *launcher = launchers->pdata[i];

        if (has_profile(launcher->profile, user_data))
            refresh(launcher);
        else
            drop(launcher);
    }
    return launchers->len > 0;
}

void
wgw_desktop_launcher_rename_profile(const char *profile, const char *name)
{
    g_autoptr(GPtrArray) launchers = list_launchers(profile);

    for (guint i = 0; i < launchers->len; i++) {
        const Launcher *launcher = launchers->pdata[i];
        g_autoptr(GError) error = NULL;
        g_autofree char *path = wgw_desktop_launcher_create(name, launcher->original, &error);

        if (path)
            drop(launcher);
        else if (error)
            g_warning("launcher: %s", error->message);
    }
}

void
wgw_desktop_launcher_remove_profile(const char *profile)
{
    g_autoptr(GPtrArray) launchers = list_launchers(profile);

    for (guint i = 0; i < launchers->len; i++)
        drop(launchers->pdata[i]);
}
