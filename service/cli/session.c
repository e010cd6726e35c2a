/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * up and down: a session held open without a program. */
#include <glib/gi18n.h>

#include "cli/client.h"
#include "cli/verb.h"

int
wgw_verb_up(const WgwVerb *verb, char **argv)
{
    gboolean wait = FALSE;
    int timeout = 0;
    g_auto(GStrv) operands = NULL;
    g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
    g_autoptr(WgwDbusProfile) profile = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"wait", 'w', 0, G_OPTION_ARG_NONE, &wait, N_("Wait for the first handshake"), NULL},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout,
         N_("How many seconds to wait (default: 15); implies --wait"), N_("SECONDS")},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    if (timeout < 0)
        return wgw_verb_usage_error(verb, _("--timeout is a number of seconds, not “%d”"), timeout);
    profile = wgw_client_profile(operands[0], &error);
    if (!profile)
        return wgw_fail(error);
    if (wait || timeout)
        g_variant_dict_insert(&options, "wait", "b", TRUE);
    if (timeout)
        g_variant_dict_insert(&options, "timeout", "u", (guint)timeout);
    if (!wgw_dbus_profile_call_open_sync(profile, g_variant_dict_end(&options), NULL, NULL, &error))
        return wgw_fail(error);
    return 0;
}

int
wgw_verb_down(const WgwVerb *verb, char **argv)
{
    gboolean force = FALSE;
    guint programs;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    g_autoptr(WgwDbusSession) session = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"force", 'f', 0, G_OPTION_ARG_NONE, &force, N_("End the programs that still run in it"),
         NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    profile = wgw_client_profile(operands[0], &error);
    session = profile ? wgw_client_session(profile, &error) : NULL;
    if (!session)
        return wgw_fail(error);
    programs = (guint)g_variant_n_children(wgw_dbus_session_get_programs(session));
    if (!wgw_dbus_session_call_close_sync(session, force, NULL, &error))
        return wgw_fail(error);
    if (programs && !force)
        wgw_warn(ngettext("%u program still runs in it, and it ends with that; to end both now: "
                          "wg-wrap down --force %s",
                          "%u programs still run in it, and it ends with the last; to end all now: "
                          "wg-wrap down --force %s",
                          programs),
                 programs, operands[0]);
    return 0;
}
