/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stddef.h>

/* Descriptors that close themselves. Every descriptor of the project is O_CLOEXEC from birth; one
 * that a child shall have is handed over by name (dup2 in the child), never by forgetting a flag. */
#define WGW_AUTOCLOSE __attribute__((cleanup(wgw_fd_cleanup)))

/* wgw_fd_close - close *fd if it is one, set it to -1; errno is left alone. */
void wgw_fd_close(int *fd);

/* wgw_fd_steal - the descriptor *fd, which the caller now owns; *fd becomes -1. */
int wgw_fd_steal(int *fd);

/* wgw_fd_cleanup - the destructor behind WGW_AUTOCLOSE. */
static inline void
wgw_fd_cleanup(int *fd)
{
    wgw_fd_close(fd);
}

/* wgw_fd_write_all - write len bytes, over short writes and EINTR. 0 or a negative errno. */
int wgw_fd_write_all(int fd, const void *data, size_t len);

/* wgw_fd_send - send len bytes over a connected Unix socket as one message, with the descriptor fd,
 * which stays the caller's, unless it is -1. 0 or a negative errno. */
int wgw_fd_send(int sock, const void *data, size_t len, int fd);

/* wgw_fd_receive - receive what wgw_fd_send sent, as much as len bytes have room for. *ret_fd is
 * the caller's and O_CLOEXEC, or -1 if none came, or more than one. How many bytes, or a negative errno. */
int wgw_fd_receive(int sock, void *data, size_t len, int *ret_fd);

/* wgw_fd_send_fd - pass one descriptor over a connected Unix socket with a message of one byte.
 * The caller keeps its own copy. 0 or a negative errno. */
int wgw_fd_send_fd(int sock, int fd);

/* wgw_fd_recv_fd - receive what wgw_fd_send_fd sent. The descriptor (owned by the caller,
 * O_CLOEXEC) or a negative errno: -ECONNRESET when the other end closed without sending one. */
int wgw_fd_recv_fd(int sock);
