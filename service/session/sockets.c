/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "session/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gi18n.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"

#define OVERHEAD    80 /* IPv6 40, UDP 8, WireGuard 32 */
#define DEFAULT_MTU 1420
#define MIN_MTU     1280
#define MAX_MTU     (9000 - OVERHEAD)

/* With the kernel's own choice of a port for one family, the other may find it taken. */
#define MAX_ATTEMPTS 16

/* linux/in.h, which cannot be included beside netinet/in.h. */
#ifndef IP_MTU
#define IP_MTU 14
#endif

static int
bind_any(int family, guint16 port)
{
    WGW_AUTOCLOSE int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int on = 1;

    if (fd < 0)
        return -errno;
    if (family == AF_INET6) {
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0 ||
            bind(fd, (struct sockaddr *)&in6, sizeof in6) < 0)
            return -errno;
    } else if (bind(fd, (struct sockaddr *)&in4, sizeof in4) < 0)
        return -errno;
    return wgw_fd_steal(&fd);
}

static guint16
get_port(int fd)
{
    union {
        struct sockaddr addr;
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;
    } address = {0};
    socklen_t size = sizeof address;

    getsockname(fd, &address.addr, &size);
    return ntohs(address.addr.sa_family == AF_INET6 ? address.in6.sin6_port : address.in4.sin_port);
}

gboolean
wgw_sockets_open(guint16 port, WgwSockets *ret_sockets, GError **error)
{
    for (int attempt = 0;; attempt++) {
        WGW_AUTOCLOSE int udp4 = bind_any(AF_INET, port);
        WGW_AUTOCLOSE int udp6 = bind_any(AF_INET6, udp4 >= 0 ? get_port(udp4) : port);
        int failure = 0;

        /* A family that the kernel does not have is none that a packet could take. */
        if (udp4 < 0 && udp4 != -EAFNOSUPPORT)
            failure = udp4;
        else if (udp6 < 0 && udp6 != -EAFNOSUPPORT && udp6 != -EADDRNOTAVAIL)
            failure = udp6;
        else if (udp4 < 0 && udp6 < 0)
            failure = udp4;
        if (failure == 0) {
            ret_sockets->udp4 = udp4 < 0 ? -1 : wgw_fd_steal(&udp4);
            ret_sockets->udp6 = udp6 < 0 ? -1 : wgw_fd_steal(&udp6);
            return TRUE;
        }
        if (port == 0 && failure == -EADDRINUSE && attempt < MAX_ATTEMPTS)
            continue;
        if (failure == -EADDRINUSE)
            g_set_error(error, WGW_ERROR, WGW_ERROR_BUSY,
                        _("UDP port %u is in use. Remove ListenPort from the profile, or end what "
                          "uses the port."),
                        port);
        else
            g_set_error(error, WGW_ERROR, wgw_error_code_of(-failure),
                        _("A UDP socket cannot be made: %s. %s"), g_strerror(-failure),
                        wgw_error_advice_on(-failure));
        return FALSE;
    }
}

void
wgw_sockets_close(WgwSockets *sockets)
{
    wgw_fd_close(&sockets->udp4);
    wgw_fd_close(&sockets->udp6);
}

/* A UDP socket that knows the route to the address; -1: there is none. */
static int
connect_to(const char *address, guint16 port, int *ret_family)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    gboolean is4 = inet_pton(AF_INET, address, &in4.sin_addr) == 1;
    WGW_AUTOCLOSE int fd = -1;

    if (!is4 && inet_pton(AF_INET6, address, &in6.sin6_addr) != 1)
        return -1;
    *ret_family = is4 ? AF_INET : AF_INET6;
    fd = socket(*ret_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, is4 ? (struct sockaddr *)&in4 : (struct sockaddr *)&in6,
                          is4 ? sizeof in4 : sizeof in6) < 0)
        return -1;
    return wgw_fd_steal(&fd);
}

guint
wgw_sockets_path_mtu(const WgwConfig *config)
{
    int smallest = 0;

    for (guint i = 0; i < wgw_config_get_n_peers(config); i++) {
        const WgwEndpoint *endpoint = wgw_peer_get_endpoint(wgw_config_get_peer(config, i));
        int family, mtu = 0;
        socklen_t size = sizeof mtu;
        WGW_AUTOCLOSE int fd = -1;

        if (!endpoint || !endpoint->numeric)
            continue;
        fd = connect_to(endpoint->host, endpoint->port, &family);
        if (fd < 0)
            continue;
        if (getsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6,
                       family == AF_INET ? IP_MTU : IPV6_MTU, &mtu, &size) == 0 &&
            mtu > 0 && (smallest == 0 || mtu < smallest))
            smallest = mtu;
    }
    return smallest == 0 ? DEFAULT_MTU : (guint)CLAMP(smallest - OVERHEAD, MIN_MTU, MAX_MTU);
}

gboolean
wgw_sockets_has_route(const char *address, guint16 port)
{
    int family;
    WGW_AUTOCLOSE int fd = connect_to(address, port, &family);

    return fd >= 0;
}
