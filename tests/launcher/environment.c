/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/environment.h"

#include <string.h>

#include "dbus/error.h"

static const char *const base[] = {"HOME=/home/me",         "PATH=/bin", "EMPTY=", "BYTES=\xff",
                                   "WG_WRAP_PROFILE=outer", NULL};

static int
compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The environment with those options (text of an a{sv}), sorted, with blanks between. */
static char *
build(const char *options, GError **error)
{
    g_autoptr(GVariant) parsed =
        options ? g_variant_parse(G_VARIANT_TYPE_VARDICT, options, NULL, NULL, NULL) : NULL;
    g_auto(GStrv) environment = NULL;

    g_assert_true((parsed != NULL) == (options != NULL));
    environment = wgw_environment_new(base, parsed, "work", error);
    if (!environment)
        return NULL;
    qsort(environment, g_strv_length(environment), sizeof *environment, compare_strings);
    return g_strjoinv(" ", environment);
}

static void
test_options(void)
{
    static const struct {
        const char *options, *environment;
    } cases[] = {
        {NULL,
         "BYTES=\xff EMPTY= GIO_USE_NETWORK_MONITOR=base HOME=/home/me PATH=/bin WG_WRAP_PROFILE=work"},
        {"{}",
         "BYTES=\xff EMPTY= GIO_USE_NETWORK_MONITOR=base HOME=/home/me PATH=/bin WG_WRAP_PROFILE=work"},
        {"{'setenv': <{'A': 'b', 'HOME': '/x'}>, 'unsetenv': <['EMPTY', 'BYTES', 'none']>}",
         "A=b GIO_USE_NETWORK_MONITOR=base HOME=/x PATH=/bin WG_WRAP_PROFILE=work"},
        {"{'env': <{'A': 'b=c'}>}", "A=b=c WG_WRAP_PROFILE=work"},
        {"{'env': <@a{ss} {}>}", "WG_WRAP_PROFILE=work"},
        {"{'env': <{'A': 'b', 'NOTIFY_SOCKET': 'mine'}>, 'unsetenv': <['A']>, 'setenv': <{'C': ''}>}",
         "C= NOTIFY_SOCKET=mine WG_WRAP_PROFILE=work"},
        {"{'unsetenv': <['A']>, 'setenv': <{'A': 'b'}>, 'env': <@a{ss} {}>}",
         "A=b WG_WRAP_PROFILE=work"},
        {"{'env': <@a{ss} {}>, 'activation-token': <'token-1'>}",
         "DESKTOP_STARTUP_ID=token-1 WG_WRAP_PROFILE=work XDG_ACTIVATION_TOKEN=token-1"},
        {"{'env': <{'WG_WRAP_PROFILE': 'other'}>, 'stdin': <handle 0>, 'unknown': <1>}",
         "WG_WRAP_PROFILE=work"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *environment = build(cases[i].options, &error);

        g_assert_no_error(error);
        g_assert_cmpstr(environment, ==, cases[i].environment);
    }
}

static void
test_refused(void)
{
    static const char *const cases[] = {
        "{'env': <'A=b'>}",           "{'env': <['A=b']>}",        "{'setenv': <{'A': 1}>}",
        "{'unsetenv': <'A'>}",        "{'activation-token': <1>}", "{'setenv': <{'': 'b'}>}",
        "{'setenv': <{'A=b': 'c'}>}", "{'env': <{'=': 'c'}>}",     "{'unsetenv': <['']>}",
        "{'unsetenv': <['A=b']>}",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(build(cases[i], &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    }
}

/* One byte more than execve takes in a string is refused, by name. */
static void
test_limit(void)
{
    for (int more = 0; more < 2; more++) {
        g_autofree char *value = g_strnfill(128 * 1024 - strlen("A=") - 1 + more, 'x');
        g_autoptr(GVariant) options =
            g_variant_ref_sink(g_variant_new_parsed("{'setenv': <{'A': %s}>}", value));
        g_autoptr(GError) error = NULL;
        g_auto(GStrv) environment = wgw_environment_new(base, options, "work", &error);

        g_assert_true((environment == NULL) == (more == 1));
    }
}

/* Of what the service was told about itself no program hears; a user's own settings stay. */
static void
test_own(void)
{
    static const char *const own[] = {
        "NOTIFY_SOCKET",         "LISTEN_FDS",           "INVOCATION_ID", "JOURNAL_STREAM",
        "DBUS_STARTER_BUS_TYPE", "XDG_ACTIVATION_TOKEN", "WAYLAND_SOCKET"};
    static const char *const others[] = {"http_proxy", "SSH_CONNECTION", "WAYLAND_DISPLAY"};

    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        g_setenv(own[i], "1", TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        g_setenv(others[i], "1", TRUE);
    wgw_environment_forget_own();
    for (gsize i = 0; i < G_N_ELEMENTS(own); i++)
        g_assert_null(g_getenv(own[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpstr(g_getenv(others[i]), ==, "1");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/environment/options", test_options);
    g_test_add_func("/environment/refused", test_refused);
    g_test_add_func("/environment/limit", test_limit);
    g_test_add_func("/environment/own", test_own);
    return g_test_run();
}
