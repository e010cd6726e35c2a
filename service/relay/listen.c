/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "relay/listen.h"

#include <errno.h>
#include <netinet/in.h>

#include "base/fd.h"

#define BACKLOG 1024

socklen_t
relay_loopback(int family, uint16_t port, struct sockaddr_storage *ret_address)
{
    if (family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_address;

        *in6 = (struct sockaddr_in6){
            .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        return sizeof *in6;
    }
    *(struct sockaddr_in *)ret_address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return sizeof(struct sockaddr_in);
}

static int
listen_on(int family, uint16_t port)
{
    WGW_AUTOCLOSE int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_storage address;
    socklen_t size = relay_loopback(family, port, &address);
    int on = 1;

    /* What is left of former connections does not hold the port. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0)
        return -errno;
    return wgw_fd_steal(&fd);
}

int
relay_listen(uint16_t port, int ret_fds[2])
{
    WGW_AUTOCLOSE int in4 = listen_on(AF_INET, port);
    WGW_AUTOCLOSE int in6 = in4 < 0 ? -1 : listen_on(AF_INET6, port);

    if (in4 < 0)
        return in4;
    if (in6 < 0 && in6 != -EAFNOSUPPORT && in6 != -EADDRNOTAVAIL)
        return in6;
    ret_fds[0] = wgw_fd_steal(&in4);
    ret_fds[1] = in6 < 0 ? -1 : wgw_fd_steal(&in6);
    return 0;
}
