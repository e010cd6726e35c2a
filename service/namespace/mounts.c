/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* What the session sees of the file system: all of the host's, but for two directories and xdg-open.
 *
 * /etc is an overlay of the host's with our resolv.conf and nsswitch.conf on top. A bind mount over
 * either file would do until NetworkManager writes the host's anew: since Linux 3.18 a mount over a
 * file that is renamed away is taken off in every namespace, and the host's resolver would show. It
 * also makes it indifferent whether the host's file is a symbolic link, dangling, or missing.
 * (Where overlay is refused the files are bound over: better than nothing, and tests show which.)
 *
 * /run is a tmpfs of ours into which the host's entries are bound one by one, except the sockets by
 * which a name would be resolved outside: nscd, systemd-resolved, avahi, lwresd, mDNSResponder. The
 * system bus is left out as well, for it has resolved's and avahi's names, and NetworkManager's, whose
 * word on the host's network is wrong in here. A list of what is let in, made once, and not a list of
 * what is covered: a daemon that starts later makes its directory in the host's /run, where the
 * session does not look. It gives a place to /run/wireguard, too.
 *
 * /sys lists the session's interfaces, which are all virtual ones, in place of the host's: those two
 * directories are of a sysfs that was mounted in the session's network namespace.
 *
 * gpg and gpgsm have others ask key servers for them: dirmngr, whose socket is in the file system, and
 * who may have been there before and be outside. In a session they have it switched off.
 *
 * xdg-open is ours, which has the service open things in the session.
 *
 * Mounts are slaves of the host's, so what is mounted below an entry later (a disk below
 * /run/media/USER) appears inside as well. */

#include "namespace/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "namespace/names.h"
#include "namespace/stages.h"

#define STAGING_LAYERS "/run/.layers"
#define STAGING_ETC    "/run/.etc"

#define STAGING_SYS "/run/.sys"

#define OPENER "/usr/bin/xdg-open"

/* Below /run: what would answer for names, or is ours to make. */
static const char *const left_out_of_run[] = {"nscd", "avahi-daemon", "lwresd",    "unscd", "mdnsd",
                                              "dbus", "systemd",      "wireguard", NULL};
/* Below /run/systemd. */
static const char *const left_out_of_systemd[] = {"resolve", "resolve.hook", NULL};

static int
is_listed(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return 1;
    return 0;
}

/* Move a copy of the tree at `from` (below fd) to `to`. */
static int
bind_tree(int fd, const char *from, const char *to)
{
    WGW_AUTOCLOSE int tree = open_tree(
        fd, from, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);

    if (tree < 0 || move_mount(tree, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    return 0;
}

/* Let one entry of the host's directory `source` appear at `path`. */
static int
let_in(int source, const char *name, const char *path)
{
    struct stat st;

    if (fstatat(source, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (S_ISLNK(st.st_mode)) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(source, name, target, sizeof target - 1);

        if (n < 0)
            return -errno;
        target[n] = '\0';
        return symlink(target, path) < 0 ? -errno : 0;
    }
    if (S_ISDIR(st.st_mode)) {
        if (mkdir(path, 0755) < 0)
            return -errno;
    } else {
        WGW_AUTOCLOSE int file = open(path, O_CREAT | O_EXCL | O_CLOEXEC | O_WRONLY, 0644);

        if (file < 0)
            return -errno;
    }
    return bind_tree(source, name, path);
}

/* Everything in `source` but `left_out` appears in the directory `path`. */
static int
let_in_all(int source, const char *path, const char *const *left_out)
{
    WGW_AUTOCLOSE int fd = openat(source, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    int r = 0;

    if (!directory)
        return -errno;
    wgw_fd_steal(&fd);
    while (r == 0 && (entry = readdir(directory))) {
        char target[PATH_MAX];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            is_listed(left_out, entry->d_name))
            continue;
        snprintf(target, sizeof target, "%s/%s", path, entry->d_name);
        r = let_in(source, entry->d_name, target);
    }
    closedir(directory);
    return r;
}

static int
build_run(struct ns_failure *failure)
{
    WGW_AUTOCLOSE int host = open("/run", O_PATH | O_DIRECTORY | O_CLOEXEC);
    WGW_AUTOCLOSE int systemd = -1;
    int r;

    if (host < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "open /run");
    systemd = openat(host, "systemd", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "mount a tmpfs on /run");
    r = let_in_all(host, "/run", left_out_of_run);
    if (r < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, r, "let the host's /run in");
    if (systemd >= 0) {
        r = mkdir("/run/systemd", 0755) < 0
                ? -errno
                : let_in_all(systemd, "/run/systemd", left_out_of_systemd);
        if (r < 0)
            return ns_fail(failure, NS_STAGE_MOUNTS, r, "let the host's /run/systemd in");
    }
    if (mkdir(NS_WIREGUARD_DIRECTORY, 0700) < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "make " NS_WIREGUARD_DIRECTORY);
    return 0;
}

/* Where another sysfs may not be mounted, as in some containers, the names of the host's interfaces are
 * seen, which is no way to them. */
static void
build_sys(void)
{
    if (mkdir(STAGING_SYS, 0700) < 0)
        return;
    if (mount("sysfs", STAGING_SYS, "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0) {
        bind_tree(AT_FDCWD, STAGING_SYS "/devices/virtual/net", "/sys/devices/virtual/net");
        bind_tree(AT_FDCWD, STAGING_SYS "/class/net", "/sys/class/net");
        umount2(STAGING_SYS, MNT_DETACH);
    }
    rmdir(STAGING_SYS);
}

/* ---- /etc ---- */

/* The host's nsswitch.conf; empty if there is none. To be freed. */
static char *
read_nsswitch(int etc)
{
    WGW_AUTOCLOSE int fd = openat(etc, "nsswitch.conf", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = calloc(1, 16384);
    ssize_t n = fd >= 0 && text ? read(fd, text, 16383) : 0;

    if (text)
        text[n > 0 ? n : 0] = '\0';
    return text;
}

/* In place, for a mount over it would stay with the old file. */
static FILE *
open_for_writing(int etc, const char *name)
{
    int fd = openat(etc, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (fd >= 0 && !file)
        close(fd);
    return file;
}

static int
finish_writing(FILE *file)
{
    int failed = ferror(file);

    return fclose(file) != 0 || failed ? -(errno ? errno : EIO) : 0;
}

static int
write_names(int etc, const struct ns_plan *plan, const char *nsswitch)
{
    FILE *file = open_for_writing(etc, "resolv.conf");
    int r;

    if (!file)
        return -errno;
    ns_names_write_resolv_conf(file, plan);
    r = finish_writing(file);
    if (r < 0)
        return r;
    file = open_for_writing(etc, "nsswitch.conf");
    if (!file)
        return -errno;
    ns_names_write_nsswitch_conf(file, plan, nsswitch);
    return finish_writing(file);
}

/* Where the machine has settings of its own for GnuPG, those stay as they are: of its directories we can
 * write to /etc alone. */
static int
write_gnupg(int etc)
{
    static const char *const names[] = {"gpg.conf", "gpgsm.conf"};
    WGW_AUTOCLOSE int directory = -1;

    if (mkdirat(etc, "gnupg", 0755) < 0)
        return errno == EEXIST ? 0 : -errno;
    directory = openat(etc, "gnupg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        FILE *file = open_for_writing(directory, names[i]);
        int r;

        if (!file)
            return -errno;
        fprintf(file, "# Written by wg-wrap for this session: dirmngr may run outside of it.\n"
                      "disable-dirmngr\n");
        r = finish_writing(file);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Put the two files over the host's. Only where an overlay cannot be had. */
static int
bind_names(int layer)
{
    static const char *const names[] = {"resolv.conf", "nsswitch.conf"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[32], real[PATH_MAX];
        int r;

        snprintf(path, sizeof path, "/etc/%s", names[i]);
        if (!realpath(path, real))
            return -errno;
        r = bind_tree(layer, names[i], real);
        if (r < 0)
            return r;
    }
    return 0;
}

static int
overlay_etc(const char *nsswitch, const struct ns_plan *plan, int *ret_etc)
{
    WGW_AUTOCLOSE int etc = -1;
    WGW_AUTOCLOSE int tree = -1;
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    int r;

    if (mount("overlay", STAGING_ETC, "overlay", MS_NOSUID | MS_NODEV,
              "lowerdir=/etc,upperdir=" STAGING_LAYERS "/upper,workdir=" STAGING_LAYERS
              "/work,userxattr") < 0)
        return -errno;
    etc = open(STAGING_ETC, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (etc < 0)
        return -errno;
    /* A link would lead into the host's file. */
    if (unlinkat(etc, "resolv.conf", 0) < 0 && errno != ENOENT)
        return -errno;
    if (unlinkat(etc, "nsswitch.conf", 0) < 0 && errno != ENOENT)
        return -errno;
    r = write_names(etc, plan, nsswitch);
    if (r == 0)
        r = write_gnupg(etc);
    if (r < 0)
        return r;
    tree = open_tree(etc, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0 ||
        move_mount(tree, "", AT_FDCWD, "/etc", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    *ret_etc = wgw_fd_steal(&etc);
    return 0;
}

static int
build_etc(const struct ns_plan *plan, int *ret_etc, struct ns_failure *failure)
{
    WGW_AUTOCLOSE int host = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char *nsswitch = host < 0 ? NULL : read_nsswitch(host);
    int r = 0;

    if (!nsswitch)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "read /etc/nsswitch.conf");
    if (mkdir(STAGING_LAYERS, 0700) < 0 || mkdir(STAGING_ETC, 0755) < 0 ||
        mount("tmpfs", STAGING_LAYERS, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") < 0 ||
        mkdir(STAGING_LAYERS "/upper", 0755) < 0 || mkdir(STAGING_LAYERS "/work", 0755) < 0) {
        r = ns_fail(failure, NS_STAGE_MOUNTS, -errno, "prepare the session's /etc");
        goto out;
    }
    if (overlay_etc(nsswitch, plan, ret_etc) < 0) {
        WGW_AUTOCLOSE int upper = open(STAGING_LAYERS "/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        r = upper < 0 ? -errno : write_names(upper, plan, nsswitch);
        if (r == 0)
            r = bind_names(upper);
        if (r < 0)
            ns_fail(failure, NS_STAGE_MOUNTS, r, "put resolv.conf and nsswitch.conf in place");
        else
            *ret_etc = wgw_fd_steal(&upper);
    }
    /* Both live on under /etc and the descriptor, where no program can find them. */
    umount2(STAGING_ETC, MNT_DETACH);
    umount2(STAGING_LAYERS, MNT_DETACH);
    rmdir(STAGING_ETC);
    rmdir(STAGING_LAYERS);
out:
    free(nsswitch);
    return r;
}

static int
replace_opener(struct ns_failure *failure)
{
    char *own = wgw_data_path("inside/xdg-open");
    int r = 0;

    if (own && access(own, X_OK) == 0 && access(OPENER, F_OK) == 0)
        r = bind_tree(AT_FDCWD, own, OPENER);
    free(own);
    return r < 0 ? ns_fail(failure, NS_STAGE_MOUNTS, r, "put ours in place of " OPENER) : 0;
}

int
ns_mounts_build(const struct ns_plan *plan, int *ret_etc, struct ns_failure *failure)
{
    int r;

    if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "make mounts private");
    r = build_run(failure);
    if (r == 0)
        r = build_etc(plan, ret_etc, failure);
    if (r == 0)
        r = replace_opener(failure);
    if (r < 0)
        return r;
    build_sys();
    if (plan->hidden && mount("tmpfs", plan->hidden, "tmpfs", MS_NOSUID | MS_NODEV | MS_RDONLY,
                              "mode=0700,size=4k") < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "hide %s", plan->hidden);
    return 0;
}

int
ns_mounts_reopen(int *ret_etc, struct ns_failure *failure)
{
    struct mount_attr writable = {.attr_clr = MOUNT_ATTR_RDONLY};
    WGW_AUTOCLOSE int etc = open_tree(AT_FDCWD, "/etc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    if (etc < 0 || mount_setattr(etc, "", AT_EMPTY_PATH, &writable, sizeof writable) < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "open the session's /etc");
    if (mount_setattr(AT_FDCWD, "/run", 0, &writable, sizeof writable) < 0)
        return ns_fail(failure, NS_STAGE_MOUNTS, -errno, "make /run writable");
    *ret_etc = wgw_fd_steal(&etc);
    return 0;
}

int
ns_box_seal(struct ns_failure *failure)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};

    if (mount_setattr(AT_FDCWD, "/run", 0, &read_only, sizeof read_only) < 0)
        return ns_fail(failure, NS_STAGE_LOCKDOWN, -errno, "make /run read-only");
    return 0;
}

int
ns_box_set_dns(const struct ns_box *box, const struct ns_plan *plan, struct ns_failure *failure)
{
    /* Ours is like the host's but for one line, which is written anew. */
    char *nsswitch = read_nsswitch(box->etc);
    int r = nsswitch ? write_names(box->etc, plan, nsswitch) : -ENOMEM;

    free(nsswitch);
    return r < 0 ? ns_fail(failure, NS_STAGE_MOUNTS, r, "write resolv.conf and nsswitch.conf") : 0;
}
