/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Who is who is told by what they hold, not by a name that a program could give itself: only the engine
 * has wg0, which no program can open (namespace/owner.h); only the anchor the session's lock, or a program
 * that has taken a copy of that, which is as good; and only the private bus listens where programs expect
 * it. That one goes on, for they would not survive its end. The other two are ended and started anew, so
 * that they are children of ours and all is as after a start; but the sockets stay the same, and so do the
 * peers' idea of where we are and a port that the profile asks for. The anchor is the last to go, once we
 * have one of our own: by it we are found, should we and wg-wrapd be killed meanwhile. */
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
    struct stat lock;
    int *lock_fd;
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

static void
end(int pidfd)
{
    GPollFD ended = {.fd = pidfd, .events = G_IO_IN};

    pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
    g_poll(&ended, 1, END_PATIENCE_MS);
}

static int
inherit(pid_t pid, void *data)
{
    struct heir *heir = data;
    WGW_AUTOCLOSE int pidfd = pidfd_open(pid, 0);
    WGW_AUTOCLOSE int tun = get_from_engine(pidfd, WGW_ENGINE_TUN);
    WGW_AUTOCLOSE int bus = pidfd < 0 ? -1 : pidfd_getfd(pidfd, WGW_PRIVATE_BUS_FD, 0);

    if (tun >= 0) {
        inherit_socket(pidfd, WGW_ENGINE_UDP4, AF_INET, heir->udp4);
        inherit_socket(pidfd, WGW_ENGINE_UDP6, AF_INET6, heir->udp6);
        end(pidfd);
    } else if (wgw_socket_is_private_bus(bus))
        inherit_bus(heir, pid, &pidfd, &bus);
    else if (pidfd >= 0 && *heir->lock_fd < 0 && wgw_anchor_is(pid, &heir->lock)) {
        *heir->lock_fd = pidfd_getfd(pidfd, WGW_ANCHOR_LOCK_FD, 0);
        /* It is locked already, unless a program has opened the file for itself. */
        if (*heir->lock_fd >= 0 && flock(*heir->lock_fd, LOCK_EX | LOCK_NB) < 0)
            wgw_fd_close(heir->lock_fd);
    }
    return 0;
}

/* For wgw_succession_complete. */
struct anchors {
    struct stat lock;
    pid_t ours;
};

static int
end_anchor(pid_t pid, void *data)
{
    const struct anchors *anchors = data;
    WGW_AUTOCLOSE int pidfd = pid == anchors->ours ? -1 : pidfd_open(pid, 0);

    if (pidfd >= 0 && wgw_anchor_is(pid, &anchors->lock))
        end(pidfd);
    return 0;
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
    struct heir heir = {.lock_fd = lock, .udp4 = udp4, .udp6 = udp6, .bus = WGW_PRIVATE_BUS_INIT};
    pid_t self = getpid();
    WGW_AUTOCLOSE int own = openat(directory, "lock", O_RDWR | O_NOFOLLOW | O_CLOEXEC);

    if (own < 0 || fstat(own, &heir.lock) < 0 ||
        ns_members_scan(net, &self, 1, inherit, &heir) < 0) {
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

void
wgw_succession_complete(int net, int lock, pid_t anchor)
{
    struct anchors anchors = {.ours = anchor};
    pid_t self = getpid();

    if (fstat(lock, &anchors.lock) == 0)
        ns_members_scan(net, &self, 1, end_anchor, &anchors);
}
