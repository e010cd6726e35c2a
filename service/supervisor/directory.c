/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/names.h"
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
    static const char *const entries[] = {"bus", "door", "engine", NULL};

    unlink_all(directory, entries);
}

/* Links, for they are there with all of their text or not at all. */
static int
write_mark(int directory)
{
    g_autofree char *net = g_file_read_link("/proc/self/ns/net", NULL);
    g_autofree char *mount = g_file_read_link("/proc/self/ns/mnt", NULL);
    g_autofree char *random = g_uuid_string_random();
    g_autofree char *mark = g_strdup_printf("%s %s %s", net, mount, random);

    return symlink(mark, WGW_MARK_PATH) < 0 || symlinkat(mark, directory, "mark") < 0 ? -errno : 0;
}

/* The name last: who finds it takes the rest for complete. */
int
wgw_directory_write_identity(int directory, const char *name)
{
    static const char *const former[] = {"profile", "mark", NULL};
    WGW_AUTOCLOSE int fd = -1;
    int r;

    unlink_all(directory, former);
    r = write_mark(directory);
    if (r < 0)
        return r;
    fd = openat(directory, "profile", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : wgw_fd_write_all(fd, name, strlen(name));
}

void
wgw_directory_remove(int directory, const char *name)
{
    static const char *const entries[] = {"profile", "life", "mark", "lock", NULL};
    g_autofree char *path = wgw_path_session_directory(name);
    g_autofree char *id = g_path_get_basename(path);
    WGW_AUTOCLOSE int parent = openat(directory, "..", O_PATH | O_CLOEXEC);

    wgw_directory_empty(directory);
    unlink_all(directory, entries);
    if (parent >= 0)
        unlinkat(parent, id, AT_REMOVEDIR);
}
