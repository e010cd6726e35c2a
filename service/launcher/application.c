/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/application.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "launcher/application-private.h"
#include "profile/files.h"

#define ENTRY G_KEY_FILE_DESKTOP_GROUP

static void
application_clear(gpointer data)
{
    WgwApplication *application = data;

    g_free(application->id);
    g_free(application->path);
    g_free(application->name);
    g_free(application->icon);
    g_free(application->directory);
    g_free(application->bus_name);
    g_clear_pointer(&application->entry, g_key_file_unref);
}

WgwApplication *
wgw_application_ref(WgwApplication *application)
{
    return g_atomic_rc_box_acquire(application);
}

void
wgw_application_unref(WgwApplication *application)
{
    g_atomic_rc_box_release_full(application, application_clear);
}

static WgwApplication *
no_such_application(const char *id, GError **error)
{
    g_set_error(
        error, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION,
        _("There is no application \"%s\". Install it, or look for its desktop entry in the "
          "applications directories."),
        id);
    return NULL;
}

static WgwApplication *
unusable(const char *path, const char *why, GError **error)
{
    g_autofree char *name = g_filename_display_name(path);

    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, _("%s cannot be run: %s."), name,
                why);
    return NULL;
}

/* Finding */

/* The descriptor of a file, and *ret_path its path. O_NONBLOCK: it might be a FIFO. */
static int
try_open(const char *directory, const char *file, char **ret_path)
{
    g_autofree char *path = g_build_filename(directory, file, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0)
        *ret_path = g_steal_pointer(&path);
    return fd;
}

/* The entry with that ID in directory. An ID is a path with a "-" for each "/", so a "-" may be
 * either; from is where to go on looking for one. */
static int
open_below(const char *directory, const char *id, gsize from, char **ret_path)
{
    int fd = try_open(directory, id, ret_path);

    for (const char *dash = id + from; fd < 0 && (dash = strchr(dash, '-')); dash++) {
        g_autofree char *first = g_strndup(id, dash - id);
        g_autofree char *below = g_build_filename(directory, first, NULL);

        if (dash > id && !g_str_equal(first, "..") && g_file_test(below, G_FILE_TEST_IS_DIR))
            fd = open_below(below, dash + 1, 0, ret_path);
    }
    return fd;
}

static int
open_by_id(const char *id, char **ret_path)
{
    g_autofree char *user = g_build_filename(g_get_user_data_dir(), "applications", NULL);
    int fd = open_below(user, id, 0, ret_path);

    for (const char *const *data = g_get_system_data_dirs(); fd < 0 && *data; data++) {
        g_autofree char *directory = g_build_filename(*data, "applications", NULL);

        fd = open_below(directory, id, 0, ret_path);
    }
    return fd;
}

/* Reading */

static gboolean
get_flag(GKeyFile *entry, const char *key)
{
    return g_key_file_get_boolean(entry, ENTRY, key, NULL);
}

/* The value, or NULL if it is empty as well. */
static char *
dup_value(GKeyFile *entry, const char *key)
{
    g_autofree char *value = g_key_file_get_string(entry, ENTRY, key, NULL);

    return value && *value ? g_steal_pointer(&value) : NULL;
}

static gboolean
is_program(const char *try_exec)
{
    g_autofree char *found = g_find_program_in_path(try_exec);

    return found != NULL;
}

static GKeyFile *
read_entry(int fd, const char *path, GError **error)
{
    g_autoptr(GKeyFile) entry = g_key_file_new();
    g_autoptr(GError) local_error = NULL;

    if (wgw_files_parse(fd, entry, G_KEY_FILE_KEEP_TRANSLATIONS, &local_error))
        return g_steal_pointer(&entry);
    unusable(path, local_error->message, error);
    return NULL;
}

/* The name that the entry's program hands over to: an entry is named after its application's ID, which is
 * what a single instance owns (the Desktop Entry Specification's "D-Bus Activation", and
 * g_application_id_is_valid()). */
static char *
dup_bus_name(const WgwApplication *application)
{
    g_autofree char *name = NULL;

    if (application->terminal) {
        const char *bus_name;

        g_strfreev(wgw_terminal_find(&bus_name));
        return g_strdup(bus_name);
    }
    name = g_strndup(application->id, strlen(application->id) - strlen(WGW_SUFFIX));
    return g_dbus_is_name(name) && !g_dbus_is_unique_name(name) ? g_steal_pointer(&name) : NULL;
}

static WgwApplication *
read_application(int fd, const char *id, const char *path, GError **error)
{
    g_autoptr(WgwApplication) application = g_atomic_rc_box_new0(WgwApplication);
    g_autofree char *type = NULL;
    g_autofree char *try_exec = NULL;

    application->id = g_strdup(id);
    application->path = g_strdup(path);
    application->entry = read_entry(fd, path, error);
    if (!application->entry)
        return NULL;
    type = dup_value(application->entry, G_KEY_FILE_DESKTOP_KEY_TYPE);
    if (g_strcmp0(type, G_KEY_FILE_DESKTOP_TYPE_APPLICATION) != 0)
        return unusable(path, _("it is not the desktop entry of an application"), error);
    if (get_flag(application->entry, G_KEY_FILE_DESKTOP_KEY_HIDDEN))
        return no_such_application(id, error);
    try_exec = dup_value(application->entry, G_KEY_FILE_DESKTOP_KEY_TRY_EXEC);
    if (try_exec && !is_program(try_exec))
        return no_such_application(id, error);
    application->name = g_key_file_get_locale_string(application->entry, ENTRY,
                                                     G_KEY_FILE_DESKTOP_KEY_NAME, NULL, NULL);
    if (!application->name)
        return unusable(path, _("it has no Name="), error);
    application->icon = g_key_file_get_locale_string(application->entry, ENTRY,
                                                     G_KEY_FILE_DESKTOP_KEY_ICON, NULL, NULL);
    application->directory = dup_value(application->entry, G_KEY_FILE_DESKTOP_KEY_PATH);
    application->terminal = get_flag(application->entry, G_KEY_FILE_DESKTOP_KEY_TERMINAL);
    application->bus_name = dup_bus_name(application);
    return g_steal_pointer(&application);
}

WgwApplication *
wgw_application_find(const char *id_or_path, GError **error)
{
    g_autofree char *id = g_path_get_basename(id_or_path);
    g_autofree char *path = NULL;
    WGW_AUTOCLOSE int fd = -1;

    if (!g_str_has_suffix(id, WGW_SUFFIX)) {
        char *longer = g_strconcat(id, WGW_SUFFIX, NULL);

        g_free(id);
        id = longer;
    }
    if (strchr(id_or_path, '/')) {
        path = g_canonicalize_filename(id_or_path, NULL);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } else {
        fd = open_by_id(id, &path);
    }
    if (fd < 0)
        return no_such_application(id_or_path, error);
    return read_application(fd, id, path, error);
}

/* Asking */

const char *
wgw_application_get_id(const WgwApplication *application)
{
    return application->id;
}

const char *
wgw_application_get_path(const WgwApplication *application)
{
    return application->path;
}

const char *
wgw_application_get_name(const WgwApplication *application)
{
    return application->name;
}

const char *
wgw_application_get_directory(const WgwApplication *application)
{
    return application->directory;
}

const char *
wgw_application_get_bus_name(const WgwApplication *application)
{
    return application->bus_name;
}

char *
wgw_action_group(const char *action)
{
    return g_strconcat("Desktop Action ", action, NULL);
}

gboolean
wgw_application_has_action(const WgwApplication *application, const char *action)
{
    g_auto(GStrv) actions = g_key_file_get_string_list(application->entry, ENTRY,
                                                       G_KEY_FILE_DESKTOP_KEY_ACTIONS, NULL, NULL);
    g_autofree char *group = wgw_action_group(action);

    return actions && g_strv_contains((const char *const *)actions, action) &&
           g_key_file_has_group(application->entry, group);
}

/* Put the terminal's command, of *ret_words words, before each. */
static gboolean
wrap_in_terminal(const WgwApplication *application,
                 GPtrArray *commands,
                 gsize *ret_words,
                 GError **error)
{
    const char *bus_name;
    g_auto(GStrv) terminal = wgw_terminal_find(&bus_name);

    if (!terminal) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED,
                    _("%s runs in a terminal, and there is none. Install xterm, for example."),
                    application->name);
        return FALSE;
    }
    for (guint i = 0; i < commands->len; i++) {
        g_autoptr(GStrvBuilder) argv = g_strv_builder_new();

        g_strv_builder_addv(argv, (const char **)terminal);
        g_strv_builder_addv(argv, commands->pdata[i]);
        g_strfreev(commands->pdata[i]);
        commands->pdata[i] = g_strv_builder_end(argv);
    }
    *ret_words = g_strv_length(terminal);
    return TRUE;
}

GPtrArray *
wgw_application_expand(const WgwApplication *application,
                       const char *action,
                       const char *const *uris,
                       gsize *ret_program,
                       GError **error)
{
    gsize program = 0;
    g_autofree char *group = action ? wgw_action_group(action) : g_strdup(ENTRY);
    g_autofree char *exec = NULL;
    g_autoptr(GPtrArray) commands = NULL;

    if (action && !wgw_application_has_action(application, action)) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, _("%s has no action \"%s\"."),
                    application->name, action);
        return NULL;
    }
    exec = g_key_file_get_string(application->entry, group, G_KEY_FILE_DESKTOP_KEY_EXEC, NULL);
    commands = wgw_exec_expand(application, exec ? exec : "", uris, error);
    if (!commands ||
        (application->terminal && !wrap_in_terminal(application, commands, &program, error)))
        return NULL;
    if (ret_program)
        *ret_program = program;
    return g_steal_pointer(&commands);
}
