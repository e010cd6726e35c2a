/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/vfs.h"

#include <gio/gio.h>

void
wgw_vfs_use_local(void)
{
    g_autofree char *wish = g_strdup(g_getenv("GIO_USE_VFS"));

    g_setenv("GIO_USE_VFS", "local", TRUE);
    g_vfs_get_default();
    if (wish)
        g_setenv("GIO_USE_VFS", wish, TRUE);
    else
        g_unsetenv("GIO_USE_VFS");
}
