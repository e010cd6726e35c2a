/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * wg-wrap-probe: try on a process of no further use what a session would do, one thing after the
 * other, and write a line "WHAT ERRNO" for each (0: it worked). Ends after the first thing without
 * which the next cannot be tried. Everything it made ends with it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"

/* A kernel that hangs in one of these shall not hang the report. */
#define SECONDS_TO_LIVE 5

static int
write_file(const char *path, const char *text)
{
    WGW_AUTOCLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd < 0 ? -errno : wgw_fd_write_all(fd, text, strlen(text));
}

/* With the identity map, since some policies allow the namespace and refuse its use. */
static int
try_user(void)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int r;

    if (unshare(CLONE_NEWUSER) < 0)
        return -errno;
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    r = write_file("/proc/self/uid_map", map);
    if (r < 0)
        return r;
    r = write_file("/proc/self/setgroups", "deny");
    if (r < 0)
        return r;
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    return write_file("/proc/self/gid_map", map);
}

static int
try_network(void)
{
    return unshare(CLONE_NEWNET) < 0 ? -errno : 0;
}

static int
try_mount(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=4k") < 0)
        return -errno;
    return 0;
}

static int
try_tun(void)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    WGW_AUTOCLOSE int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0)
        return -errno;
    return 0;
}

/* In the order in which a session does them. */
static const struct {
    const char *what;
    int (*attempt)(void);
    bool needed_by_next;
} attempts[] = {
    {"user", try_user, true},
    {"network", try_network, true},
    {"mount", try_mount, false},
    {"tun", try_tun, false},
};

int
main(void)
{
    alarm(SECONDS_TO_LIVE);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        int r = attempts[i].attempt();

        printf("%s %d\n", attempts[i].what, -r);
        fflush(stdout);
        if (r < 0 && attempts[i].needed_by_next)
            break;
    }
    return 0;
}
