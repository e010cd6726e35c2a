/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * The kernel and its settings. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/fd.h"
#include "diagnostics/check.h"

#define TUN_PATH "/dev/net/tun"

/* A session: the engine's and the supervisor's descriptors, with room to spare; the engine's and
 * GLib's threads count as processes. */
#define DESCRIPTORS_NEEDED 256
#define PROCESSES_NEEDED   64

/* 2025-01-01, before which no copy of this program existed. */
#define EARLIEST_NOW 1735689600

/* A number in /proc/sys, or -1 where the kernel has no such setting. */
static gint64
sysctl_number(const char *name)
{
    g_autofree char *path = g_build_filename("/proc/sys", name, NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return -1;
    return g_ascii_strtoll(text, NULL, 10);
}

void
wgw_check_kernel(WgwCheck *check)
{
    struct utsname name;

    uname(&name);
    wgw_check_pass(check, "%s %s %s", name.sysname, name.release, name.machine);
}

/* The settings by which distributions close user namespaces, each with the way to open it. */
static const char *
user_namespaces_advice(int error)
{
    if (sysctl_number("kernel/unprivileged_userns_clone") == 0)
        return _("Allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1, and the same line "
                 "in a file of /etc/sysctl.d/ to keep it.");
    if (sysctl_number("kernel/apparmor_restrict_unprivileged_userns") == 1)
        return _("AppArmor restricts them: give wg-wrap a profile with “userns,”, or run sudo "
                 "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0.");
    if (sysctl_number("user/max_user_namespaces") == 0)
        return _("Allow them: sudo sysctl -w user.max_user_namespaces=10000, and the same line in "
                 "a file of /etc/sysctl.d/ to keep it.");
    if (error == ENOSPC)
        return _("The limit is reached: end some sandboxed programs, or raise "
                 "user.max_user_namespaces.");
    return _("Something forbids them, a container or a sandbox for example: run wg-wrap outside "
             "of it.");
}

void
wgw_check_user_namespaces(WgwCheck *check)
{
    int error;

    if (!wgw_check_tried(check, "user", &error))
        wgw_check_fail(check, _("Install wg-wrap again."), _("could not be tried"));
    else if (error)
        wgw_check_fail(check, user_namespaces_advice(error), _("refused: %s"), g_strerror(error));
    else
        wgw_check_pass(check, _("work for this user"));
}

void
wgw_check_network_namespaces(WgwCheck *check)
{
    int error;

    if (!wgw_check_tried(check, "network", &error))
        wgw_check_fail(check, _("Put user namespaces right first."), _("could not be tried"));
    else if (error == ENOSPC)
        wgw_check_fail(check, _("Raise user.max_net_namespaces, or end some sandboxed programs."),
                       _("the limit of %" G_GINT64_FORMAT " is reached"),
                       sysctl_number("user/max_net_namespaces"));
    else if (error)
        wgw_check_fail(check, _("The kernel needs CONFIG_NET_NS; use one that has it."),
                       _("refused: %s"), g_strerror(error));
    else
        wgw_check_pass(check, _("work"));
}

void
wgw_check_mounts(WgwCheck *check)
{
    int error;

    if (!wgw_check_tried(check, "mount", &error))
        wgw_check_fail(check, _("Put user namespaces right first."), _("could not be tried"));
    else if (error)
        wgw_check_fail(check,
                       _("A container or a sandbox forbids mounts: run wg-wrap outside of it."),
                       _("refused: %s"), g_strerror(error));
    else
        wgw_check_pass(check, _("work"));
}

void
wgw_check_tun(WgwCheck *check)
{
    WGW_AUTOCLOSE int fd = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    int error = fd < 0 ? errno : 0;

    if (error == ENOENT || error == ENODEV || error == ENXIO)
        wgw_check_fail(check, _("Load the driver: sudo modprobe tun."), _("%s: %s"), TUN_PATH,
                       g_strerror(error));
    else if (error)
        wgw_check_fail(check,
                       _("Open it for all users, as desktops do: sudo chmod 0666 " TUN_PATH
                         ", and a udev rule to keep it."),
                       _("%s: %s"), TUN_PATH, g_strerror(error));
    else if (!wgw_check_tried(check, "tun", &error))
        wgw_check_fail(check, _("Put the checks above right first."),
                       _("can be opened, but a device could not be tried"));
    else if (error)
        wgw_check_fail(check, _("A security module forbids it: look into the kernel's log."),
                       _("a device was refused: %s"), g_strerror(error));
    else
        wgw_check_pass(check, _("can be made"));
}

void
wgw_check_offloads(WgwCheck *check)
{
    WGW_AUTOCLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    gboolean segment = setsockopt(fd, SOL_UDP, UDP_SEGMENT, &(int){1200}, sizeof(int)) == 0;
    gboolean gro = setsockopt(fd, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int)) == 0;

    /* Without them the engine is slower, not broken. */
    if (segment && gro)
        wgw_check_pass(check, _("segmentation and coalescing"));
    else
        wgw_check_pass(check,
                       _("missing in this kernel (segmentation: %s, coalescing: %s): "
                         "works, slower"),
                       segment ? _("yes") : _("no"), gro ? _("yes") : _("no"));
}

static char *
limit_text(rlim_t limit)
{
    if (limit == RLIM_INFINITY)
        return g_strdup(_("unlimited"));
    return g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)limit);
}

void
wgw_check_limits(WgwCheck *check)
{
    struct rlimit files;
    struct rlimit processes;
    g_autofree char *files_text = NULL;
    g_autofree char *processes_text = NULL;

    getrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NPROC, &processes);
    files_text = limit_text(files.rlim_cur);
    processes_text = limit_text(processes.rlim_cur);
    if (files.rlim_cur < DESCRIPTORS_NEEDED)
        wgw_check_fail(check, _("Raise it: ulimit -n 1024, or “nofile” in limits.conf."),
                       _("only %s open files"), files_text);
    else if (processes.rlim_cur < PROCESSES_NEEDED)
        wgw_check_fail(check, _("Raise it: ulimit -u 1024, or “nproc” in limits.conf."),
                       _("only %s processes"), processes_text);
    else
        wgw_check_pass(check, _("%s open files, %s processes"), files_text, processes_text);
}

/* A handshake carries the time (TAI64N, WireGuard's section 5.1), and a peer refuses one that is
 * not later than the last: a clock that fell back to 1970 keeps the tunnel down. */
void
wgw_check_clock(WgwCheck *check)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *today = g_date_time_format(now, "%F");

    if (g_date_time_to_unix(now) < EARLIEST_NOW)
        wgw_check_fail(check, _("Set the clock; peers refuse a handshake from the past."),
                       _("it is %s by this machine's clock"), today);
    else
        wgw_check_pass(check, "%s", today);
}
