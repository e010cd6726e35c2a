/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "cli/door.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/path.h"

/* A supervisor answers in less than a millisecond; one that is stopped does not keep us longer. */
#define ANSWER_SECONDS 3

/* Only a directory of the user's own, which nobody else can write into, holds the user's door. */
static int
open_directory(const char *path)
{
    WGW_AUTOCLOSE int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
        return -EPERM;
    return wgw_fd_steal(&fd);
}

int
wgw_door_knock(const char *name)
{
    g_autofree char *path = wgw_path_session_directory(name);
    WGW_AUTOCLOSE int directory = open_directory(path);
    WGW_AUTOCLOSE int sock = -1;
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (directory < 0)
        return directory;
    /* By way of the descriptor, a path of any length fits into the address's 107 bytes. */
    g_snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/door", directory);
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
