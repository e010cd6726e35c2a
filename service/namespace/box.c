/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Building a session's box, in stages:
 *
 *   0  sockets born     by the caller, on the host's side: a UDP socket keeps the network namespace
 *                       that it was made in
 *   1  unshare          user, mount and network namespace in one call, while there is one thread
 *   2  id maps          the user as himself, not as root: programs see the uid they always had, and
 *                       lose every capability at execve
 *   3  tunnel device    wg0, persistent: addresses and routes outlive an engine
 *   4  network          lo, wg0, addresses, routes, MTU. Before the mounts, which hide nothing that
 *                       this needs, but cost more: a mistake in the profile shows early
 *   5  mounts           /run and /etc of the session's own
 *   6  lockdown         by each process for itself: enter.h
 *
 * Each stage is one function, and a failure names its stage. There is nothing to undo: namespaces and
 * mounts go with the process that made them, unless another was let in. */

#include "namespace/box.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "namespace/mounts.h"
#include "namespace/network.h"
#include "namespace/stages.h"

const char NS_STAGE_UNSHARE[] = "user namespace";
const char NS_STAGE_IDMAP[] = "user and group map";
const char NS_STAGE_TUN[] = "tunnel device";
const char NS_STAGE_NETWORK[] = "network";
const char NS_STAGE_MOUNTS[] = "mounts";
const char NS_STAGE_ANCHOR[] = "anchor";
const char NS_STAGE_LOCKDOWN[] = "lockdown";

static int
write_file(const char *path, const char *text)
{
    WGW_AUTOCLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd < 0 ? -errno : wgw_fd_write_all(fd, text, strlen(text));
}

int
ns_box_unshare(struct ns_failure *failure)
{
    char map[64];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int r;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0)
        return ns_fail(failure, NS_STAGE_UNSHARE, -errno,
                       "unshare user, mount and network namespaces");

    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    r = write_file("/proc/self/uid_map", map);
    if (r < 0)
        return ns_fail(failure, NS_STAGE_IDMAP, r, "map user %u to itself", uid);
    /* Without it a process could drop a group that denies it something (user_namespaces(7)). */
    r = write_file("/proc/self/setgroups", "deny");
    if (r < 0)
        return ns_fail(failure, NS_STAGE_IDMAP, r, "deny setgroups");
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    r = write_file("/proc/self/gid_map", map);
    if (r < 0)
        return ns_fail(failure, NS_STAGE_IDMAP, r, "map group %u to itself", gid);
    return 0;
}

static int
open_namespace(const char *name, int *ret_fd, struct ns_failure *failure)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC);
    return *ret_fd < 0 ? ns_fail(failure, NS_STAGE_ANCHOR, -errno, "open %s", path) : 0;
}

static int
open_namespaces(struct ns_box *box, struct ns_failure *failure)
{
    int r = open_namespace("user", &box->user, failure);

    if (r == 0)
        r = open_namespace("mnt", &box->mount, failure);
    return r == 0 ? open_namespace("net", &box->net, failure) : r;
}

int
ns_box_build(const struct ns_plan *plan, struct ns_box *ret_box, struct ns_failure *failure)
{
    struct ns_box box = NS_BOX_INIT;
    int r;

    box.tun = ns_tun_create(failure);
    r = box.tun < 0 ? box.tun : 0;
    if (r == 0)
        r = ns_network_build(plan, failure);
    if (r == 0)
        r = ns_mounts_build(plan, &box.etc, failure);
    if (r == 0)
        r = open_namespaces(&box, failure);
    if (r < 0) {
        ns_box_end(&box);
        return r;
    }
    *ret_box = box;
    return 0;
}

int
ns_box_enter(int user, int mount, int net, struct ns_failure *failure)
{
    /* The first gives the capabilities that the others ask for. */
    if (setns(user, CLONE_NEWUSER) < 0 || setns(net, CLONE_NEWNET) < 0 ||
        setns(mount, CLONE_NEWNS) < 0)
        return ns_fail(failure, NS_STAGE_ANCHOR, -errno, "enter the namespaces");
    return 0;
}

int
ns_box_take_over(struct ns_box *ret_box, struct ns_failure *failure)
{
    struct ns_box box = NS_BOX_INIT;
    int r;

    box.tun = ns_tun_create(failure);
    r = box.tun < 0 ? box.tun : ns_mounts_reopen(&box.etc, failure);
    if (r == 0)
        r = open_namespaces(&box, failure);
    if (r < 0) {
        /* wg0 stays, for the next who tries. */
        wgw_fd_close(&box.tun);
        ns_box_end(&box);
        return r;
    }
    *ret_box = box;
    return 0;
}

void
ns_box_end(struct ns_box *box)
{
    if (box->tun >= 0)
        ioctl(box->tun, TUNSETPERSIST, 0);
    wgw_fd_close(&box->tun);
    wgw_fd_close(&box->etc);
    wgw_fd_close(&box->user);
    wgw_fd_close(&box->mount);
    wgw_fd_close(&box->net);
}
