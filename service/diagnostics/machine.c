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
#include "base/program.h"
#include "diagnostics/check.h"

#define TUN_PATH "/dev/net/tun"

/* A session: the engine's and the supervisor's descriptors, with room to spare; the engine's and
 * GLib's threads count as processes. */
#define DESCRIPTORS_NEEDED 256
#define PROCESSES_NEEDED   64

/* 2025-01-01, before which no copy of this program existed. */
#define EARLIEST_NOW 1735689600

void
wgw_check_kernel(WgwCheck *check)
{
    struct utsname name;

    uname(&name);
    wgw_check_pass(check, "%s %s %s", name.sysname, name.release, name.machine);
}

void
wgw_check_tun(WgwCheck *check)
{
    WGW_AUTOCLOSE int fd = open(TUN_PATH, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    int error = fd < 0 ? errno : 0;

    if (error == ENOENT || error == ENODEV || error == ENXIO)
        wgw_check_fail(check,
                       _("Load the driver: sudo modprobe tun. A container has to be given the "
                         "device: --device /dev/net/tun"),
                       "%s: %s", TUN_PATH, g_strerror(error));
    else if (error)
        wgw_check_fail(check,
                       _("Open it for all users, as desktops do: sudo chmod 0666 /dev/net/tun, "
                         "and a udev rule to keep it."),
                       "%s: %s", TUN_PATH, g_strerror(error));
    else
        wgw_check_pass(check, _("can be opened"));
}

/* Namespaces, a TUN device in them, and mounts can only be known by trying; and a process with
 * threads, as this one, cannot try: unshare() into a user namespace is refused to it. */
void
wgw_check_box(WgwCheck *check)
{
    g_autofree char *probe = wgw_program_path("wg-wrap-probe");
    g_autofree char *output = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) error = NULL;
    int status = 0;

    if (!g_spawn_sync(NULL, (char *[]){probe, NULL}, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                      &output, NULL, &status, &error)) {
        wgw_check_fail(check, _("Install wg-wrap again."), _("could not be tried"));
    } else if (g_spawn_check_wait_status(status, &error)) {
        wgw_check_pass(check, _("a session's can be built"));
    } else {
        lines = g_strsplit(output, "\n", -1);
        if (g_strv_length(lines) == 3 && *lines[0] && *lines[1])
            wgw_check_fail(check, _(lines[1]), "%s", lines[0]);
        else
            wgw_check_fail(check, _("Look into the kernel's log."), "%s", error->message);
    }
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
