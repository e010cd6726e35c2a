/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/door.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"

/* How long callers wait while there is no descriptor for one more. */
#define RETRY_MS 100

struct _WgwDoor {
    int socket;
    guint source;
    WgwDoorAsked asked;
    WgwDoorGone gone;
    gpointer user_data;
};

/* The very process that connected, or -1. */
static int
open_pidfd_of_peer(int connection, pid_t *ret_pid)
{
    GPollFD hung_up = {.fd = connection};
    WGW_AUTOCLOSE int pidfd = -1;
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid())
        return -1;
    pidfd = pidfd_open(peer.pid, 0);
    /* The number was its own when it connected. It has not hung up, so it lives: it still is. */
    if (pidfd < 0 || g_poll(&hung_up, 1, 0) != 0)
        return -1;
    *ret_pid = peer.pid;
    return wgw_fd_steal(&pidfd);
}

static void
answer(WgwDoor *door, int connection)
{
    pid_t pid;
    int pidfd = open_pidfd_of_peer(connection, &pid);
    int fd = pidfd < 0 ? -1 : door->asked(pid, pidfd, door->user_data);

    if (fd >= 0 && wgw_fd_send_fd(connection, fd) < 0)
        door->gone(pid, door->user_data);
}

static gboolean on_connection(int fd, GIOCondition condition, gpointer user_data);

static gboolean
on_retry(gpointer user_data)
{
    WgwDoor *door = user_data;

    door->source = g_unix_fd_add(door->socket, G_IO_IN, on_connection, door);
    return G_SOURCE_REMOVE;
}

static gboolean
on_connection(int fd, GIOCondition condition, gpointer user_data)
{
    WgwDoor *door = user_data;
    WGW_AUTOCLOSE int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (connection >= 0)
        answer(door, connection);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        g_message("door: %s", g_strerror(errno));
        door->source = g_timeout_add(RETRY_MS, on_retry, door);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

WgwDoor *
wgw_door_open(
    const char *path, WgwDoorAsked asked, WgwDoorGone gone, gpointer user_data, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    WGW_AUTOCLOSE int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    WgwDoor *door;

    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        errno = ENAMETOOLONG;
    else if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
             listen(fd, SOMAXCONN) == 0) {
        door = g_new0(WgwDoor, 1);
        door->socket = wgw_fd_steal(&fd);
        door->asked = asked;
        door->gone = gone;
        door->user_data = user_data;
        door->source = g_unix_fd_add(door->socket, G_IO_IN, on_connection, door);
        return door;
    }
    g_set_error(error, WGW_ERROR, wgw_error_code_of(errno),
                _("The session's socket cannot be made: %s. %s"), g_strerror(errno),
                wgw_error_advice_on(errno));
    return NULL;
}

void
wgw_door_serve(WgwDoor *door)
{
    for (;;) {
        WGW_AUTOCLOSE int connection =
            accept4(door->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (connection < 0)
            return;
        answer(door, connection);
    }
}

void
wgw_door_close(WgwDoor *door)
{
    g_clear_handle_id(&door->source, g_source_remove);
    wgw_fd_close(&door->socket);
    g_free(door);
}
