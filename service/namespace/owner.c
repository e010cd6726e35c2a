/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/owner.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

#define ROOT 0

/* With nothing of ours but the socket: what we hold, others wait for. */
static _Noreturn void
wait_for_device(int socket)
{
    int tun;

    if (dup2(socket, 0) < 0 || close_range(1, UINT_MAX, 0) < 0)
        _exit(1);
    tun = wgw_fd_recv_fd(0);
    _exit(tun >= 0 && ioctl(tun, TUNSETOWNER, ROOT) == 0 ? 0 : 1);
}

struct ns_owner
ns_owner_stay(void)
{
    struct ns_owner owner = NS_OWNER_INIT;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return owner;
    owner.child = fork();
    if (owner.child == 0)
        wait_for_device(pair[1]);
    wgw_fd_close(&pair[1]);
    if (owner.child > 0)
        owner.socket = wgw_fd_steal(&pair[0]);
    wgw_fd_close(&pair[0]);
    return owner;
}

void
ns_owner_give(struct ns_owner *owner, int tun)
{
    if (owner->child < 0)
        return;
    wgw_fd_send_fd(owner->socket, tun);
    wgw_fd_close(&owner->socket);
    while (waitpid(owner->child, NULL, 0) < 0 && errno == EINTR)
        continue;
    owner->child = -1;
}
