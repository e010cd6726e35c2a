/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/watch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fd.h"

enum { BUFFER = 16384 };

int
watch_open(unsigned groups)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    WGW_AUTOCLOSE int fd =
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

    if (groups & WATCH_LINKS)
        address.nl_groups |= RTMGRP_LINK;
    if (groups & WATCH_ROUTES)
        address.nl_groups |=
            RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    return wgw_fd_steal(&fd);
}

int
watch_get_mtu(int fd, const char *name)
{
    struct ifreq request = {0};

    strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
    return ioctl(fd, SIOCGIFMTU, &request) < 0 ? -errno : request.ifr_mtu;
}

static void
read_link(struct watch *watch, const struct nlmsghdr *message)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);
    int len = (int)IFLA_PAYLOAD(message);
    bool is_ours = false;
    unsigned mtu = 0;

    for (const struct rtattr *attribute = IFLA_RTA(info); RTA_OK(attribute, len);
         attribute = RTA_NEXT(attribute, len)) {
        if (attribute->rta_type == IFLA_IFNAME)
            is_ours = strncmp(RTA_DATA(attribute), watch->name, RTA_PAYLOAD(attribute)) == 0;
        else if (attribute->rta_type == IFLA_MTU)
            memcpy(&mtu, RTA_DATA(attribute), sizeof mtu);
    }
    if (is_ours && mtu > 0)
        watch->mtu_changed(watch->context, mtu);
}

static void
watch_ready(struct loop_source *source, uint32_t events)
{
    struct watch *watch = loop_container(source, struct watch, source);
    alignas(struct nlmsghdr) char buffer[BUFFER];
    bool routes_changed = false;
    ssize_t n;

    while ((n = recv(source->fd, buffer, sizeof buffer, MSG_DONTWAIT)) != -1 || errno == ENOBUFS) {
        size_t len = n < 0 ? 0 : (size_t)n;

        /* Some were lost. Nothing is asked for again: the next one that matters will come. */
        if (n < 0)
            routes_changed = true;
        for (const struct nlmsghdr *message = (struct nlmsghdr *)buffer; NLMSG_OK(message, len);
             message = NLMSG_NEXT(message, len)) {
            switch (message->nlmsg_type) {
            case RTM_NEWLINK:
                if (watch->name)
                    read_link(watch, message);
                break;
            case RTM_NEWROUTE:
            case RTM_DELROUTE:
            case RTM_NEWADDR:
            case RTM_DELADDR:
                routes_changed = true;
                break;
            default:
                break;
            }
        }
        if (n == 0)
            break;
    }
    if (routes_changed && watch->routes_changed)
        watch->routes_changed(watch->context);
}

int
watch_init(struct watch *watch, struct loop *loop, int fd)
{
    watch->source = (struct loop_source){.fd = fd, .ready = watch_ready};
    return loop_add(loop, &watch->source, EPOLLIN);
}
