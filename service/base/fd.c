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
wgw_fd_send(int sock, const void *data, size_t len, int fd)
{
    union fd_message control = {0};
    struct iovec bytes = {.iov_base = (void *)data, .iov_len = len};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    struct cmsghdr *header;

    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(sock, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int
wgw_fd_receive(int sock, void *data, size_t len, int *ret_fd)
{
    union fd_message control = {0};
    struct iovec bytes = {.iov_base = data, .iov_len = len};
    struct msghdr message = {
        .msg_iov = &bytes,
        .msg_iovlen = 1,
        .msg_control = &control,
        /* Without CMSG_SPACE's padding, in which there is room for a second one. */
        .msg_controllen = CMSG_LEN(sizeof(int)),
    };
    struct cmsghdr *header;
    ssize_t n;

    do {
        n = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    *ret_fd = -1;
    header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof *ret_fd))
        memcpy(ret_fd, CMSG_DATA(header), sizeof *ret_fd);
    if (message.msg_flags & MSG_CTRUNC) /* more than one, which is nothing that we send */
        wgw_fd_close(ret_fd);
    return (int)n;
}

int
wgw_fd_send_fd(int sock, int fd)
{
    return wgw_fd_send(sock, "", 1, fd);
}

int
wgw_fd_recv_fd(int sock)
{
    char byte;
    int fd = -1;
    int n = wgw_fd_receive(sock, &byte, 1, &fd);

    if (n < 0)
        return n;
    if (n > 0 && fd >= 0)
        return fd;
    wgw_fd_close(&fd);
    return -ECONNRESET;
}
