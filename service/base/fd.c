/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "base/fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
wgw_fd_close(int *fd)
{
    int saved_errno = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved_errno;
}

int
wgw_fd_steal(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

int
wgw_fd_write_all(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        p += n;
        len -= n;
    }
    return 0;
}

/* A descriptor needs at least one byte to travel with (unix(7), SCM_RIGHTS). */
union fd_message {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

int
wgw_fd_send_fd(int sock, int fd)
{
    union fd_message control = {0};
    struct iovec byte = {.iov_base = (char[1]){0}, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(sock, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int
wgw_fd_recv_fd(int sock)
{
    union fd_message control = {0};
    char space;
    struct iovec byte = {.iov_base = &space, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &byte,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    struct cmsghdr *header;
    ssize_t n;
    int fd;

    do {
        n = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    header = CMSG_FIRSTHDR(&message);
    if (n == 0 || !header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof fd))
        return -ECONNRESET;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}
