/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/enter.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "namespace/families.h"

int
ns_enter(int pidfd)
{
    char directory[PATH_MAX];
    int known = getcwd(directory, sizeof directory) != NULL;

    if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) < 0)
        return -errno;
    /* setns puts us at the root of the new mount namespace. A directory without a name (removed, or
     * unreachable) has none there either. */
    if (!known || chdir(directory) < 0)
        return known ? -errno : -ENOENT;
    return 0;
}

int
ns_lockdown(uint64_t keep)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {.effective = (uint32_t)keep, .permitted = (uint32_t)keep},
        {.effective = (uint32_t)(keep >> 32), .permitted = (uint32_t)(keep >> 32)},
    };
    const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                               SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;
    /* Root in, root out: being uid 0 shall give nothing at execve. Refused to a process that has no
     * capability left, which needs it no more. */
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0 && errno != EPERM)
        return -errno;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    if (syscall(SYS_capset, &header, data) < 0)
        return -errno;
    return keep == NS_KEEP_NOTHING ? ns_families_refuse() : 0;
}
