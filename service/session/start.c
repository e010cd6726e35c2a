/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/start.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/path.h"
#include "session/sockets.h"

/* Of what a supervisor says: an error's name and message. */
#define MAX_WORD 8192

/* Where nothing is known of the path. */
#define DEFAULT_MTU 1420

/* How the descriptors are numbered in the supervisor. */
enum { LOCK_FD = 3, CONFIG_FD, UDP4_FD, UDP6_FD, STATUS_FD, NAMESPACES_FD };

static const char *const namespace_options[] = {"user-fd", "mount-fd", "net-fd"};

/* The supervisor's word, as far as it was read. Plain reads: GIO's streams end a process that has no
 * descriptor left for them. */
struct status {
    int fd;
    GString *text;
};

static void
status_free(gpointer data)
{
    struct status *status = data;

    wgw_fd_close(&status->fd);
    g_string_free(status->text, TRUE);
    g_free(status);
}

static void
take_word(GTask *task, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", 3);
    GError *error = NULL;

    if (g_strcmp0(lines[0], "ready") == 0)
        g_task_return_boolean(task, TRUE);
    else if (lines[0] && g_dbus_is_interface_name(lines[0]) && lines[1]) {
        error = g_dbus_error_new_for_dbus_error(lines[0], lines[1]);
        g_dbus_error_strip_remote_error(error);
        g_task_return_error(task, error);
    } else
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                _("The session's supervisor ended without a word. Look into the "
                                  "service's log, and run “wg-wrap doctor”."));
}

static gboolean
on_status(int fd, GIOCondition condition, gpointer user_data)
{
    GTask *task = user_data;
    struct status *status = g_task_get_task_data(task);
    char bytes[1024];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return G_SOURCE_CONTINUE;
    if (n > 0 && status->text->len < MAX_WORD) {
        g_string_append_len(status->text, bytes, n);
        return G_SOURCE_CONTINUE;
    }
    take_word(task, status->text->str);
    return G_SOURCE_REMOVE;
}

/* @fd is taken; -1: there is none, which is said, too. */
static void
give(GSubprocessLauncher *launcher, GPtrArray *argv, const char *option, int fd, int number)
{
    g_ptr_array_add(argv, g_strdup_printf("--%s=%d", option, fd < 0 ? -1 : number));
    if (fd >= 0)
        g_subprocess_launcher_take_fd(launcher, fd, number);
}

static gboolean
give_namespaces(GSubprocessLauncher *launcher,
                GPtrArray *argv,
                GUnixFDList *namespaces,
                GError **error)
{
    for (gsize i = 0; namespaces && i < G_N_ELEMENTS(namespace_options); i++) {
        int fd = g_unix_fd_list_get(namespaces, (int)i, error);

        if (fd < 0)
            return FALSE;
        give(launcher, argv, namespace_options[i], fd, NAMESPACES_FD + (int)i);
    }
    return TRUE;
}

/* The file that the supervisor will read, and not the store's idea of it, which is a moment behind an
 * edit: sockets and keys are of one configuration. */
static WgwConfig *
load(int fd, const char *name, GError **error)
{
    g_autoptr(GError) reason = NULL;
    WgwConfig *config = wgw_config_load(fd, WGW_CONFIG_NO_SECRETS, NULL, &reason);

    if (g_error_matches(reason, WGW_ERROR, WGW_ERROR_INVALID_PROFILE))
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                    _("The profile “%s” has mistakes. See them with: wg-wrap profile check %s"),
                    name, name);
    else if (reason)
        g_propagate_error(error, g_steal_pointer(&reason));
    return config;
}

void
wgw_start_async(const char *name,
                WgwProfile *profile,
                const WgwStart *start,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_autoptr(GSubprocess) process = NULL;
    struct status *status;
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(WgwConfig) config = NULL;
    g_autofree char *directory = wgw_path_session_directory(name);
    WGW_AUTOCLOSE int lock = start->lock;
    WGW_AUTOCLOSE int config_fd = -1;
    WgwSockets sockets = {-1, -1};
    GError *error = NULL;
    int pair[2];

    config_fd = profile ? wgw_profile_open(profile, &error) : -1;
    config = config_fd < 0 ? NULL : load(config_fd, name, &error);
    if (config && wgw_config_check_usable(config, &error))
        wgw_sockets_open(wgw_config_get_listen_port(config), &sockets, &error);
    /* A successor has from the engine what the file does not say, and the sockets, on whose port it is. */
    if (error && !start->namespaces) {
        g_task_return_error(task, error);
        return;
    }
    g_clear_error(&error);
    if (pipe2(pair, O_CLOEXEC) < 0) {
        g_task_return_new_error(task, WGW_ERROR, wgw_error_code_of(errno),
                                _("A pipe cannot be made: %s. %s"), g_strerror(errno),
                                wgw_error_advice_on(errno));
        wgw_sockets_close(&sockets);
        return;
    }
    status = g_new0(struct status, 1);
    status->fd = pair[0];
    status->text = g_string_new(NULL);
    g_task_set_task_data(task, status, status_free);

    g_ptr_array_add(argv, wgw_program_path("wg-wrap-supervisor"));
    g_ptr_array_add(argv, g_strdup_printf("--name=%s", name));
    g_ptr_array_add(argv, g_strdup_printf("--directory=%s", directory));
    g_ptr_array_add(
        argv, g_strdup_printf("--mtu=%u", config ? wgw_sockets_path_mtu(config) : DEFAULT_MTU));
    g_ptr_array_add(argv, g_strdup_printf("--linger=%u", start->linger));
    give(launcher, argv, "lock-fd", wgw_fd_steal(&lock), LOCK_FD);
    give(launcher, argv, "config-fd", wgw_fd_steal(&config_fd), CONFIG_FD);
    give(launcher, argv, "udp4-fd", sockets.udp4, UDP4_FD);
    give(launcher, argv, "udp6-fd", sockets.udp6, UDP6_FD);
    give(launcher, argv, "status-fd", pair[1], STATUS_FD);
    if (!give_namespaces(launcher, argv, start->namespaces, &error)) {
        g_task_return_error(task, error);
        return;
    }
    g_ptr_array_add(argv, NULL);
    process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
    /* Our copies: the end of the pipe is the supervisor's, and so is the lock. */
    g_subprocess_launcher_close(launcher);
    if (!process) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                                _("The session's supervisor cannot be started: %s. Close some "
                                  "programs, or raise the limits of processes (ulimit -u) and of "
                                  "open files (ulimit -n)."),
                                error->message);
        g_error_free(error);
        return;
    }
    g_unix_fd_add_full(G_PRIORITY_DEFAULT, status->fd, G_IO_IN | G_IO_HUP, on_status,
                       g_steal_pointer(&task), g_object_unref);
}

gboolean
wgw_start_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}
