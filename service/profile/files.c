/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "profile/secret.h"

/* No key file is as large: a desktop entry with all its translations, settings with many rules. */
#define MAX_KEY_FILE (1024 * 1024)

/* Hidden, so that no profile is called so, and short, so that it fits where a profile's name does. */
#define TEMPORARY ".wg-wrap-"

/* No write takes as long, in seconds. */
#define SWEEP_AGE 60

static void
set_error(GError **error, int code, const char *path)
{
    g_autofree char *name = g_filename_display_basename(path);

    switch (code) {
    case ENOENT:
        g_set_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE, _("There is no file %s."), name);
        return;
    case EEXIST:
        g_set_error(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS,
                    _("There is a file %s already. Choose another name."), name);
        return;
    case ELOOP:
        g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                    _("%s is a symbolic link. Put a copy of the file in its place."), name);
        return;
    case ENXIO: /* what open(2) says of a socket */
        g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED, _("%s is no regular file."), name);
        return;
    case EACCES:
    case EPERM:
        g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                    _("%s: %s. See to the permissions of the file and of its directory."), name,
                    g_strerror(code));
        return;
    case ENOSPC:
    case EDQUOT:
        g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                    _("%s: %s. Nothing was changed; make room first."), name, g_strerror(code));
        return;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EROFS:
        g_set_error(error, WGW_ERROR, wgw_error_code_of(code), "%s: %s. %s", name, g_strerror(code),
                    wgw_error_advice_on(code));
        return;
    default:
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, "%s: %s.", name, g_strerror(code));
        return;
    }
}

int
wgw_files_open(const char *path, GError **error)
{
    /* O_NONBLOCK: a FIFO must not wait for its writer; it means nothing for regular files. */
    WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    g_autofree char *name = NULL;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0) {
        set_error(error, errno, path);
        return -1;
    }
    if (S_ISREG(st.st_mode) && st.st_uid == geteuid())
        return wgw_fd_steal(&fd);
    if (!S_ISREG(st.st_mode)) {
        set_error(error, ENXIO, path);
        return -1;
    }
    name = g_filename_display_basename(path);
    g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                _("%s belongs to another user. Put a copy of your own in its place."), name);
    return -1;
}

gboolean
wgw_files_parse(int fd, GKeyFile *file, GKeyFileFlags flags, GError **error)
{
    /* Nothing in it is secret; its care with odd files is what is wanted. */
    g_autoptr(WgwSecret) text = wgw_secret_read(fd, MAX_KEY_FILE, error);

    return text && g_key_file_load_from_data(file, wgw_secret_get_text(text),
                                             wgw_secret_get_length(text), flags, error);
}

/* A new file in the directory of path. *ret_temporary is its path; free with g_free. */
static int
open_temporary(const char *path, char **ret_temporary)
{
    g_autofree char *directory = g_path_get_dirname(path);

    for (;;) {
        g_autofree char *temporary =
            g_strdup_printf("%s/" TEMPORARY "%08x", directory, g_random_int());
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            return -errno;
        *ret_temporary = g_steal_pointer(&temporary);
        return fd;
    }
}

/* As rename(2), but -EEXIST if there is something at to. */
static int
rename_noreplace(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    /* A file system without it (NFS): a link is not made over a file either. */
    if (link(from, to) < 0)
        return -errno;
    return unlink(from) < 0 ? -errno : 0;
}

/* Have the directory's entries on the disk. Not all file systems can; the file itself is safe. */
static void
sync_directory(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);
    WGW_AUTOCLOSE int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0)
        fsync(fd);
}

gboolean
wgw_files_write(const char *path, const char *content, gsize len, gboolean replace, GError **error)
{
    g_autofree char *temporary = NULL;
    WGW_AUTOCLOSE int fd = open_temporary(path, &temporary);
    int r;

    if (!temporary) {
        set_error(error, -fd, path);
        return FALSE;
    }
    r = wgw_fd_write_all(fd, content, len);
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    if (r >= 0 && replace)
        r = rename(temporary, path) < 0 ? -errno : 0;
    else if (r >= 0)
        r = rename_noreplace(temporary, path);
    if (r < 0) {
        unlink(temporary);
        set_error(error, -r, path);
        return FALSE;
    }
    sync_directory(path);
    return TRUE;
}

gboolean
wgw_files_rename(const char *from, const char *to, GError **error)
{
    int r = rename_noreplace(from, to);

    if (r < 0) {
        set_error(error, -r, r == -EEXIST ? to : from);
        return FALSE;
    }
    sync_directory(to);
    return TRUE;
}

gboolean
wgw_files_remove(const char *path, GError **error)
{
    if (unlink(path) < 0) {
        set_error(error, errno, path);
        return FALSE;
    }
    sync_directory(path);
    return TRUE;
}

void
wgw_files_sweep(const char *directory)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    time_t now = time(NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        struct stat st;

        if (g_str_has_prefix(name, TEMPORARY) && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
            now - st.st_mtime > SWEEP_AGE)
            unlink(path);
    }
}
