/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/start.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/path.h"
#include "session/sockets.h"

/* How the descriptors are numbered in the supervisor. */
enum { LOCK_FD = 3, CONFIG_FD, UDP4_FD, UDP6_FD, STATUS_FD, NAMESPACES_FD };

static const char *const namespace_options[] = {"user-fd", "mount-fd", "net-fd"};

static void
on_status(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    GMemoryOutputStream *stream = G_MEMORY_OUTPUT_STREAM(source);
    GError *error = NULL;
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (g_output_stream_splice_finish(G_OUTPUT_STREAM(stream), result, &error) < 0) {
        g_task_return_error(task, error);
        return;
    }
    text = g_strndup(g_memory_output_stream_get_data(stream),
                     g_memory_output_stream_get_data_size(stream));
    lines = g_strsplit(text, "\n", 3);
    if (g_strcmp0(lines[0], "ready") == 0)
        g_task_return_boolean(task, TRUE);
    else if (lines[0] && g_dbus_is_interface_name(lines[0]) && lines[1]) {
        error = g_dbus_error_new_for_dbus_error(lines[0], lines[1]);
        g_dbus_error_strip_remote_error(error);
        g_task_return_error(task, error);
    } else
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_FAILED,
                                _("The session's supervisor ended without a word. Look into the "
                                  "service's log, and run “wg-wrap doctor”."));
}

static gboolean
give_namespaces(GUnixFDList *namespaces,
                GSubprocessLauncher *launcher,
                GPtrArray *argv,
                GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(namespace_options); i++) {
        int number = NAMESPACES_FD + (int)i;
        int fd = g_unix_fd_list_get(namespaces, (int)i, error);

        if (fd < 0)
            return FALSE;
        g_subprocess_launcher_take_fd(launcher, fd, number);
        g_ptr_array_add(argv, g_strdup_printf("--%s=%d", namespace_options[i], number));
    }
    return TRUE;
}

void
wgw_start_async(WgwProfile *profile,
                const WgwStart *start,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, user_data);
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_autoptr(GSubprocess) process = NULL;
    g_autoptr(GOutputStream) collected = g_memory_output_stream_new_resizable();
    g_autoptr(GInputStream) status = NULL;
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    WgwConfig *config = wgw_profile_get_config(profile);
    const char *name = wgw_profile_get_name(profile);
    WGW_AUTOCLOSE int lock = start->lock;
    WGW_AUTOCLOSE int config_fd = -1;
    WgwSockets sockets = {-1, -1};
    GError *error = NULL;
    char *program;
    int pair[2];

    if (!config || !wgw_config_check_usable(config, &error)) {
        if (!error)
            error = g_error_new(WGW_ERROR, WGW_ERROR_INVALID_PROFILE,
                                _("The profile “%s” has mistakes. See them with: wg-wrap profile "
                                  "check %s"),
                                name, name);
        g_task_return_error(task, error);
        return;
    }
    config_fd = wgw_profile_open(profile, &error);
    if (config_fd >= 0 && !wgw_sockets_open(wgw_config_get_listen_port(config), &sockets, &error) &&
        start->namespaces) {
        /* The port is perhaps that of the engine which is there still, and gives up its sockets. */
        g_clear_error(&error);
    }
    if (error) {
        g_task_return_error(task, error);
        return;
    }
    if (pipe2(pair, O_CLOEXEC) < 0) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_LIMIT_REACHED, _("No pipe: %s"),
                                g_strerror(errno));
        wgw_sockets_close(&sockets);
        return;
    }
    status = g_unix_input_stream_new(pair[0], TRUE);

    program = wgw_program_path("wg-wrap-supervisor");
    g_ptr_array_add(argv, g_strdup(program));
    free(program);
    g_ptr_array_add(argv, g_strdup_printf("--name=%s", name));
    {
        g_autofree char *directory = wgw_path_session_directory(name);

        g_ptr_array_add(argv, g_strdup_printf("--directory=%s", directory));
    }
    g_ptr_array_add(argv, g_strdup_printf("--mtu=%u", wgw_sockets_path_mtu(config)));
    g_ptr_array_add(argv, g_strdup_printf("--linger=%u", start->linger));
    g_ptr_array_add(argv, g_strdup_printf("--lock-fd=%d", lock < 0 ? -1 : LOCK_FD));
    g_ptr_array_add(argv, g_strdup_printf("--config-fd=%d", CONFIG_FD));
    g_ptr_array_add(argv, g_strdup_printf("--udp4-fd=%d", sockets.udp4 < 0 ? -1 : UDP4_FD));
    g_ptr_array_add(argv, g_strdup_printf("--udp6-fd=%d", sockets.udp6 < 0 ? -1 : UDP6_FD));
    g_ptr_array_add(argv, g_strdup_printf("--status-fd=%d", STATUS_FD));
    if (start->held)
        g_ptr_array_add(argv, g_strdup("--held"));
    if (start->namespaces && !give_namespaces(start->namespaces, launcher, argv, &error)) {
        g_task_return_error(task, error);
        wgw_sockets_close(&sockets);
        wgw_fd_close(&pair[1]);
        return;
    }
    g_ptr_array_add(argv, NULL);

    if (lock >= 0)
        g_subprocess_launcher_take_fd(launcher, wgw_fd_steal(&lock), LOCK_FD);
    g_subprocess_launcher_take_fd(launcher, wgw_fd_steal(&config_fd), CONFIG_FD);
    if (sockets.udp4 >= 0)
        g_subprocess_launcher_take_fd(launcher, sockets.udp4, UDP4_FD);
    if (sockets.udp6 >= 0)
        g_subprocess_launcher_take_fd(launcher, sockets.udp6, UDP6_FD);
    g_subprocess_launcher_take_fd(launcher, pair[1], STATUS_FD);
    process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, &error);
    /* Our copies: the end of the pipe is the supervisor's, and so is the lock. */
    g_subprocess_launcher_close(launcher);
    if (!process) {
        g_task_return_new_error(task, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                                _("The session's supervisor cannot be started: %s"),
                                error->message);
        g_error_free(error);
        return;
    }
    g_output_stream_splice_async(
        collected, status,
        G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
        G_PRIORITY_DEFAULT, cancellable, on_status, g_steal_pointer(&task));
}

gboolean
wgw_start_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}
