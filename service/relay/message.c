/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "relay/message.h"

#include <errno.h>

#include "base/fd.h"

int
relay_message_send(int sock, const struct relay_message *message, int fd)
{
    return wgw_fd_send(sock, message, sizeof *message, fd);
}

int
relay_message_receive(int sock, struct relay_message *ret_message, int *ret_fd)
{
    struct relay_message message;
    int fd = -1;
    int r = wgw_fd_receive(sock, &message, sizeof message, &fd);

    if (r < 0)
        return r;
    if (r != (int)sizeof message) {
        wgw_fd_close(&fd);
        return -ECONNRESET;
    }
    *ret_message = message;
    *ret_fd = fd;
    return 0;
}
