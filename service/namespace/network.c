/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "namespace/network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "namespace/stages.h"

enum change { REMOVE, ADD };

/* libnl has its own error numbers; those that the kernel answered with most are told apart. */
static int
errno_of_nl(int error)
{
    switch (-error) {
    case NLE_SUCCESS:
        return 0;
    case NLE_NOMEM:
        return -ENOMEM;
    case NLE_EXIST:
        return -EEXIST;
    case NLE_PERM:
    case NLE_NOACCESS:
        return -EPERM;
    case NLE_NODEV:
    case NLE_OBJ_NOTFOUND:
        return -ENODEV;
    case NLE_NOADDR:
        return -EADDRNOTAVAIL;
    case NLE_OPNOTSUPP:
    case NLE_AF_NOSUPPORT:
        return -EOPNOTSUPP;
    case NLE_RANGE:
        return -ERANGE;
    default:
        return -EINVAL;
    }
}

static size_t
length_of(const struct ns_prefix *prefix)
{
    return prefix->family == AF_INET ? 4 : 16;
}

static struct nl_addr *
nl_addr_of(const struct ns_prefix *prefix)
{
    struct nl_addr *addr = nl_addr_build(prefix->family, prefix->address, length_of(prefix));

    if (addr)
        nl_addr_set_prefixlen(addr, prefix->bits);
    return addr;
}

static int
change_address(struct nl_sock *nl, int ifindex, const struct ns_prefix *prefix, enum change change)
{
    struct rtnl_addr *address = rtnl_addr_alloc();
    struct nl_addr *local = nl_addr_of(prefix);
    int r = -NLE_NOMEM;

    if (address && local) {
        rtnl_addr_set_ifindex(address, ifindex);
        rtnl_addr_set_local(address, local);
        /* Nobody else is on this link: no duplicate address detection, the address works at once. */
        if (prefix->family == AF_INET6)
            rtnl_addr_set_flags(address, IFA_F_NODAD);
        r = change == ADD ? rtnl_addr_add(nl, address, 0) : rtnl_addr_delete(nl, address, 0);
    }
    nl_addr_put(local);
    rtnl_addr_put(address);
    return errno_of_nl(r);
}

static int
change_route(struct nl_sock *nl, int ifindex, const struct ns_prefix *prefix, enum change change)
{
    struct rtnl_route *route = rtnl_route_alloc();
    struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
    struct nl_addr *destination = nl_addr_of(prefix);
    int r = -NLE_NOMEM;

    if (route && hop && destination) {
        rtnl_route_set_family(route, prefix->family);
        rtnl_route_set_dst(route, destination);
        rtnl_route_set_scope(route, prefix->family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
        rtnl_route_nh_set_ifindex(hop, ifindex);
        rtnl_route_add_nexthop(route, hop);
        hop = NULL;
        r = change == ADD ? rtnl_route_add(nl, route, NLM_F_EXCL) : rtnl_route_delete(nl, route, 0);
    }
    if (hop)
        rtnl_route_nh_free(hop);
    nl_addr_put(destination);
    rtnl_route_put(route);
    r = errno_of_nl(r);
    /* An address brings the route of its own prefix with it. */
    return change == ADD && r == -EEXIST ? 0 : r;
}

static int
set_link(struct nl_sock *nl, const char *name, unsigned mtu)
{
    struct rtnl_link *link = rtnl_link_alloc();
    struct rtnl_link *changes = rtnl_link_alloc();
    int r = -NLE_NOMEM;

    if (link && changes) {
        rtnl_link_set_ifindex(link, (int)if_nametoindex(name));
        rtnl_link_set_flags(changes, IFF_UP);
        if (mtu > 0)
            rtnl_link_set_mtu(changes, mtu);
        r = rtnl_link_change(nl, link, changes, 0);
    }
    rtnl_link_put(changes);
    rtnl_link_put(link);
    return errno_of_nl(r);
}

static int
open_netlink(struct nl_sock **ret_nl)
{
    struct nl_sock *nl = nl_socket_alloc();
    int r;

    if (!nl)
        return -ENOMEM;
    r = nl_connect(nl, NETLINK_ROUTE);
    if (r < 0) {
        nl_socket_free(nl);
        return errno_of_nl(r);
    }
    /* libnl sets O_CLOEXEC by itself. */
    *ret_nl = nl;
    return 0;
}

/* A value that is nice to have: where the file is missing, so is what it would switch. */
static void
write_sysctl(const char *path, const char *value)
{
    WGW_AUTOCLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd >= 0)
        wgw_fd_write_all(fd, value, strlen(value));
}

static int
has_ipv6(void)
{
    return access("/proc/sys/net/ipv6", F_OK) == 0;
}

static void
describe(char *text, size_t size, const struct ns_prefix *prefix)
{
    struct nl_addr *addr = nl_addr_of(prefix);

    if (addr)
        nl_addr2str(addr, text, size);
    else
        snprintf(text, size, "?");
    nl_addr_put(addr);
}

typedef int (*change_function)(struct nl_sock *, int, const struct ns_prefix *, enum change);

static int
add_all(struct nl_sock *nl,
        int ifindex,
        change_function change,
        const char *what,
        const struct ns_prefix *prefixes,
        size_t n_prefixes,
        struct ns_failure *failure)
{
    for (size_t i = 0; i < n_prefixes; i++) {
        char text[80];
        int r;

        if (prefixes[i].family == AF_INET6 && !has_ipv6())
            continue;
        r = change(nl, ifindex, &prefixes[i], ADD);
        if (r < 0) {
            describe(text, sizeof text, &prefixes[i]);
            return ns_fail(failure, NS_STAGE_NETWORK, r, "%s %s", what, text);
        }
    }
    return 0;
}

static int
equal(const struct ns_prefix *a, const struct ns_prefix *b)
{
    return a->family == b->family && a->bits == b->bits &&
           memcmp(a->address, b->address, length_of(a)) == 0;
}

static int
contains(const struct ns_prefix *prefixes, size_t n_prefixes, const struct ns_prefix *wanted)
{
    for (size_t i = 0; i < n_prefixes; i++)
        if (equal(&prefixes[i], wanted))
            return 1;
    return 0;
}

/* Apply change to each of `these` that is not among `others`. Errors of removals count only where
 * the caller asks: what is gone is gone. */
static int
change_difference(struct nl_sock *nl,
                  int ifindex,
                  change_function function,
                  enum change change,
                  const struct ns_prefix *these,
                  size_t n_these,
                  const struct ns_prefix *others,
                  size_t n_others)
{
    for (size_t i = 0; i < n_these; i++) {
        int r;

        if (contains(others, n_others, &these[i]))
            continue;
        if (these[i].family == AF_INET6 && !has_ipv6())
            continue;
        r = function(nl, ifindex, &these[i], change);
        if (r < 0 && change == ADD && r != -EEXIST)
            return r;
    }
    return 0;
}

/* New things first, so that nothing that stays is without its address or route in between. */
static int
switch_over(struct nl_sock *nl, int ifindex, const struct ns_plan *from, const struct ns_plan *to)
{
    int r = change_difference(nl, ifindex, change_address, ADD, to->addresses, to->n_addresses,
                              from->addresses, from->n_addresses);

    if (r < 0)
        return r;
    r = change_difference(nl, ifindex, change_route, ADD, to->routes, to->n_routes, from->routes,
                          from->n_routes);
    if (r < 0)
        return r;
    if (from->mtu != to->mtu)
        r = set_link(nl, NS_INTERFACE, to->mtu);
    if (r < 0)
        return r;
    change_difference(nl, ifindex, change_route, REMOVE, from->routes, from->n_routes, to->routes,
                      to->n_routes);
    change_difference(nl, ifindex, change_address, REMOVE, from->addresses, from->n_addresses,
                      to->addresses, to->n_addresses);
    /* A removed address took the routes of its prefix along, and in IPv4 the secondary addresses. */
    change_difference(nl, ifindex, change_address, ADD, to->addresses, to->n_addresses, NULL, 0);
    change_difference(nl, ifindex, change_route, ADD, to->routes, to->n_routes, NULL, 0);
    return 0;
}

int
ns_tun_create(struct ns_failure *failure)
{
    /* The engine asks for offloads itself; a virtio header there must be for that. */
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR,
                            .ifr_name = NS_INTERFACE};
    WGW_AUTOCLOSE int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

    if (tun < 0)
        return ns_fail(failure, NS_STAGE_TUN, -errno, "open /dev/net/tun");
    if (ioctl(tun, TUNSETIFF, &request) < 0)
        return ns_fail(failure, NS_STAGE_TUN, -errno, "create " NS_INTERFACE);
    /* The interface, with its addresses and routes, outlives whoever holds the descriptor. */
    if (ioctl(tun, TUNSETPERSIST, 1) < 0)
        return ns_fail(failure, NS_STAGE_TUN, -errno, "keep " NS_INTERFACE);
    return wgw_fd_steal(&tun);
}

int
ns_network_build(const struct ns_plan *plan, struct ns_failure *failure)
{
    char groups[32];
    struct nl_sock *nl = NULL;
    int ifindex, r;

    /* ping(8) without a capability: the namespace's range takes only groups that it knows. */
    snprintf(groups, sizeof groups, "%u %u", getgid(), getgid());
    write_sysctl("/proc/sys/net/ipv4/ping_group_range", groups);
    /* No neighbours, so no address made from a hardware address and nothing learnt from the link. */
    write_sysctl("/proc/sys/net/ipv6/conf/" NS_INTERFACE "/addr_gen_mode", "1");
    write_sysctl("/proc/sys/net/ipv6/conf/" NS_INTERFACE "/accept_ra", "0");

    r = open_netlink(&nl);
    if (r < 0)
        return ns_fail(failure, NS_STAGE_NETWORK, r, "open netlink");
    r = set_link(nl, "lo", 0);
    if (r < 0) {
        ns_fail(failure, NS_STAGE_NETWORK, r, "set lo up");
        goto out;
    }
    r = set_link(nl, NS_INTERFACE, plan->mtu);
    if (r < 0) {
        ns_fail(failure, NS_STAGE_NETWORK, r, "set " NS_INTERFACE " up with MTU %u", plan->mtu);
        goto out;
    }
    ifindex = (int)if_nametoindex(NS_INTERFACE);
    r = add_all(nl, ifindex, change_address, "add address", plan->addresses, plan->n_addresses,
                failure);
    if (r == 0)
        r = add_all(nl, ifindex, change_route, "add route", plan->routes, plan->n_routes, failure);
out:
    nl_socket_free(nl);
    return r;
}

int
ns_box_set_network(const struct ns_plan *from, const struct ns_plan *to, struct ns_failure *failure)
{
    int ifindex = (int)if_nametoindex(NS_INTERFACE);
    struct nl_sock *nl = NULL;
    int r;

    if (ifindex == 0)
        return ns_fail(failure, NS_STAGE_NETWORK, -errno, "find " NS_INTERFACE);
    r = open_netlink(&nl);
    if (r < 0)
        return ns_fail(failure, NS_STAGE_NETWORK, r, "open netlink");
    r = switch_over(nl, ifindex, from, to);
    if (r < 0) {
        ns_fail(failure, NS_STAGE_NETWORK, r, "change addresses, routes or MTU");
        switch_over(nl, ifindex, to, from);
    }
    nl_socket_free(nl);
    return r;
}
