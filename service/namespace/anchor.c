/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/anchor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "namespace/enter.h"
#include "namespace/stages.h"

static void __attribute__((noreturn)) be_anchor(int keep_fd, int ready)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "wg-wrap-anchor");
    if (chdir("/") < 0 || ns_lockdown(NS_KEEP_NOTHING) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0)
        _exit(1);
    if (write(ready, "", 1) != 1)
        _exit(1);
    if (keep_fd >= 0 && dup2(keep_fd, 0) < 0)
        _exit(1);
    close_range(keep_fd >= 0 ? 1 : 0, UINT_MAX, 0);
    for (;;)
        pause();
}

int
ns_anchor_start(int keep_fd, pid_t *ret_pid, int *ret_pidfd, struct ns_failure *failure)
{
    WGW_AUTOCLOSE int ready_in = -1;
    WGW_AUTOCLOSE int ready_out = -1;
    int pair[2];
    char byte;
    pid_t pid;
    int pidfd;

    if (pipe2(pair, O_CLOEXEC) < 0)
        return ns_fail(failure, NS_STAGE_ANCHOR, -errno, "pipe");
    ready_out = pair[0];
    ready_in = pair[1];
    pid = fork();
    if (pid < 0)
        return ns_fail(failure, NS_STAGE_ANCHOR, -errno, "fork");
    if (pid == 0)
        be_anchor(keep_fd, ready_in);
    wgw_fd_close(&ready_in);

    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    /* Whoever enters must find it dumpable, and without capabilities. */
    if (pidfd < 0 || read(ready_out, &byte, 1) != 1) {
        int error = pidfd < 0 ? -errno : -EIO;

        wgw_fd_close(&pidfd);
        kill(pid, SIGKILL);
        return ns_fail(failure, NS_STAGE_ANCHOR, error, "start");
    }
    *ret_pid = pid;
    *ret_pidfd = pidfd;
    return 0;
}
