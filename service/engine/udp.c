/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/param.h>

#include "base/fd.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO     104
#endif

enum {
    /* What waits here while this process does not run: some 10 ms at 3 Gbit/s. The kernel takes
     * net.core.rmem_max at most, without an error. */
    RECEIVE_BUFFER = 4 << 20,
    SEND_BUFFER = 1 << 20,
};

static int
set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

/* Errors are left alone where things go on without. */
static void
set_options(struct udp *udp)
{
    int zero = 0, is_sticky = !(udp->refusals & UDP_NOT_STICKY);
    socklen_t len = sizeof zero;

    set_int(udp->fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    set_int(udp->fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
    /* As the kernel's own WireGuard: no "don't fragment", so a path with a small MTU carries on. */
    if (udp->family == AF_INET) {
        set_int(udp->fd, IPPROTO_IP, IP_PKTINFO, is_sticky);
        set_int(udp->fd, IPPROTO_IP, IP_RECVTOS, 1);
        set_int(udp->fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    } else {
        set_int(udp->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, is_sticky);
        set_int(udp->fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
        set_int(udp->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_DONT);
    }
    udp->does_gro =
        !(udp->refusals & UDP_WITHOUT_GRO) && set_int(udp->fd, IPPROTO_UDP, UDP_GRO, 1) == 0;
    if (udp->refusals & UDP_WITHOUT_GSO ||
        getsockopt(udp->fd, IPPROTO_UDP, UDP_SEGMENT, &zero, &len) < 0)
        udp->gso_limit = 0;
    else
        udp->gso_limit = UDP_MAX;
}

int
udp_attach(struct udp *udp, int family, int fd, unsigned refusals)
{
    int flags = fcntl(fd, F_GETFL), domain, type;
    socklen_t len = sizeof domain;

    if (flags < 0 || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
        return -errno;
    if (domain != family || type != SOCK_DGRAM)
        return -EINVAL;
    udp->fd = fd;
    udp->family = family;
    udp->refusals = refusals;
    set_options(udp);
    return 0;
}

int
udp_open(struct udp *udp, int family, uint16_t port, uint32_t fwmark, unsigned refusals)
{
    WGW_AUTOCLOSE int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    int r;

    if (fd < 0)
        return -errno;
    if (family == AF_INET6) {
        r = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        if (r < 0)
            return r;
    }
    if (fwmark > 0) {
        r = set_int(fd, SOL_SOCKET, SO_MARK, (int)fwmark);
        if (r < 0)
            return r;
    }
    if (family == AF_INET ? bind(fd, (struct sockaddr *)&in4, sizeof in4) < 0
                          : bind(fd, (struct sockaddr *)&in6, sizeof in6) < 0)
        return -errno;
    r = udp_attach(udp, family, fd, refusals);
    if (r == 0)
        wgw_fd_steal(&fd);
    return r;
}

uint16_t
udp_get_port(const struct udp *udp)
{
    struct sockaddr_in6 name = {0};
    socklen_t len = sizeof name;

    /* The port lies at the same place for both families. */
    if (udp->fd < 0 || getsockname(udp->fd, (struct sockaddr *)&name, &len) < 0)
        return 0;
    return ntohs(name.sin6_port);
}

int
udp_set_fwmark(const struct udp *udp, uint32_t fwmark)
{
    return udp->fd < 0 ? 0 : set_int(udp->fd, SOL_SOCKET, SO_MARK, (int)fwmark);
}

unsigned
udp_get_interface(const struct udp *udp, const char *name)
{
    struct ifreq request = {0};

    if (strlen(name) >= sizeof request.ifr_name)
        return 0;
    memcpy(request.ifr_name, name, strlen(name));
    return ioctl(udp->fd, SIOCGIFINDEX, &request) < 0 ? 0 : (unsigned)request.ifr_ifindex;
}

void
udp_reset(struct udp *udp)
{
    if (udp->gso_limit > 0)
        udp->gso_limit = UDP_MAX;
}

/* ---- Sending ---- */

static struct udp *
socket_for(const struct udp_queue *queue, const struct wg_endpoint *to)
{
    return to->addr.sa_family == AF_INET ? queue->udp4 : queue->udp6;
}

void
udp_queue_add(struct udp_queue *queue,
              const struct wg_endpoint *to,
              uint8_t tos,
              void *data,
              size_t len,
              size_t *sent)
{
    unsigned last = queue->count - 1;
    struct iovec *part = &queue->parts[queue->part_count++];

    *part = (struct iovec){data, len};
    if (queue->count > 0 && !queue->sends[last].is_closed && queue->sends[last].to == to &&
        queue->sends[last].tos == tos && len <= queue->sends[last].size &&
        queue->sends[last].size < socket_for(queue, to)->gso_limit &&
        queue->sends[last].len + len <= UDP_MAX &&
        queue->messages[last].msg_hdr.msg_iovlen < UDP_SEGMENTS) {
        queue->messages[last].msg_hdr.msg_iovlen++;
        queue->sends[last].len += len;
        queue->sends[last].is_closed = len < queue->sends[last].size;
        return;
    }
    last = queue->count++;
    queue->messages[last].msg_hdr = (struct msghdr){.msg_iov = part, .msg_iovlen = 1};
    queue->sends[last].to = to;
    queue->sends[last].sent = sent;
    queue->sends[last].size = queue->sends[last].len = len;
    queue->sends[last].tos = tos;
    queue->sends[last].is_closed = false;
}

/* The control messages are put together here rather than by CMSG_NXTHDR, which wants a message that is
 * complete already. */
static void
add_control(struct msghdr *message, int level, int type, const void *data, size_t len)
{
    struct cmsghdr header = {.cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type};
    uint8_t *at = (uint8_t *)message->msg_control + message->msg_controllen;

    memset(at, 0, CMSG_SPACE(len));
    memcpy(at, &header, sizeof header);
    memcpy(at + CMSG_LEN(0), data, len);
    message->msg_controllen += CMSG_SPACE(len);
}

static void
add_source(struct msghdr *message, const struct wg_endpoint *to)
{
    /* The address only: an interface would bind the packet to it, whatever the routes say now. A
     * link-local address means nothing without its interface, though. */
    if (to->addr.sa_family == AF_INET) {
        struct in_pktinfo info = {.ipi_spec_dst = to->src4};

        if (to->src4.s_addr != 0)
            add_control(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else {
        struct in6_pktinfo info = {.ipi6_addr = to->src6};

        if (IN6_IS_ADDR_LINKLOCAL(&to->src6))
            info.ipi6_ifindex = to->src_ifindex;
        if (!IN6_IS_ADDR_UNSPECIFIED(&to->src6))
            add_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
}

/* Make messages[i] ready for the system call, or again ready without what was refused. */
static void
prepare(struct udp_queue *queue, unsigned i, bool with_source)
{
    const struct wg_endpoint *to = queue->sends[i].to;
    struct msghdr *message = &queue->messages[i].msg_hdr;
    uint16_t size = queue->sends[i].size;
    int tos = queue->sends[i].tos;

    message->msg_name = (void *)&to->addr;
    message->msg_namelen =
        to->addr.sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    message->msg_control = queue->sends[i].control;
    message->msg_controllen = 0;
    if (with_source)
        add_source(message, to);
    if (tos != 0 && to->addr.sa_family == AF_INET)
        add_control(message, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
    else if (tos != 0)
        add_control(message, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
    if (message->msg_iovlen > 1)
        add_control(message, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
    if (message->msg_controllen == 0)
        message->msg_control = NULL;
}

/* An address of ours that went away, a route that no longer begins at it. */
static bool
is_about_source(int error)
{
    return error == EINVAL || error == ENETUNREACH || error == EHOSTUNREACH ||
           error == EADDRNOTAVAIL || error == ENODEV || error == ENXIO;
}

/* Each datagram of messages[i] on its own; of what is refused, the rest may still go. */
static void
send_singly(struct udp_queue *queue, struct udp *udp, unsigned i, bool with_source)
{
    struct msghdr *message = &queue->messages[i].msg_hdr;
    struct iovec *parts = message->msg_iov;
    size_t count = message->msg_iovlen;

    message->msg_iovlen = 1;
    prepare(queue, i, with_source);
    for (size_t k = 0; k < count; k++) {
        ssize_t n;

        message->msg_iov = &parts[k];
        n = sendmsg(udp->fd, message, 0);
        if (n < 0 && with_source && is_about_source(errno)) {
            with_source = false;
            queue->lost_source = true;
            prepare(queue, i, false);
            n = sendmsg(udp->fd, message, 0);
        }
        if (n > 0)
            *queue->sends[i].sent += n;
    }
}

/* messages[i] was refused. Find out what of it was, and do without. */
static void
send_refused(struct udp_queue *queue, struct udp *udp, unsigned i, int error)
{
    struct msghdr *message = &queue->messages[i].msg_hdr;

    if (error == ENOBUFS || error == EAGAIN || error == EPERM || error == EACCES)
        return;
    if (message->msg_iovlen > 1) {
        /* EIO: the card does no checksums. EINVAL, EMSGSIZE: longer than the path's MTU. */
        if (error == EIO || error == ENOPROTOOPT || error == EOPNOTSUPP)
            udp->gso_limit = 0;
        else if (error == EMSGSIZE || error == EINVAL)
            udp->gso_limit = MIN(udp->gso_limit, queue->sends[i].size);
    }
    send_singly(queue, udp, i, true);
}

/* The messages from first on that are for the same socket. */
static unsigned
send_some(struct udp_queue *queue, unsigned first, struct udp *udp)
{
    unsigned end = first, count;
    int n;

    while (end < queue->count && socket_for(queue, queue->sends[end].to) == udp)
        prepare(queue, end++, true);
    count = end - first;
    if (udp->refusals & UDP_GSO_FAILS && queue->messages[first].msg_hdr.msg_iovlen > 1) {
        send_refused(queue, udp, first, EIO);
        return 1;
    }
    n = sendmmsg(udp->fd, &queue->messages[first], count, 0);
    if (n < 0 && errno == EINTR)
        return 0;
    if (n <= 0) {
        send_refused(queue, udp, first, errno);
        return 1;
    }
    for (int i = 0; i < n; i++)
        *queue->sends[first + i].sent += queue->messages[first + i].msg_len;
    return n;
}

void
udp_queue_flush(struct udp_queue *queue)
{
    for (unsigned i = 0; i < queue->count;) {
        struct udp *udp = socket_for(queue, queue->sends[i].to);

        i += udp->fd < 0 ? 1 : send_some(queue, i, udp);
    }
    queue->count = queue->part_count = 0;
}

/* ---- Receiving ---- */

static void
read_control(struct msghdr *message, struct udp_arrival *arrival)
{
    struct cmsghdr *control;

    for (control = CMSG_FIRSTHDR(message); control; control = CMSG_NXTHDR(message, control)) {
        const void *data = CMSG_DATA(control);

        if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;

            memcpy(&info, data, sizeof info);
            arrival->from.src4 = info.ipi_spec_dst;
            arrival->from.src_ifindex = info.ipi_ifindex;
        } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;

            memcpy(&info, data, sizeof info);
            arrival->from.src6 = info.ipi6_addr;
            arrival->from.src_ifindex = info.ipi6_ifindex;
        } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TOS) {
            memcpy(&arrival->tos, data, sizeof arrival->tos);
        } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_TCLASS) {
            int tos;

            memcpy(&tos, data, sizeof tos);
            arrival->tos = tos;
        } else if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO) {
            int size;

            memcpy(&size, data, sizeof size);
            if (size > 0)
                arrival->segment = size;
        }
    }
}

static void
prepare_to_receive(struct udp_receiver *receiver, unsigned i)
{
    receiver->parts[i] = (struct iovec){receiver->buffers + (size_t)i * UDP_BUFFER, UDP_BUFFER};
    receiver->messages[i].msg_hdr = (struct msghdr){
        .msg_name = &receiver->names[i],
        .msg_namelen = sizeof receiver->names[i],
        .msg_iov = &receiver->parts[i],
        .msg_iovlen = 1,
        .msg_control = receiver->control[i],
        .msg_controllen = sizeof receiver->control[i],
    };
}

int
udp_receive(struct udp *udp, struct udp_receiver *receiver)
{
    int n, count = 0;

    /* What the last call left alone is still prepared. */
    for (; receiver->used > 0; receiver->used--)
        prepare_to_receive(receiver, receiver->used - 1);
    n = recvmmsg(udp->fd, receiver->messages, UDP_RECEIVE_BATCH, MSG_DONTWAIT, NULL);
    if (n < 0)
        return -errno;
    receiver->used = n;
    for (int i = 0; i < n; i++) {
        struct msghdr *message = &receiver->messages[i].msg_hdr;
        struct udp_arrival *arrival = &receiver->arrivals[count];

        if (message->msg_flags & MSG_TRUNC || receiver->messages[i].msg_len == 0)
            continue;
        *arrival = (struct udp_arrival){
            .data = receiver->parts[i].iov_base,
            .len = receiver->messages[i].msg_len,
            .segment = receiver->messages[i].msg_len,
        };
        memcpy(&arrival->from.in6, &receiver->names[i],
               MIN(message->msg_namelen, sizeof arrival->from.in6));
        arrival->from.in6.sin6_flowinfo =
            udp->family == AF_INET6 ? 0 : arrival->from.in6.sin6_flowinfo;
        read_control(message, arrival);
        count++;
    }
    return count;
}
