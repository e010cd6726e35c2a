/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "dbus/error.h"

int
wgw_descriptor_take(GUnixFDList *fds, gint32 handle, GError **error)
{
    int n = fds ? g_unix_fd_list_get_length(fds) : 0;
    gboolean there = handle >= 0 && handle < n; /* GLib looks for the latter alone */
    /* Where there is no room for another one, a message has lost some on its way. */
    int fd =
        there ? g_unix_fd_list_get(fds, handle, NULL) : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

    if (fd < 0)
        g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                    _("A descriptor cannot be received: %s. %s"), g_strerror(EMFILE),
                    wgw_error_advice_on(EMFILE));
    if (fd < 0 || there)
        return fd;
    close(fd);
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                _("The message has no descriptor %d. Send one along."), handle);
    return -1;
}
