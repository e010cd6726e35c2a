/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Who is who is told by what they hold, not by a name that a program could give itself: only the engine
 * has wg0, only the anchor the session's lock, neither of which a program could get hold of; and only the
 * private bus listens where programs expect it. That one goes on, for they would not survive its end. The other two are
 * ended and started anew, so that they are children of ours and all is as after a start; but the
 * sockets stay the same, and so do the peers' idea of where we are and a port that the profile asks
 * for. */
#include "supervisor/succession.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/anchor.h"
#include "base/fd.h"
#include "dbus/error.h"
#include "namespace/box.h"
#include "namespace/members.h"
#include "supervisor/engine.h"
#include "supervisor/legacy.h"
#include "supervisor/process.h"

/* A killed process is gone in an instant; it may be writing a core file on a busy machine. */
#define END_PATIENCE_MS 10000

struct heir {
    gboolean of_engine; /* else of the anchor and the private bus */
    struct stat lock;
    int *udp4;
    int *udp6;
    WgwPrivateBusParts bus;
};

static gboolean
is_tun(int fd)
{
    struct ifreq request = {0};

    return fd >= 0 && ioctl(fd, TUNGETIFF, &request) == 0 &&
           strcmp(request.ifr_name, NS_INTERFACE) == 0;
}

static gboolean
is_udp(int fd, int family)
{
    int domain = 0, type = 0;
    socklen_t size = sizeof domain;

    return fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && domain == family &&
           type == SOCK_DGRAM;
}

/* What the engine has by the descriptor `fd`, if it is one; else -1. */
static int
get_from_engine(int pidfd, int fd)
{
    WGW_AUTOCLOSE int tun = pidfd < 0 ? -1 : pidfd_getfd(pidfd, WGW_ENGINE_TUN, 0);

    return is_tun(tun) ? pidfd_getfd(pidfd, fd, 0) : -1;
}

static int
find_legacy(pid_t pid, void *data)
{
    WGW_AUTOCLOSE int pidfd = pidfd_open(pid, 0);
    int legacy = get_from_engine(pidfd, WGW_ENGINE_LEGACY);
    int *found = data;

    if (legacy < 0)
        return 0;
    wgw_fd_close(found);
    *found = legacy;
    return 0;
}

static void
inherit_socket(int pidfd, int fd, int family, int *ours)
{
    WGW_AUTOCLOSE int theirs = pidfd_getfd(pidfd, fd, 0);

    if (!is_udp(theirs, family))
        return;
    wgw_fd_close(ours);
    *ours = wgw_fd_steal(&theirs);
}

/* What the daemon forks to watch over a program that it activates has the same descriptors; it is
 * the one whose parent is not. */
static void
inherit_bus(struct heir *heir, pid_t pid, int *pidfd, int *socket)
{
    if (heir->bus.pid > 0 && wgw_process_get_parent(heir->bus.pid) != pid)
        return;
    wgw_fd_close(&heir->bus.pidfd);
    wgw_fd_close(&heir->bus.socket);
    heir->bus = (WgwPrivateBusParts){wgw_fd_steal(socket), wgw_fd_steal(pidfd), pid};
}

static int
inherit(pid_t pid, void *data)
{
    struct heir *heir = data;
    WGW_AUTOCLOSE int pidfd = pidfd_open(pid, 0);
    WGW_AUTOCLOSE int tun = heir->of_engine ? get_from_engine(pidfd, WGW_ENGINE_TUN) : -1;
    WGW_AUTOCLOSE int bus =
        pidfd < 0 || heir->of_engine ? -1 : pidfd_getfd(pidfd, WGW_PRIVATE_BUS_FD, 0);
    GPollFD end = {.fd = pidfd, .events = G_IO_IN};
    gboolean is_engine = tun >= 0;

    if (wgw_socket_is_private_bus(bus)) {
        inherit_bus(heir, pid, &pidfd, &bus);
        return 0;
    }
    if (is_engine) {
        inherit_socket(pidfd, WGW_ENGINE_UDP4, AF_INET, heir->udp4);
        inherit_socket(pidfd, WGW_ENGINE_UDP6, AF_INET6, heir->udp6);
    }
    if (pidfd >= 0 && (is_engine || (!heir->of_engine && wgw_anchor_is(pid, &heir->lock)))) {
        pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        g_poll(&end, 1, END_PATIENCE_MS);
    }
    return 0;
}

/* The engine first: the anchor is by what we are found in, should we be killed now. */
static int
inherit_all(int net, struct heir *heir)
{
    pid_t self = getpid();
    int r;

    heir->of_engine = TRUE;
    r = ns_members_scan(net, &self, 1, inherit, heir);
    heir->of_engine = FALSE;
    return r < 0 ? r : ns_members_scan(net, &self, 1, inherit, heir);
}

WgwSecret *
wgw_succession_dup_legacy(int net, guint *ret_path_mtu)
{
    WGW_AUTOCLOSE int legacy = -1;
    pid_t self = getpid();

    ns_members_scan(net, &self, 1, find_legacy, &legacy);
    return wgw_legacy_read(legacy, ret_path_mtu);
}

gboolean
wgw_succession_begin(int net,
                     int directory,
                     int *lock,
                     int *udp4,
                     int *udp6,
                     WgwPrivateBusParts *ret_bus,
                     GError **error)
{
    struct heir heir = {.udp4 = udp4, .udp6 = udp6, .bus = WGW_PRIVATE_BUS_INIT};
    WGW_AUTOCLOSE int own = openat(directory, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    if (own < 0 || fstat(own, &heir.lock) < 0 || inherit_all(net, &heir) < 0) {
        g_set_error(
            error, WGW_ERROR, WGW_ERROR_FAILED,
            _("The session cannot be taken over: %s. Close its programs, and start it anew."),
            g_strerror(errno));
        return FALSE;
    }
    if (*lock < 0 && flock(own, LOCK_EX | LOCK_NB) < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_BUSY,
                    _("The session cannot be taken over: its lock is held (%s)."),
                    g_strerror(errno));
        return FALSE;
    }
    if (*lock < 0)
        *lock = wgw_fd_steal(&own);
    if (*udp4 < 0 && *udp6 < 0) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_BUSY,
                    _("The session cannot be taken over: its UDP port is in use."));
        return FALSE;
    }
    *ret_bus = heir.bus;
    g_usleep(WGW_ENGINE_PAUSE_MS * G_TIME_SPAN_MILLISECOND);
    return TRUE;
}
