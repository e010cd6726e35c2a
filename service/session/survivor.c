/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/survivor.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/anchor.h"
#include "base/fd.h"
#include "dbus/names.h"
#include "dbus/path.h"

/* Whether a user namespace was made from ours, as a session's is. A program in a session can make some
 * below that one only; who makes them has every capability there, over whatever we had run in them. */
static gboolean
is_child_of_ours(int user)
{
    WGW_AUTOCLOSE int parent = ioctl(user, NS_GET_PARENT);
    struct stat ours, its;

    return parent >= 0 && stat("/proc/self/ns/user", &ours) == 0 && fstat(parent, &its) == 0 &&
           its.st_ino == ours.st_ino && its.st_dev == ours.st_dev;
}

/* The namespaces of a process, by its directory in /proc. What has mounts of another's making, as in a
 * sandbox of its own, is no way into the session, and neither is what is nested in one: NULL. */
static GUnixFDList *
dup_namespaces_of(int process)
{
    WGW_AUTOCLOSE int mount = openat(process, "ns/mnt", O_RDONLY | O_CLOEXEC);
    WGW_AUTOCLOSE int net = openat(process, "ns/net", O_RDONLY | O_CLOEXEC);
    WGW_AUTOCLOSE int user = net < 0 ? -1 : ioctl(net, NS_GET_USERNS);
    WGW_AUTOCLOSE int mounter = mount < 0 ? -1 : ioctl(mount, NS_GET_USERNS);
    const int fds[] = {user, mount, net};
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
    struct stat owner, other;

    if (user < 0 || mounter < 0 || fstat(user, &owner) < 0 || fstat(mounter, &other) < 0 ||
        owner.st_ino != other.st_ino || !is_child_of_ours(user))
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        if (g_unix_fd_list_append(list, fds[i], NULL) < 0)
            return NULL;
    return g_steal_pointer(&list);
}

/* The link's text, or "". */
static const char *
read_link(int directory, const char *name, char *buffer, gsize size)
{
    ssize_t n = readlinkat(directory, name, buffer, size - 1);

    buffer[MAX(n, 0)] = '\0';
    return buffer;
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
        g_autofree char *its = g_build_filename("/proc", entry, NULL);
        pid_t pid = (pid_t)g_ascii_strtoull(entry, NULL, 10); /* 0: no process's */
        GUnixFDList *namespaces;
        WGW_AUTOCLOSE int process = -1;

        if (pid <= 0 || !wgw_anchor_is(pid, &lock))
            continue;
        process = open(its, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        namespaces = process < 0 ? NULL : dup_namespaces_of(process);
        if (namespaces) /* else a program has got hold of the lock, too */
            return namespaces;
    }
    return NULL;
}

/* The number of a namespace may be another's by now, so the mark must be found inside, too. But only
 * there: what else is below the root of a stranger may keep who looks there waiting. */
GUnixFDList *
wgw_survivor_dup_namespaces_of_programs(const char *name)
{
    g_autofree char *directory = wgw_path_session_directory(name);
    g_autofree char *path = g_build_filename(directory, "mark", NULL);
    char mark[256], link[256];
    g_auto(GStrv) words = g_strsplit(read_link(AT_FDCWD, path, mark, sizeof mark), " ", 3);
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
    g_autoptr(GUnixFDList) found = NULL;
    const char *entry;

    if (!proc || g_strv_length(words) != 3)
        return NULL;
    while ((entry = g_dir_read_name(proc))) {
        g_autofree char *its = g_build_filename("/proc", entry, NULL);
        g_autoptr(GUnixFDList) namespaces = NULL;
        WGW_AUTOCLOSE int process = -1;

        if (!g_ascii_isdigit(*entry))
            continue;
        /* Whatever becomes of the number meanwhile, this is of one process. */
        process = open(its, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (process < 0 || !g_str_equal(read_link(process, "ns/net", link, sizeof link), words[0]))
            continue;
        /* First: below mounts of its own a program could keep waiting who looks for a mark. */
        namespaces = dup_namespaces_of(process);
        if (!namespaces ||
            !g_str_equal(read_link(process, "root" WGW_MARK_PATH, link, sizeof link), mark))
            continue;
        g_set_object(&found, namespaces);
        /* Else it is a program with directories of its own: better than nobody. */
        if (g_str_equal(read_link(process, "ns/mnt", link, sizeof link), words[1]))
            break;
    }
    return g_steal_pointer(&found);
}
