/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/spawn.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "dbus/error.h"
#include "namespace/enter.h"

/* In a mount namespace that goes with the program; what is mounted on the host still appears in it. */
static int
cover(const char *const *covers)
{
    if (!*covers)
        return 0;
    if (unshare(CLONE_NEWNS) < 0)
        return -errno;
    for (; *covers; covers += 2)
        if (mount(covers[0], covers[1], NULL, MS_BIND | MS_REC, NULL) < 0)
            return -errno;
    return 0;
}

/* In the child, before exec: only what is safe after fork in a process with threads. */
static void
prepare_child(gpointer user_data)
{
    const char *const *covers = user_data;
    sigset_t none;

    /* GLib has given back SIGPIPE; SIGCHLD and what a terminal sends were blocked or ignored here. */
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    if ((covers && cover(covers) < 0) || ns_lockdown(NS_KEEP_NOTHING) < 0)
        _exit(125);
}

static WgwError
code_of(const GError *error)
{
    /* The general one is of pipes and copies of descriptors, as is what is not of its domain. */
    if (error->domain != G_SPAWN_ERROR ||
        g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FORK) ||
        g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOMEM) ||
        g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED))
        return WGW_ERROR_LIMIT_REACHED;
    return WGW_ERROR_SPAWN_FAILED;
}

/* The child cannot say what it could not mount, so that is looked at before. */
static gboolean
check_covers(const char *const *covers, GError **error)
{
    for (; covers && *covers; covers++) {
        g_autofree char *shown = g_filename_display_name(*covers);

        if (!g_path_is_absolute(*covers) || !g_file_test(*covers, G_FILE_TEST_IS_DIR)) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED,
                        _("%s is no directory, so no other can be put in its place."), shown);
            return FALSE;
        }
    }
    return TRUE;
}

pid_t
wgw_spawn_with(const char *const *argv,
               const char *const *environment,
               const char *cwd,
               const char *const *covers,
               const int *sources,
               const int *targets,
               gsize n,
               GError **error)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *name = NULL;
    GPid pid;

    if (!check_covers(covers, error))
        return -1;
    /* G_SPAWN_CHILD_INHERITS_STDIN and -STDOUT_TO_DEV_NULL are not set: the list gives all three. */
    if (g_spawn_async_with_pipes_and_fds(cwd, argv, environment,
                                         G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_DO_NOT_REAP_CHILD,
                                         prepare_child, (gpointer)covers, -1, -1, -1, sources,
                                         targets, n, &pid, NULL, NULL, NULL, &local))
        return pid;
    name = g_utf8_make_valid(argv[0], -1);
    if (code_of(local) == WGW_ERROR_LIMIT_REACHED)
        g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                    _("“%s” cannot be started: %s. Close some programs, or raise the limits of "
                      "processes (ulimit -u) and of open files (ulimit -n)."),
                    name, local->message);
    else
        g_set_error(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED, _("“%s” cannot be started: %s"), name,
                    local->message);
    return -1;
}

pid_t
wgw_spawn(const char *const *argv,
          const char *const *environment,
          const char *cwd,
          const char *const *covers,
          const int stdio[3],
          GError **error)
{
    static const int targets[] = {0, 1, 2};

    return wgw_spawn_with(argv, environment, cwd, covers, stdio, targets, G_N_ELEMENTS(targets),
                          error);
}
