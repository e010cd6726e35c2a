/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * profile edit: the user's editor on a private copy, until the service takes it or the user gives
 * up. The copy has keys in it: it lies in memory ($XDG_RUNTIME_DIR), for the user alone. What was
 * typed is never lost: a copy that was changed and not taken stays, and its path is told. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cli/client.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "dbus/error.h"

/* $VISUAL and $EDITOR are lines for the shell ("code --wait"); the file comes as its argument. */
static gboolean
run_editor(const char *path, GError **error)
{
    const char *editor = g_getenv("VISUAL");
    g_autofree char *script = NULL;
    int status;

    if (!editor || !*editor)
        editor = g_getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    script = g_strconcat(editor, " \"$1\"", NULL);
    if (g_spawn_sync(NULL,
                     (char *[]){(char *)"/bin/sh", (char *)"-c", script, (char *)"wg-wrap",
                                (char *)path, NULL},
                     NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL, &status, error) &&
        g_spawn_check_wait_status(status, error))
        return TRUE;
    g_prefix_error(
        error,
        _("The editor “%s” failed, and the profile is as it was; EDITOR names another one: "),
        editor);
    return FALSE;
}

/* Whether there is nothing in the copy to lose. */
static gboolean
is_unchanged(const char *original, const char *path)
{
    g_autoptr(WgwText) text = wgw_text_read(path, NULL);

    return text && strcmp(text, original) == 0;
}

/* A new file with @text in it. Its path, (transfer full), or NULL with @error set. */
static char *
make_copy(const char *text, GError **error)
{
    g_autofree char *path =
        g_build_filename(g_get_user_runtime_dir(), "wg-wrap-edit-XXXXXX.conf", NULL);
    WGW_AUTOCLOSE int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : wgw_fd_write_all(fd, text, strlen(text));

    if (r < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-r), "%s: %s", path, g_strerror(-r));
        return NULL;
    }
    return g_steal_pointer(&path);
}

/* Ask on the terminal; without one the answer is no. */
static gboolean
ask_again(void)
{
    char answer[16] = "";

    if (!isatty(STDIN_FILENO))
        return FALSE;
    fputs(_("Edit again? [Y/n] "), stderr);
    return fgets(answer, sizeof answer, stdin) && g_ascii_strncasecmp(answer, "n", 1) != 0;
}

/* Hand in the copy. TRUE when there is nothing left to edit: it was taken, or is what it was. */
static gboolean
submit(WgwDbusProfile *profile, const char *original, const char *path, GError **error)
{
    g_autoptr(WgwText) edited = wgw_text_read(path, error);
    g_autoptr(WgwDbusManager) manager = NULL;
    g_autoptr(GVariant) problems = NULL;

    if (!edited)
        return FALSE;
    if (strcmp(edited, original) == 0) {
        wgw_warn(_("Nothing was changed."));
        return TRUE;
    }
    manager = wgw_client_manager(error);
    if (!manager ||
        !wgw_dbus_manager_call_check_config_sync(manager, edited, &problems, NULL, error))
        return FALSE;
    if (wgw_text_print_problems(problems, wgw_dbus_profile_get_name(profile))) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                    _("The configuration has mistakes; the profile is as it was."));
        return FALSE;
    }
    return wgw_dbus_profile_call_update_sync(profile, edited, NULL, error);
}

int
wgw_verb_profile_edit(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autofree char *path = NULL;
    g_autoptr(WgwText) original = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    GError *error = NULL;

    operands = wgw_verb_parse(verb, NULL, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    profile = wgw_client_profile(operands[0], &error);
    if (!profile || !wgw_dbus_profile_call_get_config_sync(profile, TRUE, &original, NULL, &error))
        return wgw_fail(error);
    path = make_copy(original, &error);
    if (!path)
        return wgw_fail(error);
    for (;;) {
        if (run_editor(path, &error) && submit(profile, original, path, &error)) {
            g_unlink(path);
            return 0;
        }
        wgw_fail(g_steal_pointer(&error));
        if (!ask_again()) {
            if (is_unchanged(original, path))
                g_unlink(path);
            else
                wgw_warn(_("What you wrote is in %s."), path);
            return WGW_EXIT_FAILURE;
        }
    }
}
