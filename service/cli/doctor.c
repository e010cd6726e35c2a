/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * doctor: the checks as the service sees them; where it cannot be asked, as seen from here, which
 * is when they are needed most. check: the same of a tunnel, which the service alone can look into. */
#include <glib/gi18n.h>
#include <stdio.h>

#include "cli/client.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/verb.h"
#include "dbus/error.h"
#include "diagnostics/checks.h"

/* The service answers in less than a second; one that hangs is itself a finding. */
#define PATIENCE_MS 10000

static GVariant *
diagnose(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusConnection) bus = wgw_client_bus(&error);
    g_autoptr(WgwDbusManager) manager = bus ? wgw_client_manager(&error) : NULL;
    GVariant *checks = NULL;

    if (manager) {
        g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(manager), PATIENCE_MS);
        if (wgw_dbus_manager_call_examine_sync(manager, &checks, NULL, &error))
            return checks;
    }
    wgw_fail(g_steal_pointer(&error));
    return wgw_diagnostics_run(bus);
}

static gboolean
print_checks(GVariant *checks)
{
    gboolean all_passed = TRUE;
    gboolean passed;
    guint width = 0;
    GVariantIter iter;
    const char *name;
    const char *found;
    const char *advice;

    g_variant_iter_init(&iter, checks);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", NULL, &name, NULL, NULL, NULL))
        width = MAX(width, wgw_format_width(name));
    g_variant_iter_init(&iter, checks);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", NULL, &name, &passed, &found, &advice)) {
        g_autofree char *found_line = wgw_format_line(found);
        g_autofree char *advice_line = wgw_format_line(advice);

        fputs(passed ? wgw_format_good() : wgw_format_bad(), stdout);
        wgw_format_print_cell(passed ? "ok" : "FAIL", 6);
        fputs(wgw_format_plain(), stdout);
        wgw_format_print_cell(name, width + 2);
        puts(found_line);
        if (!passed)
            printf("      → %s\n", advice_line);
        all_passed &= passed;
    }
    return all_passed;
}

/* Rows with names, which a program reads more easily than a(ssbss). */
static gboolean
print_json(GVariant *checks)
{
    GVariantBuilder list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
    gboolean all_passed = TRUE;
    gboolean passed;
    GVariantIter iter;
    const char *id;
    const char *name;
    const char *found;
    const char *advice;

    g_variant_iter_init(&iter, checks);
    while (g_variant_iter_next(&iter, "(&s&sb&s&s)", &id, &name, &passed, &found, &advice)) {
        GVariantDict row = G_VARIANT_DICT_INIT(NULL);

        g_variant_dict_insert(&row, "id", "s", id);
        g_variant_dict_insert(&row, "check", "s", name);
        g_variant_dict_insert(&row, "passed", "b", passed);
        g_variant_dict_insert(&row, "found", "s", found);
        g_variant_dict_insert(&row, "advice", "s", advice);
        g_variant_builder_add_value(&list, g_variant_dict_end(&row));
        all_passed &= passed;
    }
    wgw_json_print(g_variant_builder_end(&list), TRUE);
    return all_passed;
}

int
wgw_verb_doctor(const WgwVerb *verb, char **argv)
{
    gboolean json = FALSE;
    g_auto(GStrv) operands = NULL;
    g_autoptr(GVariant) checks = NULL;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("For programs"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 0, 0);
    if (!operands)
        return WGW_EXIT_USAGE;
    checks = diagnose();
    return (json ? print_json(checks) : print_checks(checks)) ? 0 : WGW_EXIT_FAILURE;
}

int
wgw_verb_check(const WgwVerb *verb, char **argv)
{
    gboolean json = FALSE;
    g_auto(GStrv) operands = NULL;
    g_autoptr(WgwDbusProfile) profile = NULL;
    g_autoptr(WgwDbusSession) session = NULL;
    g_autoptr(GVariant) checks = NULL;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("For programs"), NULL},
        G_OPTION_ENTRY_NULL,
    };

    operands = wgw_verb_parse(verb, entries, argv, 1, 1);
    if (!operands)
        return WGW_EXIT_USAGE;
    profile = wgw_client_profile(operands[0], &error);
    session = profile ? wgw_client_session(profile, &error) : NULL;
    if (g_error_matches(error, WGW_ERROR, WGW_ERROR_NO_SUCH_SESSION)) {
        g_clear_error(&error);
        g_set_error(&error, WGW_ERROR, WGW_ERROR_NO_SUCH_SESSION,
                    _("The tunnel “%s” is not up. Open it first: wg-wrap up %s"), operands[0],
                    operands[0]);
    }
    if (!session || !wgw_dbus_session_call_examine_sync(session, &checks, NULL, &error))
        return wgw_fail(error);
    return (json ? print_json(checks) : print_checks(checks)) ? 0 : WGW_EXIT_FAILURE;
}
