/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/door.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bridge.h"
#include "base/fd.h"
#include "dbus/names.h"

/* A supervisor answers in less than a millisecond; one that is stopped does not keep us longer. */
#define ANSWER_SECONDS 3

#define SESSION_ID_BYTES 8

/* What wgw_path_session_directory() says, for who has no GLib. */
static int
make_path(const char *name, char ret_path[static PATH_MAX])
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    unsigned char digest[crypto_hash_sha256_BYTES];
    char id[2 * SESSION_ID_BYTES + 1];

    if (!runtime || !*runtime)
        return -ENOENT;
    crypto_hash_sha256(digest, (const unsigned char *)name, strlen(name));
    sodium_bin2hex(id, sizeof id, digest, SESSION_ID_BYTES);
    return snprintf(ret_path, PATH_MAX, "%s/wg-wrap/sessions/%s", runtime, id) < PATH_MAX
               ? 0
               : -ENAMETOOLONG;
}

/* Only a directory of the user's own, which nobody else can write into, holds the user's door. */
static int
open_directory(const char *name)
{
    char path[PATH_MAX];
    WGW_AUTOCLOSE int fd = -1;
    struct stat st;
    int r = make_path(name, path);

    if (r < 0)
        return r;
    fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
        return -EPERM;
    return wgw_fd_steal(&fd);
}

int
wgw_door_knock(const char *name)
{
    WGW_AUTOCLOSE int directory = open_directory(name);
    WGW_AUTOCLOSE int sock = -1;
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (directory < 0)
        return directory;
    /* By way of the descriptor, a path of any length fits into the address's 107 bytes. */
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/door", directory);
    sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
        setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        connect(sock, (struct sockaddr *)&address, sizeof address) < 0 ||
        getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return -errno;
    if (peer.uid != geteuid())
        return -EPERM;
    return wgw_fd_recv_fd(sock);
}

void
wgw_door_prepare(const char *name)
{
    const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS");
    char bridge[WGW_BRIDGE_SIZE];
    WGW_AUTOCLOSE int sock = -ENOENT;
    int r;

    setenv(WGW_PROFILE_VARIABLE, name, 1);
    r = bus ? wgw_bridge_address(bus, bridge) : -ENOENT;
    if (r == -ENOENT)
        return;
    if (r == 0)
        sock = wgw_bridge_connect(bridge + strlen(WGW_BRIDGE_PREFIX), NULL);
    if (sock >= 0 || sock == -EAGAIN) {
        setenv("DBUS_SESSION_BUS_ADDRESS", bridge, 1);
        return;
    }
    setenv("WG_WRAP_SESSION_BUS", bus, 1);
    setenv("DBUS_SESSION_BUS_ADDRESS", WGW_PRIVATE_BUS_ADDRESS, 1);
}
