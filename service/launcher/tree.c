/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A directory is emptied without recursion, so that no depth takes more descriptors or stack than
 * another: what is a directory in one of its own is moved up to it, where it is emptied in its turn.
 * Each name is that of an entry in a directory that is open, and no call follows a link: who swaps one
 * for another meanwhile has only that removed. */

#include "launcher/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"

/* What st_blocks counts. */
#define BLOCK 512

struct emptying {
    int top;
    gboolean progress;
    int error;  /* the first of this pass, or 0 */
    char *name; /* what that was about */
};

static void
note(struct emptying *emptying, const char *name)
{
    if (emptying->error)
        return;
    emptying->error = errno;
    emptying->name = g_strdup(name);
}

static void
call_for_each(struct emptying *emptying,
              int fd,
              void (*call)(struct emptying *emptying, int fd, const char *name))
{
    DIR *directory = fdopendir(fd);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            call(emptying, fd, entry->d_name);
    if (directory)
        closedir(directory);
    else
        wgw_fd_close(&fd);
}

/* Remove what can be; a directory with something in it goes up to the topmost one. */
static void
raise_or_remove(struct emptying *emptying, int fd, const char *name)
{
    g_autofree char *unique = g_uuid_string_random();

    if (unlinkat(fd, name, 0) == 0 || unlinkat(fd, name, AT_REMOVEDIR) == 0 ||
        renameat(fd, name, emptying->top, unique) == 0)
        emptying->progress = TRUE;
    /* To move a directory is to write into it: its ".." changes. */
    else if (errno == EACCES && fchmodat(fd, name, 0700, AT_SYMLINK_NOFOLLOW) == 0 &&
             renameat(fd, name, emptying->top, unique) == 0)
        emptying->progress = TRUE;
    else
        note(emptying, name);
}

static void
remove_entry(struct emptying *emptying, int top, const char *name)
{
    int fd;

    if (unlinkat(top, name, 0) == 0) {
        emptying->progress = TRUE;
        return;
    }
    if (fchmodat(top, name, 0700, AT_SYMLINK_NOFOLLOW) < 0 ||
        (fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
        note(emptying, name);
        return;
    }
    call_for_each(emptying, fd, raise_or_remove);
    if (unlinkat(top, name, AT_REMOVEDIR) == 0)
        emptying->progress = TRUE;
    else
        note(emptying, name);
}

gboolean
wgw_tree_empty(int fd, GError **error)
{
    struct emptying emptying = {.top = fd};
    g_autofree char *shown = NULL;

    do {
        int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        emptying.progress = FALSE;
        emptying.error = 0;
        g_clear_pointer(&emptying.name, g_free);
        if (copy < 0)
            note(&emptying, ".");
        else
            call_for_each(&emptying, copy, remove_entry);
    } while (emptying.progress);
    if (!emptying.error)
        return TRUE;
    shown = g_filename_display_name(emptying.name);
    g_free(emptying.name);
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("“%s” cannot be removed: %s."), shown,
                g_strerror(emptying.error));
    return FALSE;
}

void
wgw_tree_measure(const char *path, guint64 *ret_size, guint64 *ret_changed)
{
    char *const paths[] = {(char *)path, NULL};
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    guint64 size = 0;
    gint64 changed = 0;
    const FTSENT *entry;

    while (walk && (entry = fts_read(walk))) {
        if (entry->fts_info == FTS_DP || entry->fts_info == FTS_NS)
            continue;
        size += (guint64)entry->fts_statp->st_blocks * BLOCK;
        changed = MAX(changed, (gint64)entry->fts_statp->st_mtime);
    }
    if (walk)
        fts_close(walk);
    *ret_size = size;
    *ret_changed = (guint64)changed;
}
