/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"

#ifndef TUN_F_USO4 /* Linux 6.2 */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

enum { DEFAULT_MTU = 1420 };

/* Offloads in the order of our wishes; what the kernel refuses, it refuses as a whole. */
static void
set_offloads(struct tun *tun, unsigned refusals)
{
    unsigned wishes = TUN_F_CSUM;

    tun->does_udp = false;
    if (!tun->has_header)
        return;
    if (!(refusals & TUN_WITHOUT_TSO))
        wishes |= TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    if (!(refusals & TUN_WITHOUT_USO) &&
        ioctl(tun->fd, TUNSETOFFLOAD, wishes | TUN_F_USO4 | TUN_F_USO6) == 0) {
        tun->does_udp = true;
        return;
    }
    if (ioctl(tun->fd, TUNSETOFFLOAD, wishes) < 0)
        ioctl(tun->fd, TUNSETOFFLOAD, 0);
}

static int
make_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    return 0;
}

static int
set_up(struct tun *tun, unsigned refusals)
{
    int header_size = sizeof(struct virtio_net_hdr), r;
    struct ifreq request;

    r = make_nonblocking(tun->fd);
    if (r < 0)
        return r;
    memset(&request, 0, sizeof request);
    if (ioctl(tun->fd, TUNGETIFF, &request) < 0)
        return -errno;
    if (!(request.ifr_flags & IFF_TUN) || !(request.ifr_flags & IFF_NO_PI))
        return -EINVAL;
    memcpy(tun->name, request.ifr_name, sizeof tun->name);
    tun->has_header = request.ifr_flags & IFF_VNET_HDR;
    if (tun->has_header && ioctl(tun->fd, TUNSETVNETHDRSZ, &header_size) < 0)
        return -errno;
    set_offloads(tun, refusals);
    return 0;
}

static int
set_mtu(const struct tun *tun, int mtu)
{
    WGW_AUTOCLOSE int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_mtu = mtu};

    memcpy(request.ifr_name, tun->name, sizeof tun->name);
    if (sock < 0 || ioctl(sock, SIOCSIFMTU, &request) < 0)
        return -errno;
    return 0;
}

int
tun_create(struct tun *tun, const char *name, unsigned refusals)
{
    WGW_AUTOCLOSE int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    struct tun made = {0};
    int r;

    if (fd < 0)
        return -errno;
    if (strlen(name) >= sizeof request.ifr_name)
        return -ENAMETOOLONG;
    if (!(refusals & TUN_WITHOUT_HEADER))
        request.ifr_flags |= IFF_VNET_HDR;
    memcpy(request.ifr_name, name, strlen(name));
    if (ioctl(fd, TUNSETIFF, &request) < 0)
        return -errno;
    made.fd = fd;
    r = set_up(&made, refusals);
    if (r == 0)
        r = set_mtu(&made, DEFAULT_MTU);
    if (r < 0)
        return r;
    *tun = made;
    wgw_fd_steal(&fd);
    return 0;
}

int
tun_attach(struct tun *tun, int fd, unsigned refusals)
{
    struct tun attached = {.fd = fd};
    int r = set_up(&attached, refusals);

    if (r == 0)
        *tun = attached;
    return r;
}

ssize_t
tun_read(struct tun *tun, struct tun_packet *ret_packet)
{
    ssize_t header = sizeof ret_packet->header, n;

    if (!tun->has_header) {
        memset(&ret_packet->header, 0, sizeof ret_packet->header);
        n = read(tun->fd, ret_packet->data, sizeof ret_packet->data);
        return n < 0 ? -errno : n;
    }
    n = read(tun->fd, ret_packet, sizeof *ret_packet);
    if (n < 0)
        return -errno;
    return n < header ? -EIO : n - header;
}

void
tun_wait(const struct tun *tun)
{
    struct pollfd request = {.fd = tun->fd, .events = POLLIN};

    poll(&request, 1, -1);
}

int
tun_write(struct tun *tun, const struct iovec *parts, unsigned count)
{
    unsigned first = tun->has_header ? 0 : 1;

    return writev(tun->fd, parts + first, count - first) < 0 ? -errno : 0;
}
