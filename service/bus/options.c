/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "bus/options.h"

#include <glib/gi18n.h>

#include "dbus/error.h"

#define DEFAULT_TIMEOUT 15
#define MAX_TIMEOUT     3600

static const struct {
    const char *name;
    const char *type;
    WgwOptionsGroup group;
} known[] = {
    {"wait", "b", WGW_OPTIONS_WAIT},         {"timeout", "u", WGW_OPTIONS_WAIT},
    {"cwd", "s", WGW_OPTIONS_LAUNCH},        {"env", "a{ss}", WGW_OPTIONS_LAUNCH},
    {"setenv", "a{ss}", WGW_OPTIONS_LAUNCH}, {"unsetenv", "as", WGW_OPTIONS_LAUNCH},
    {"stdin", "h", WGW_OPTIONS_LAUNCH},      {"stdout", "h", WGW_OPTIONS_LAUNCH},
    {"stderr", "h", WGW_OPTIONS_LAUNCH},     {"bus", "s", WGW_OPTIONS_LAUNCH},
    {"recipe", "b", WGW_OPTIONS_LAUNCH},     {"activation-token", "s", WGW_OPTIONS_LAUNCH},
    {"action", "s", WGW_OPTIONS_ACTION},
};

static const char *const bus_policies[] = {"auto", "shared", "private", NULL};

static const char *
get_type(const char *name, WgwOptionsGroup groups)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if ((known[i].group & groups) && g_str_equal(known[i].name, name))
            return known[i].type;
    return NULL;
}

gboolean
wgw_options_check_bus(const char *policy, GError **error)
{
    if (g_strv_contains(bus_policies, policy))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                _("The bus is “auto”, “shared” or “private”, not “%s”."), policy);
    return FALSE;
}

gboolean
wgw_options_check(GVariant *options, WgwOptionsGroup groups, GError **error)
{
    GVariantIter iter;
    const char *name, *type, *policy, *cwd;
    GVariant *value;

    g_variant_iter_init(&iter, options);
    while (g_variant_iter_loop(&iter, "{&sv}", &name, &value)) {
        type = get_type(name, groups);
        if (!type)
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("There is no option “%s” here."), name);
        else if (!g_variant_is_of_type(value, G_VARIANT_TYPE(type)))
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("The option “%s” has type “%s”; it must be “%s”."), name,
                        g_variant_get_type_string(value), type);
        else
            continue;
        g_variant_unref(value);
        return FALSE;
    }
    if (g_variant_lookup(options, "bus", "&s", &policy) && !wgw_options_check_bus(policy, error))
        return FALSE;
    if (g_variant_lookup(options, "cwd", "&s", &cwd) && *cwd != '/') {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("The option “cwd” must be an absolute path, not “%s”."), cwd);
        return FALSE;
    }
    return TRUE;
}

guint
wgw_options_get_wait(GVariant *options)
{
    gboolean wait = FALSE;
    guint timeout = DEFAULT_TIMEOUT;

    g_variant_lookup(options, "wait", "b", &wait);
    g_variant_lookup(options, "timeout", "u", &timeout);
    return wait ? CLAMP(timeout, 1, MAX_TIMEOUT) : 0;
}
