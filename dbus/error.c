/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "dbus/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n.h>

#include "dbus/names.h"

static const GDBusErrorEntry entries[] = {
    {WGW_ERROR_FAILED, WGW_ERROR_PREFIX "Failed"},
    {WGW_ERROR_INVALID_ARGUMENT, WGW_ERROR_PREFIX "InvalidArgument"},
    {WGW_ERROR_INVALID_PROFILE, WGW_ERROR_PREFIX "InvalidProfile"},
    {WGW_ERROR_NO_SUCH_PROFILE, WGW_ERROR_PREFIX "NoSuchProfile"},
    {WGW_ERROR_PROFILE_EXISTS, WGW_ERROR_PREFIX "ProfileExists"},
    {WGW_ERROR_NO_SUCH_SESSION, WGW_ERROR_PREFIX "NoSuchSession"},
    {WGW_ERROR_NO_SUCH_APPLICATION, WGW_ERROR_PREFIX "NoSuchApplication"},
    {WGW_ERROR_NOT_PERMITTED, WGW_ERROR_PREFIX "NotPermitted"},
    {WGW_ERROR_NAMESPACES_UNAVAILABLE, WGW_ERROR_PREFIX "NamespacesUnavailable"},
    {WGW_ERROR_NO_TUN_DEVICE, WGW_ERROR_PREFIX "NoTunDevice"},
    {WGW_ERROR_ENDPOINT_UNRESOLVED, WGW_ERROR_PREFIX "EndpointUnresolved"},
    {WGW_ERROR_HANDSHAKE_TIMEOUT, WGW_ERROR_PREFIX "HandshakeTimeout"},
    {WGW_ERROR_SPAWN_FAILED, WGW_ERROR_PREFIX "SpawnFailed"},
    {WGW_ERROR_BUSY, WGW_ERROR_PREFIX "Busy"},
    {WGW_ERROR_LIMIT_REACHED, WGW_ERROR_PREFIX "LimitReached"},
    {WGW_ERROR_CLOSED, WGW_ERROR_PREFIX "Closed"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(entries) == WGW_N_ERRORS);

GQuark
wgw_error_quark(void)
{
    static gsize quark;

    g_dbus_error_register_error_domain("wgw-error-quark", &quark, entries, G_N_ELEMENTS(entries));
    return quark;
}

WgwError
wgw_error_code_of(int error)
{
    switch (error) {
    case EAGAIN: /* of fork and clone */
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
        return WGW_ERROR_LIMIT_REACHED;
    case EACCES:
    case ELOOP:
    case ENOTDIR:
    case EPERM:
    case EROFS:
        return WGW_ERROR_NOT_PERMITTED;
    default:
        return WGW_ERROR_FAILED;
    }
}

const char *
wgw_error_advice_on(int error)
{
    switch (error) {
    case EAGAIN:
        return _("Close some programs, or raise the limit of processes (ulimit -u).");
    case EMFILE:
    case ENFILE:
        return _("Close some programs, or raise the limit of open files (ulimit -n).");
    case ENOMEM:
        return _("Close some programs: there is no memory left.");
    case EDQUOT:
    case ENOSPC:
        return _("Make room on the disk first.");
    case EROFS:
        return _("Make that file system writable first.");
    default:
        return _("Run “wg-wrap doctor” to see what this machine lacks.");
    }
}
