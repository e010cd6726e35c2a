/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "base/fd.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FDS 8

static guint
count_descriptors(void)
{
    guint n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* One message with so many copies of standard input, as anybody may send it. */
static void
send_many(int sock, gsize n)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(MAX_FDS * sizeof(int))] = {0};
    struct iovec bytes = {.iov_base = (char[1]){0}, .iov_len = 1};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    struct cmsghdr *header;

    if (n > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
        header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(n * sizeof(int));
        memset(CMSG_DATA(header), 0, n * sizeof(int));
    }
    g_assert_cmpint(sendmsg(sock, &message, 0), ==, 1);
}

static void
no_descriptor_comes_but_the_one_that_is_taken(void)
{
    int sockets[2];
    guint before;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), ==, 0);
    before = count_descriptors();
    for (gsize n = 0; n <= MAX_FDS; n++) {
        char byte;
        int fd = -1;

        send_many(sockets[0], n);
        g_assert_cmpint(wgw_fd_receive(sockets[1], &byte, 1, &fd), ==, 1);
        g_assert_cmpint(fd >= 0, ==, n == 1);
        if (fd >= 0)
            g_assert_cmpint(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
        wgw_fd_close(&fd);
        g_assert_cmpuint(count_descriptors(), ==, before);
    }
    close(sockets[0]);
    close(sockets[1]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fd/no-descriptor-comes-but-the-one-that-is-taken",
                    no_descriptor_comes_but_the_one_that_is_taken);
    return g_test_run();
}
