/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* wg-wrap-anchor: a process that does nothing in a session, so that there is one to enter by pidfd.
 *
 * The kernel lets in only where it would let read memory (setns(2): ptrace access). The supervisor and
 * the engine, which have keys, are closed to that; the anchor has none, nor a capability, nor any
 * descriptor but the session's lock as descriptor 0. It outlives the supervisor: a successor comes in
 * through it, and until then the lock says that somebody is at home. It ends by SIGKILL only. */

#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int
main(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    close_range(1, UINT_MAX, 0);
    if (chdir("/") < 0)
        return 1;
    for (;;)
        pause();
}
