/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "dbus/path.h"

static const char *
advise_on(int code)
{
    switch (code) {
    case EACCES:
    case ELOOP:
    case ENOTDIR:
    case EPERM:
        return _("It must be a directory of yours.");
    default:
        return wgw_error_advice_on(code);
    }
}

static void
set_errno_error(GError **error, const char *path, int code)
{
    g_set_error(error, WGW_ERROR, wgw_error_code_of(code),
                _("The directory %s cannot be used: %s. %s"), path, g_strerror(code),
                advise_on(code));
}

/* Open `name` below `parent`, made if need be; it must be a directory of ours that is closed to
 * others. -1 with @error set. */
static int
open_private(int parent, const char *name, const char *path, GError **error)
{
    WGW_AUTOCLOSE int fd = -1;
    struct stat st;

    do { /* again if a session that ends has removed it in between */
        if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST) {
            set_errno_error(error, path, errno);
            return -1;
        }
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    } while (fd < 0 && errno == ENOENT);
    if (fd < 0 || fstat(fd, &st) < 0) {
        set_errno_error(error, path, errno);
        return -1;
    }
    if (st.st_uid != geteuid()) {
        set_errno_error(error, path, EPERM);
        return -1;
    }
    if ((st.st_mode & 077) != 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                    _("The directory %s is open to other users. Close it with: chmod 0700 %s"),
                    path, path);
        return -1;
    }
    return wgw_fd_steal(&fd);
}

gboolean
wgw_runtime_make_private(const char *path, GError **error)
{
    WGW_AUTOCLOSE int fd = open_private(AT_FDCWD, path, path, error);

    return fd >= 0;
}

static int
open_sessions(GError **error)
{
    g_autofree char *runtime = wgw_path_runtime();
    g_autofree char *sessions = g_build_filename(runtime, "sessions", NULL);
    WGW_AUTOCLOSE int fd = open_private(AT_FDCWD, runtime, runtime, error);

    return fd < 0 ? -1 : open_private(fd, "sessions", sessions, error);
}

/* The rest is for who takes the session over. */
static void
empty(int directory)
{
    static const char *const entries[] = {"bus", "door", "engine"};

    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++)
        unlinkat(directory, entries[i], 0);
}

static void
empty_for_good(int directory)
{
    static const char *const entries[] = {"profile", "life", "mark", "lock"};

    empty(directory);
    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++)
        unlinkat(directory, entries[i], 0);
}

/* Take the lock in `directory`. -1 with errno; EWOULDBLOCK: somebody is at home. */
static int
take_lock(int directory)
{
    for (;;) {
        WGW_AUTOCLOSE int fd =
            openat(directory, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        struct stat ours, present;

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &ours) < 0)
            return -1;
        /* Who had it before may have removed the file with the directory in the meantime. */
        if (fstatat(directory, "lock", &present, AT_SYMLINK_NOFOLLOW) == 0 &&
            present.st_ino == ours.st_ino)
            return wgw_fd_steal(&fd);
        if (errno == ENOENT && ours.st_nlink == 0) {
            struct stat st;

            /* The directory itself is gone: begin with a new one. */
            if (fstat(directory, &st) == 0 && st.st_nlink == 0) {
                errno = ESTALE;
                return -1;
            }
        }
    }
}

static char *
dup_id(const char *name)
{
    g_autofree char *path = wgw_path_session_directory(name);

    return g_path_get_basename(path);
}

int
wgw_runtime_lock(const char *name, GError **error)
{
    g_autofree char *path = wgw_path_session_directory(name);
    g_autofree char *id = dup_id(name);
    WGW_AUTOCLOSE int sessions = open_sessions(error);

    if (sessions < 0)
        return -1;
    for (;;) {
        WGW_AUTOCLOSE int directory = open_private(sessions, id, path, error);
        int lock;

        if (directory < 0)
            return -1;
        lock = take_lock(directory);
        if (lock >= 0) {
            empty(directory);
            return lock;
        }
        if (errno == ESTALE || errno == ENOENT)
            continue;
        if (errno == EWOULDBLOCK)
            g_set_error(error, WGW_ERROR, WGW_ERROR_BUSY,
                        _("The session “%s” is in use by another service."), name);
        else
            set_errno_error(error, path, errno);
        return -1;
    }
}

void
wgw_runtime_remove(const char *name, int lock)
{
    g_autofree char *id = dup_id(name);
    WGW_AUTOCLOSE int sessions = open_sessions(NULL);
    WGW_AUTOCLOSE int directory = -1;

    if (sessions >= 0)
        directory = openat(sessions, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0) {
        empty_for_good(directory);
        unlinkat(sessions, id, AT_REMOVEDIR);
    }
    wgw_fd_close(&lock);
}

char **
wgw_runtime_list(void)
{
    g_autofree char *runtime = wgw_path_runtime();
    g_autofree char *path = g_build_filename(runtime, "sessions", NULL);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    const char *name;

    while (directory && (name = g_dir_read_name(directory)))
        g_strv_builder_add(builder, name);
    return g_strv_builder_end(builder);
}

char *
wgw_runtime_read_name(const char *id)
{
    g_autofree char *runtime = wgw_path_runtime();
    g_autofree char *path = g_build_filename(runtime, "sessions", id, "profile", NULL);
    char text[512];
    WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    g_autofree char *own = NULL;

    if (n <= 0)
        return NULL;
    text[n] = '\0';
    /* Only the name that the directory is named after. */
    own = dup_id(text);
    return g_str_equal(own, id) ? g_strdup(text) : NULL;
}

gboolean
wgw_runtime_is_abandoned(const char *name)
{
    g_autofree char *id = dup_id(name);
    g_autofree char *left = wgw_runtime_read_name(id);

    return left != NULL;
}

void
wgw_runtime_sweep(const char *id)
{
    WGW_AUTOCLOSE int sessions = open_sessions(NULL);
    WGW_AUTOCLOSE int directory = -1;
    WGW_AUTOCLOSE int lock = -1;

    if (sessions >= 0)
        directory = openat(sessions, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory >= 0)
        lock = take_lock(directory);
    if (lock < 0)
        return;
    empty_for_good(directory);
    unlinkat(sessions, id, AT_REMOVEDIR);
}
