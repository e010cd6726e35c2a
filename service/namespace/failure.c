/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "namespace/stages.h"

/* Marks what GLib rooms translate. */
#define N_(text) text

/* What a sysctl says; fallback where it does not exist. */
static long
read_sysctl(const char *path, long fallback)
{
    char text[32];
    WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

    if (n <= 0)
        return fallback;
    text[n] = '\0';
    return strtol(text, NULL, 10);
}

static const char *
advise_on_namespaces(int error)
{
    if (read_sysctl("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
        return N_("Unprivileged user namespaces are switched off. Switch them on with: "
                  "sudo sysctl kernel.unprivileged_userns_clone=1");
    if (read_sysctl("/proc/sys/user/max_user_namespaces", 1) == 0)
        return N_("User namespaces are switched off. Switch them on with: "
                  "sudo sysctl user.max_user_namespaces=15000");
    if (read_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) == 1)
        return N_(
            "AppArmor allows user namespaces only to programs with a profile. Install wg-wrap's "
            "profile, or: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0");
    if (error == EPERM)
        return N_(
            "Inside a container or a chroot, namespaces may be forbidden: run wg-wrap outside "
            "it.");
    return N_("Check with: unshare --user --net true");
}

static const char *
advise_on_tun(int error)
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return N_("The kernel's TUN driver is not loaded: sudo modprobe tun. A container has to be "
                  "given the device: --device /dev/net/tun");
    case EACCES:
    case EPERM:
        return N_("The device is closed to your user: sudo chmod 0666 /dev/net/tun");
    default:
        return N_("Check with: ls -l /dev/net/tun");
    }
}

static int
is_limit(int error)
{
    switch (error) {
    case EAGAIN:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
    case EUSERS:
        return 1;
    default:
        return 0;
    }
}

int
ns_fail(struct ns_failure *failure, const char *stage, int error, const char *format, ...)
{
    va_list arguments;

    failure->stage = stage;
    failure->error = -error;
    va_start(arguments, format);
    vsnprintf(failure->detail, sizeof failure->detail, format, arguments);
    va_end(arguments);

    /* "No space" is what unshare says of a limit of 0 as well: that is a switch, not a limit. */
    if (stage == NS_STAGE_UNSHARE &&
        (!is_limit(-error) || read_sysctl("/proc/sys/user/max_user_namespaces", 1) == 0)) {
        failure->kind = NS_FAILURE_NAMESPACES;
        failure->advice = advise_on_namespaces(-error);
    } else if (is_limit(-error)) {
        failure->kind = NS_FAILURE_LIMIT;
        failure->advice =
            N_("A limit is reached: end some sessions or programs, or raise user.max_*_namespaces, "
               "the limit of processes (ulimit -u) or of open files (ulimit -n).");
    } else if (stage == NS_STAGE_TUN) {
        failure->kind = NS_FAILURE_TUN;
        failure->advice = advise_on_tun(-error);
    } else {
        failure->kind = NS_FAILURE_OTHER;
        failure->advice = N_("Run “wg-wrap doctor” to see what this machine lacks.");
    }
    return error;
}
