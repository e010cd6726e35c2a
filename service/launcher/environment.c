/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/environment.h"

#include <glib/gi18n.h>
#include <string.h>

#include "dbus/error.h"

/* What systemd, D-Bus, compositors and launchers tell one process about itself. A program that took it
 * for its own would report to the wrong journal, take the service's sockets, or raise the wrong window. */
static const char *const personal[] = {
    "NOTIFY_SOCKET",
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PIDFDID",
    "FDSTORE",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "MANAGERPID",
    "MANAGERPIDFDID",
    "CREDENTIALS_DIRECTORY",
    "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE",
    "SYSTEMD_EXEC_PID",
    "WAYLAND_SOCKET",
    "DBUS_STARTER_ADDRESS",
    "DBUS_STARTER_BUS_TYPE",
    "GIO_LAUNCHED_DESKTOP_FILE",
    "GIO_LAUNCHED_DESKTOP_FILE_PID",
    "XDG_ACTIVATION_TOKEN",
    "DESKTOP_STARTUP_ID",
};

/* What execve(2) takes in one string (MAX_ARG_STRLEN), the NUL included. */
#define MAX_STRING (128 * 1024)

static char *
dup_shown(const char *text)
{
    return g_utf8_make_valid(text, (gssize)MIN(strlen(text), 60));
}

static gboolean
check_name(const char *name, GError **error)
{
    g_autofree char *shown = dup_shown(name);

    if (*name && !strchr(name, '='))
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, _("No variable can be called “%s”."),
                shown);
    return FALSE;
}

/* The option, or *ret_value NULL if it is not given. FALSE if it is of another type. */
static gboolean
look_up(
    GVariant *options, const char *option, const char *type, GVariant **ret_value, GError **error)
{
    g_autoptr(GVariant) value = options ? g_variant_lookup_value(options, option, NULL) : NULL;

    if (value && !g_variant_is_of_type(value, G_VARIANT_TYPE(type))) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                    _("The option “%s” has type “%s”; it must be “%s”."), option,
                    g_variant_get_type_string(value), type);
        return FALSE;
    }
    *ret_value = g_steal_pointer(&value);
    return TRUE;
}

static gboolean
set_all(char ***environment, GVariant *changes, GError **error)
{
    GVariantIter iter;
    const char *name, *value;

    if (!changes)
        return TRUE;
    g_variant_iter_init(&iter, changes);
    while (g_variant_iter_next(&iter, "{&s&s}", &name, &value)) {
        if (!check_name(name, error))
            return FALSE;
        if (strlen(name) + strlen(value) + 2 > MAX_STRING) {
            g_autofree char *shown = dup_shown(name);

            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("The variable “%s” is longer than the kernel allows (128 KiB)."), shown);
            return FALSE;
        }
        *environment = g_environ_setenv(*environment, name, value, TRUE);
    }
    return TRUE;
}

static gboolean
unset_all(char ***environment, GVariant *names, GError **error)
{
    GVariantIter iter;
    const char *name;

    if (!names)
        return TRUE;
    g_variant_iter_init(&iter, names);
    while (g_variant_iter_next(&iter, "&s", &name)) {
        if (!check_name(name, error))
            return FALSE;
        *environment = g_environ_unsetenv(*environment, name);
    }
    return TRUE;
}

void
wgw_environment_forget_own(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(personal); i++)
        g_unsetenv(personal[i]);
}

char **
wgw_environment_new(const char *const *base, GVariant *options, const char *profile, GError **error)
{
    g_autoptr(GVariant) env = NULL;
    g_autoptr(GVariant) setenv_option = NULL;
    g_autoptr(GVariant) unsetenv_option = NULL;
    g_autoptr(GVariant) token = NULL;
    g_auto(GStrv) environment = NULL;

    if (!look_up(options, "env", "a{ss}", &env, error) ||
        !look_up(options, "setenv", "a{ss}", &setenv_option, error) ||
        !look_up(options, "unsetenv", "as", &unsetenv_option, error) ||
        !look_up(options, "activation-token", "s", &token, error))
        return NULL;

    environment = env ? g_new0(char *, 1) : g_strdupv((char **)base);
    /* GIO takes a machine without a default route for one that is offline, and a tunnel to some
     * networks alone has none. Its routes do not change with the machine's network either. */
    if (!env)
        environment = g_environ_setenv(environment, "GIO_USE_NETWORK_MONITOR", "base", FALSE);
    if (!set_all(&environment, env, error) || !unset_all(&environment, unsetenv_option, error) ||
        !set_all(&environment, setenv_option, error))
        return NULL;
    if (token) {
        const char *text = g_variant_get_string(token, NULL);

        environment = g_environ_setenv(environment, "XDG_ACTIVATION_TOKEN", text, TRUE);
        environment = g_environ_setenv(environment, "DESKTOP_STARTUP_ID", text, TRUE);
    }
    environment = g_environ_setenv(environment, "WG_WRAP_PROFILE", profile, TRUE);
    return g_steal_pointer(&environment);
}

gboolean
wgw_environment_reaches_bus(const char *const *environment)
{
    const char *address = g_environ_getenv((char **)environment, "DBUS_SESSION_BUS_ADDRESS");
    g_auto(GStrv) entries = g_strsplit(address ? address : "", ";", -1);

    /* Without one it is found by its path in the runtime directory. */
    for (char **entry = entries; *entry; entry++)
        if (g_str_has_prefix(*entry, "unix:") && !strstr(*entry, "abstract="))
            return TRUE;
    return !address || !*address;
}
