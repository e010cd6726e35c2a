/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"

/* Everything happens in a small tmpfs of our own, in namespaces of our own. */
#define DISK_SIZE (64 * 1024)

static char *disk;

static char *
on_disk(const char *name)
{
    return g_build_filename(disk, name, NULL);
}

static int
compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in the directory, hidden ones too, in order. */
static char *
list_disk(void)
{
    g_autoptr(GDir) dir = g_dir_open(disk, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while ((name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_strings);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(" ", (char **)names->pdata);
}

static void
clear_disk(void)
{
    g_autofree char *names = list_disk();
    g_auto(GStrv) all = g_strsplit(names, " ", -1);

    for (char **name = all; *name && **name; name++) {
        g_autofree char *path = on_disk(*name);

        g_assert_cmpint(remove(path), ==, 0);
    }
}

static void
assert_content(const char *path, const char *expected)
{
    g_autofree char *content = NULL;

    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, expected);
}

static void
test_write(void)
{
    g_autofree char *path = on_disk("a.conf");
    g_autofree char *names = NULL;
    g_autoptr(GError) error = NULL;
    mode_t mask = umask(0);
    struct stat st;

    g_assert_true(wgw_files_write(path, "one", 3, FALSE, &error));
    g_assert_no_error(error);
    umask(mask);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode, ==, S_IFREG | 0600);
    assert_content(path, "one");

    g_assert_false(wgw_files_write(path, "two", 3, FALSE, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS);
    assert_content(path, "one");
    g_clear_error(&error);

    /* Replacing takes what others may read away from them. */
    g_assert_cmpint(chmod(path, 0644), ==, 0);
    g_assert_true(wgw_files_write(path, "three", 5, TRUE, &error));
    g_assert_no_error(error);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode, ==, S_IFREG | 0600);
    assert_content(path, "three");
    names = list_disk();
    g_assert_cmpstr(names, ==, "a.conf");
    clear_disk();
}

/* A disk that is full leaves the old file, and nothing else. */
static void
test_full_disk(void)
{
    g_autofree char *path = on_disk("a.conf");
    g_autofree char *large = g_strnfill(2 * DISK_SIZE, 'x');
    g_autofree char *names = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(wgw_files_write(path, "one", 3, FALSE, NULL));
    g_assert_false(wgw_files_write(path, large, strlen(large), TRUE, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED);
    assert_content(path, "one");
    names = list_disk();
    g_assert_cmpstr(names, ==, "a.conf");
    clear_disk();
}

static void
test_read_only_disk(void)
{
    g_autofree char *path = on_disk("a.conf");
    g_autoptr(GError) error = NULL;

    g_assert_true(wgw_files_write(path, "one", 3, FALSE, NULL));
    g_assert_cmpint(mount(NULL, disk, "", MS_REMOUNT | MS_RDONLY | MS_NOSUID, NULL), ==, 0);
    g_assert_false(wgw_files_write(path, "two", 3, TRUE, &error));
    g_assert_cmpint(mount(NULL, disk, "", MS_REMOUNT | MS_NOSUID, NULL), ==, 0);
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED);
    g_assert_cmpstr(error->message, ==,
                    "a.conf: Read-only file system. Make that file system writable first.");
    assert_content(path, "one");
    clear_disk();
}

static void
test_rename(void)
{
    g_autofree char *a = on_disk("a.conf");
    g_autofree char *b = on_disk("b.conf");
    g_autofree char *none = on_disk("none.conf");
    g_autoptr(GError) error = NULL;

    g_assert_true(wgw_files_write(a, "a", 1, FALSE, NULL));
    g_assert_true(wgw_files_write(b, "b", 1, FALSE, NULL));
    g_assert_false(wgw_files_rename(a, b, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS);
    g_clear_error(&error);
    assert_content(a, "a");
    assert_content(b, "b");
    g_assert_false(wgw_files_rename(none, b, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE);
    g_clear_error(&error);
    g_assert_true(wgw_files_remove(b, &error));
    g_assert_true(wgw_files_rename(a, b, &error));
    assert_content(b, "a");
    g_assert_false(wgw_files_remove(a, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE);
    clear_disk();
}

/* What could block, lead elsewhere, or is no text is refused at once. */
static void
test_open_refuses(void)
{
    static const char *const names[] = {"fifo", "directory", "link", "dangling", "socket"};
    g_autofree char *fifo = on_disk("fifo");
    g_autofree char *directory = on_disk("directory");
    g_autofree char *link_path = on_disk("link");
    g_autofree char *dangling = on_disk("dangling");
    g_autofree char *file = on_disk("file");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    WGW_AUTOCLOSE int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    WGW_AUTOCLOSE int fd = -1;

    g_assert_true(wgw_files_write(file, "x", 1, FALSE, NULL));
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(mkdir(directory, 0700), ==, 0);
    g_assert_cmpint(symlink(file, link_path), ==, 0);
    g_assert_cmpint(symlink("nowhere", dangling), ==, 0);
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", disk);
    g_assert_cmpint(bind(sock, (struct sockaddr *)&address, sizeof address), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = on_disk(names[i]);
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(wgw_files_open(path, &error), ==, -1);
        g_assert_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED);
    }
    fd = wgw_files_open(file, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
    clear_disk();
}

/* /proc/sys belongs to root, who is somebody else in our user namespace. */
static void
test_open_refuses_others(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(wgw_files_open("/proc/sys/kernel/ostype", &error), ==, -1);
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED);
}

static void
test_sweep(void)
{
    g_autofree char *old = on_disk(".wg-wrap-00000001");
    g_autofree char *young = on_disk(".wg-wrap-00000002");
    g_autofree char *other = on_disk(".wg-other");
    g_autofree char *names = NULL;
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    g_assert_true(wgw_files_write(old, "x", 1, FALSE, NULL));
    g_assert_true(wgw_files_write(young, "x", 1, FALSE, NULL));
    g_assert_true(wgw_files_write(other, "x", 1, FALSE, NULL));
    g_assert_cmpint(utimensat(AT_FDCWD, old, times, 0), ==, 0);
    g_assert_cmpint(utimensat(AT_FDCWD, other, times, 0), ==, 0);
    wgw_files_sweep(disk);
    names = list_disk();
    g_assert_cmpstr(names, ==, ".wg-other .wg-wrap-00000002");
    clear_disk();
}

static int
write_proc(const char *path, const char *text)
{
    WGW_AUTOCLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd < 0 ? -errno : wgw_fd_write_all(fd, text, strlen(text));
}

/* A user and a mount namespace with a tmpfs at a new directory. 0 or a negative errno. */
static int
enter_disk(void)
{
    g_autofree char *uid_map = g_strdup_printf("%u %u 1", geteuid(), geteuid());
    g_autofree char *gid_map = g_strdup_printf("%u %u 1", getegid(), getegid());
    int r;

    disk = g_dir_make_tmp("wg-wrap-files-XXXXXX", NULL);
    g_assert_nonnull(disk);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        return -errno;
    if ((r = write_proc("/proc/self/uid_map", uid_map)) < 0 ||
        (r = write_proc("/proc/self/setgroups", "deny")) < 0 ||
        (r = write_proc("/proc/self/gid_map", gid_map)) < 0)
        return r;
    return mount("none", disk, "tmpfs", MS_NOSUID, "size=64k") < 0 ? -errno : 0;
}

int
main(int argc, char **argv)
{
    int r, result;

    g_test_init(&argc, &argv, NULL);
    r = enter_disk();
    if (r < 0) {
        g_rmdir(disk);
        g_printerr("no namespaces: %s\n", g_strerror(-r));
        return g_getenv("WG_WRAP_MUST_WORK") ? 1 : 77;
    }
    g_test_add_func("/files/write", test_write);
    g_test_add_func("/files/full-disk-leaves-the-old-file", test_full_disk);
    g_test_add_func("/files/read-only-disk-is-called-that", test_read_only_disk);
    g_test_add_func("/files/rename-never-replaces", test_rename);
    g_test_add_func("/files/open-refuses-what-is-no-file", test_open_refuses);
    g_test_add_func("/files/open-refuses-others-files", test_open_refuses_others);
    g_test_add_func("/files/sweep", test_sweep);
    result = g_test_run();
    umount2(disk, MNT_DETACH);
    g_rmdir(disk);
    g_free(disk);
    return result;
}
