/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

/* The loopback addresses, in the network namespace of whoever calls or of the socket. */

/* relay_listen - on the port of 127.0.0.1 and of ::1. The descriptors, O_CLOEXEC and non-blocking, are
 * the caller's; -1 where the kernel has no such family. 0, or a negative errno: -EADDRINUSE, -EACCES
 * for a privileged port. */
int relay_listen(uint16_t port, int ret_fds[2]);

/* relay_loopback - its address in that family; the length. */
socklen_t relay_loopback(int family, uint16_t port, struct sockaddr_storage *ret_address);
