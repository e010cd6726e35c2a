/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "base/bridge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"

#define ABSTRACT "unix:abstract="

int
wgw_bridge_address(const char *bus, char ret_address[static WGW_BRIDGE_SIZE])
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *name = strstr(bus, ABSTRACT);
    char address[WGW_BRIDGE_SIZE];
    int start, end;

    if (!runtime || !*runtime || !name || strstr(bus, "path="))
        return -ENOENT;
    name += strlen(ABSTRACT);
    start = snprintf(address, sizeof address, "%s%s/%s/", WGW_BRIDGE_PREFIX, runtime,
                     WGW_BRIDGE_DIRECTORY);
    if (start >= (int)sizeof address)
        return -ENAMETOOLONG;
    end = start + snprintf(address + start, sizeof address - (size_t)start, "%.*s",
                           (int)strcspn(name, ",;"), name);
    if (end >= (int)sizeof address)
        return -ENAMETOOLONG;
    for (char *slash = address + start; (slash = strchr(slash, '/'));)
        *slash = '_';
    memcpy(ret_address, address, sizeof address);
    return 0;
}

int
wgw_bridge_connect(const char *path, int *ret_pid)
{
    WGW_AUTOCLOSE int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
        (int)sizeof address.sun_path)
        return -ENAMETOOLONG;
    if (sock < 0 || connect(sock, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return -errno;
    if (peer.uid != geteuid())
        return -EPERM;
    if (ret_pid)
        *ret_pid = peer.pid;
    return wgw_fd_steal(&sock);
}
