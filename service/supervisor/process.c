/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

gboolean
wgw_process_has_ended(int pidfd)
{
    GPollFD end = {.fd = pidfd, .events = G_IO_IN};

    return g_poll(&end, 1, 0) != 0;
}

gboolean
wgw_process_is_child(int pidfd)
{
    siginfo_t info;

    return waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

pid_t
wgw_process_get_parent(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    const char *rest;
    int parent;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    rest = strrchr(text, ')'); /* the name before may contain anything */
    return rest && sscanf(rest, ") %*c %d", &parent) == 1 ? parent : 0;
}

char *
wgw_process_dup_name(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/comm", pid);
    char *name = NULL;

    if (!g_file_get_contents(path, &name, NULL, NULL))
        return g_strdup("?");
    return g_strchomp(name);
}

gboolean
wgw_process_was_launched(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/environ", pid);
    g_autofree char *wanted = g_strdup_printf("GIO_LAUNCHED_DESKTOP_FILE_PID=%d", pid);
    g_autofree char *text = NULL;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, NULL))
        return FALSE;
    for (const char *line = text; line < text + length; line += strlen(line) + 1)
        if (g_str_equal(line, wanted))
            return TRUE;
    return FALSE;
}
