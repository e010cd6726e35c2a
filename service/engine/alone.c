/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/alone.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"

#define DIRECTORY "/var/run/wireguard"

enum { BACKLOG = 64 };

/* Remove a socket that nobody listens at any more. */
static int
remove_stale(const struct sockaddr_un *address)
{
    WGW_AUTOCLOSE int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (sock < 0)
        return -errno;
    if (connect(sock, (const struct sockaddr *)address, sizeof *address) == 0)
        return -EADDRINUSE;
    return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

int
alone_listen(struct alone *alone, const char *interface)
{
    WGW_AUTOCLOSE int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    mode_t mask;
    int r;

    *alone = (struct alone){.source.fd = -1, .directory = -1, .listener = -1};
    if (sock < 0 || (mkdir(DIRECTORY, 0755) < 0 && errno != EEXIST))
        return -errno;
    snprintf(alone->socket_name, sizeof alone->socket_name, "%s.sock", interface);
    snprintf(address.sun_path, sizeof address.sun_path, DIRECTORY "/%s.sock", interface);
    r = remove_stale(&address);
    if (r < 0)
        return r;
    mask = umask(077);
    r = bind(sock, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
    umask(mask);
    if (r < 0)
        return r;
    alone->directory = open(DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (alone->directory < 0 || listen(sock, BACKLOG) < 0) {
        r = -errno;
        unlink(address.sun_path);
        return r;
    }
    alone->listener = wgw_fd_steal(&sock);
    return 0;
}

static void
inotify_ready(struct loop_source *source, uint32_t events)
{
    struct alone *alone = loop_container(source, struct alone, source);
    alignas(struct inotify_event) char buffer[4096];
    ssize_t len = read(source->fd, buffer, sizeof buffer);

    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const struct inotify_event *)(buffer + at);

        if (event->mask & (IN_DELETE_SELF | IN_UNMOUNT | IN_Q_OVERFLOW) ||
            (event->len > 0 && strcmp(event->name, alone->socket_name) == 0))
            loop_stop(alone->loop);
        at += (ssize_t)(sizeof *event + event->len);
    }
}

int
alone_watch(struct alone *alone, struct loop *loop)
{
    alone->loop = loop;
    alone->source.ready = inotify_ready;
    alone->source.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (alone->source.fd < 0 || inotify_add_watch(alone->source.fd, DIRECTORY,
                                                  IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF) < 0)
        return -errno;
    return loop_add(loop, &alone->source, EPOLLIN);
}

void
alone_clear(struct alone *alone)
{
    if (alone->directory >= 0)
        unlinkat(alone->directory, alone->socket_name, 0);
    wgw_fd_close(&alone->directory);
    wgw_fd_close(&alone->source.fd);
    wgw_fd_close(&alone->listener);
}

int
alone_daemonize(bool keep_stderr)
{
    WGW_AUTOCLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t pid;

    if (null < 0)
        return -errno;
    pid = fork();
    if (pid < 0)
        return -errno;
    if (pid > 0)
        _exit(0);
    setsid();
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (!keep_stderr)
        dup2(null, STDERR_FILENO);
    return chdir("/") < 0 ? -errno : 0;
}
