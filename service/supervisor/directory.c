/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/path.h"

static void
unlink_all(int directory, const char *const *entries)
{
    for (; *entries; entries++)
        unlinkat(directory, *entries, 0);
}

void
wgw_directory_empty(int directory)
{
    static const char *const entries[] = {"bus", "door", "engine", "profile", NULL};

    unlink_all(directory, entries);
}

int
wgw_directory_write_name(int directory, const char *name)
{
    WGW_AUTOCLOSE int fd =
        openat(directory, "profile", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    return fd < 0 ? -errno : wgw_fd_write_all(fd, name, strlen(name));
}

void
wgw_directory_remove(int directory, const char *name)
{
    static const char *const entries[] = {"life", "lock", NULL};
    g_autofree char *path = wgw_path_session_directory(name);
    g_autofree char *id = g_path_get_basename(path);
    WGW_AUTOCLOSE int parent = openat(directory, "..", O_PATH | O_CLOEXEC);

    wgw_directory_empty(directory);
    unlink_all(directory, entries);
    if (parent >= 0)
        unlinkat(parent, id, AT_REMOVEDIR);
}
