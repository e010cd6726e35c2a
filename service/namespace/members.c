/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/members.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int
is_listed(const pid_t *list, size_t n, pid_t pid)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == pid)
            return 1;
    return 0;
}

int
ns_members_scan(int net_ns,
                const pid_t *except,
                size_t n_except,
                int (*each)(pid_t pid, void *data),
                void *data)
{
    struct stat wanted;
    struct dirent *entry;
    int found = 0;
    DIR *proc;

    if (fstat(net_ns, &wanted) < 0)
        return -errno;
    proc = opendir("/proc");
    if (!proc)
        return -errno;
    while ((entry = readdir(proc))) {
        char path[32];
        struct stat st;
        pid_t pid;

        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (is_listed(except, n_except, pid))
            continue;
        snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
        if (stat(path, &st) < 0 || st.st_ino != wanted.st_ino || st.st_dev != wanted.st_dev)
            continue;
        found++;
        if (each && each(pid, data))
            break;
    }
    closedir(proc);
    return found;
}
