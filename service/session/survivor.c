/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/survivor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/anchor.h"
#include "base/fd.h"
#include "dbus/path.h"

static GUnixFDList *
dup_namespaces_of(pid_t pid)
{
    static const char *const kinds[] = {"user", "mnt", "net"};
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new();

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strdup_printf("/proc/%d/ns/%s", pid, kinds[i]);
        WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || g_unix_fd_list_append(list, fd, NULL) < 0)
            return NULL;
    }
    return g_steal_pointer(&list);
}

GUnixFDList *
wgw_survivor_dup_namespaces(const char *name)
{
    g_autofree char *directory = wgw_path_session_directory(name);
    g_autofree char *path = g_build_filename(directory, "lock", NULL);
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
    const char *entry;
    struct stat lock;

    if (!proc || lstat(path, &lock) < 0)
        return NULL;
    while ((entry = g_dir_read_name(proc))) {
        pid_t pid = (pid_t)g_ascii_strtoull(entry, NULL, 10); /* 0: no process's */

        if (pid > 0 && wgw_anchor_is(pid, &lock))
            return dup_namespaces_of(pid);
    }
    return NULL;
}
