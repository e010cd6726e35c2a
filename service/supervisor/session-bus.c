/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* The session's own D-Bus session bus, as far as the session's life is concerned. */

#include <glib/gi18n.h>

#include "supervisor/session-private.h"

static void
on_changed(pid_t pid, gboolean unasked, gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_programs_ignore(session->programs, WGW_IGNORE_BUS, pid);
    if (unasked)
        wgw_session_log(
            session, WGW_LOG_WARNING,
            _("The tunnel's own session bus has ended, and with it perhaps programs that "
              "were on it. The next program that needs it starts another."));
}

static void
on_answered(gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_programs_scan(session->programs);
    wgw_session_publish_programs(session);
    wgw_session_settle(session);
}

gboolean
wgw_session_open_private_bus(WgwSession *session, GError **error)
{
    wgw_programs_ignore(session->programs, WGW_IGNORE_BUS, session->parts.private_bus.pid);
    session->private_bus =
        wgw_private_bus_new(&session->parts.private_bus, on_changed, session, error);
    wgw_programs_set_bus(session->programs, session->private_bus);
    return session->private_bus != NULL;
}

void
wgw_session_adopt_from_bus(WgwSession *session)
{
    wgw_private_bus_ask(session->private_bus, on_answered, session);
}

void
wgw_session_close_private_bus(WgwSession *session)
{
    if (!session->private_bus)
        return;
    wgw_programs_end_helpers(session->programs);
    wgw_private_bus_close(session->private_bus);
}
