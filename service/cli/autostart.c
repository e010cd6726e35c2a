/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * autostart: whether a tunnel is opened at login. */
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/verb.h"

int
wgw_verb_autostart(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    GError *error = NULL;
    gboolean on;

    operands = wgw_verb_parse(verb, NULL, argv, 1, 2);
    if (!operands)
        return WGW_EXIT_USAGE;
    on = g_strcmp0(operands[1], "on") == 0;
    if (operands[1] && !on && strcmp(operands[1], "off") != 0)
        return wgw_verb_usage_error(verb, _("It is “on” or “off”, not “%s”"), operands[1]);
    profile = wgw_client_profile(operands[0], &error);
    if (!profile)
        return wgw_fail(error);
    if (!operands[1])
        puts(wgw_dbus_profile_get_autostart(profile) ? "on" : "off");
    else if (!wgw_dbus_profile_call_set_autostart_sync(profile, on, NULL, &error))
        return wgw_fail(error);
    return 0;
}
