/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/door.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"

/* Linux 6.5; not in Debian 12's headers. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

struct _WgwDoor {
    int socket;
    guint source;
    WgwDoorAsked asked;
    gpointer user_data;
};

static void
answer(WgwDoor *door, int connection)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    int pidfd = -1;
    socklen_t pidfd_size = sizeof pidfd;
    int fd;

    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid())
        return;
    /* Names the very process that connected, though it may be gone and its number taken. */
    if (getsockopt(connection, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &pidfd_size) < 0)
        pidfd = -1;
    fd = door->asked(peer.pid, pidfd, door->user_data);
    if (fd >= 0)
        wgw_fd_send_fd(connection, fd);
}

static gboolean
on_connection(int fd, GIOCondition condition, gpointer user_data)
{
    WgwDoor *door = user_data;
    WGW_AUTOCLOSE int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (connection >= 0)
        answer(door, connection);
    return G_SOURCE_CONTINUE;
}

WgwDoor *
wgw_door_open(const char *path, WgwDoorAsked asked, gpointer user_data, GError **error)
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
        door->user_data = user_data;
        door->source = g_unix_fd_add(door->socket, G_IO_IN, on_connection, door);
        return door;
    }
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("The session's socket cannot be made: %s"),
                g_strerror(errno));
    return NULL;
}

void
wgw_door_close(WgwDoor *door)
{
    g_clear_handle_id(&door->source, g_source_remove);
    wgw_fd_close(&door->socket);
    g_free(door);
}
