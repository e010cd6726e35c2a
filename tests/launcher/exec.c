/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include <gio/gdesktopappinfo.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbus/error.h"
#include "entries.h"
#include "launcher/application.h"

#define WEB   "https://example.com/?a=b&c=%20d"
#define FILE1 "file:///tmp/one"
#define FILE2 "file:///tmp/two%20words"

#define NONE \
    {        \
        NULL \
    }
#define ONE         \
    {               \
        FILE1, NULL \
    }
#define TWO                \
    {                      \
        FILE1, FILE2, NULL \
    }
#define LINK      \
    {             \
        WEB, NULL \
    }

/* Every field code and every quoting of the specification. The value is as it stands in the file,
 * where a backslash is written twice (section "Possible value types"). */
static const struct {
    const char *exec;
    const char *uris[4];
    const char *commands; /* NULL: malformed, or refused */
    gboolean unlike_gio;  /* the specification says so, or says nothing */
} cases[] = {
    {"app", NONE, "app"},
    {"app a  b", NONE, "app|a|b"},
    {"/opt/my/app --flag", NONE, "/opt/my/app|--flag"},
    /* %f: one file, one command each */
    {"app %f", NONE, "app"},
    {"app %f", ONE, "app|/tmp/one"},
    {"app %f", TWO, "app|/tmp/one; app|/tmp/two words"},
    {"app %f end", TWO, "app|/tmp/one|end; app|/tmp/two words|end"},
    {"app --open=%f", ONE, "app|--open=/tmp/one"},
    {"app %f", LINK, NULL, TRUE},
    /* %F: all files */
    {"app %F", NONE, "app"},
    {"app %F", ONE, "app|/tmp/one"},
    {"app %F", TWO, "app|/tmp/one|/tmp/two words"},
    {"app -- %F end", TWO, "app|--|/tmp/one|/tmp/two words|end"},
    {"app %F", LINK, NULL, TRUE},
    /* %u: one URI, one command each */
    {"app %u", NONE, "app"},
    {"app %u", LINK, "app|" WEB},
    {"app %u", TWO, "app|/tmp/one; app|/tmp/two words"},
    {"app --new-window=%u", LINK, "app|--new-window=" WEB},
    /* %U: all URIs */
    {"app %U", NONE, "app"},
    {"app %U", {FILE2, WEB, NULL}, "app|/tmp/two words|" WEB},
    {"app %U", TWO, "app|/tmp/one|/tmp/two words"},
    {"app %u", {"file://elsewhere/tmp/x", NULL}, "app|file://elsewhere/tmp/x", TRUE},
    /* no code for files: as if %f stood at the end */
    {"app", ONE, "app|/tmp/one"},
    {"app", TWO, "app|/tmp/one; app|/tmp/two words"},
    {"app --x", LINK, "app|--x|" WEB, TRUE},
    /* %i, %c, %k, %% */
    {"app %i", NONE, "app|--icon|test-icon"},
    {"app %i %c", NONE, "app|--icon|test-icon|Test \"App\" %f"},
    {"app --name=%c", NONE, "app|--name=Test \"App\" %f"},
    {"app %%", NONE, "app|%"},
    {"app 100%%f", ONE, "app|100%f|/tmp/one"},
    {"app %%%%", NONE, "app|%%"},
    /* deprecated: nothing */
    {"app %d%D%n%N%v%m", NONE, "app", TRUE},
    {"app %m x", NONE, "app|x", TRUE},
    /* not to be run at all */
    {"app %x", NONE, NULL, TRUE},
    {"app %", NONE, NULL, TRUE},
    {"app %F %\"", NONE, NULL, TRUE},
    {"", NONE, NULL, TRUE},
    {"   ", NONE, NULL, TRUE},
    {"%f", NONE, NULL, TRUE},
    {"app \"open", NONE, NULL, TRUE},
    {"\"\" x", NONE, NULL, TRUE},
    /* quoting */
    {"\"/opt/my app/run\" %U", LINK, "/opt/my app/run|" WEB},
    {"app \"a b\" c", NONE, "app|a b|c"},
    {"app \"\"", NONE, "app|"},
    {"app \"a\\\\\"b\"", NONE, "app|a\"b"},
    {"app \"a\\\\`b\"", NONE, "app|a`b"},
    {"app \"a\\\\$HOME\"", NONE, "app|a$HOME"},
    {"app \"a\\\\\\\\b\"", NONE, "app|a\\b"},
    {"app \"~ > < | &;* ? # ( )\"", NONE, "app|~ > < | &;* ? # ( )"},
    {"app \"a\\tb\"", NONE, "app|a\tb"},
    {"app a\\sb", NONE, "app|a|b"},
    {"app 'a b'", NONE, "app|a b"},
    {"sh -c 'exec app \"$@\"' sh %F", TWO, "sh|-c|exec app \"$@\"|sh|/tmp/one|/tmp/two words"},
    {"app \"--x=%u\"", LINK, "app|--x=" WEB, TRUE},
    {"env A=b app %u", LINK, "env|A=b|app|" WEB},
    /* names of files that would like to be something else */
    {"app %f", {"file:///tmp/a%22%20%27b%60id%60%24(id)", NULL}, "app|/tmp/a\" 'b`id`$(id)"},
    {"app %F x", {"file:///tmp/%25f%20%25U", "file:///tmp/%0A", NULL}, "app|/tmp/%f %U|/tmp/\n|x"},
    {"app %f", {"file:///tmp/%FF", NULL}, "app|/tmp/\xff"},
    {"app %f", {"file:///-rf", NULL}, "app|/-rf"},
    {"app %u", {"https://h/%22;id;%22$(id)`id`'\\", NULL}, "app|https://h/%22;id;%22$(id)`id`'\\"},
    {"app %f", {"file://elsewhere/tmp/x", NULL}, NULL, TRUE},
    {"app %f", {"file://localhost/tmp/x", NULL}, "app|/tmp/x"},
    {"app %u", {"no uri", NULL}, NULL, TRUE},
    {"app %u", {"-x", NULL}, NULL, TRUE},
    {"app %u", {"", NULL}, NULL, TRUE},
    {"app %u", {"/tmp/one", NULL}, NULL, TRUE},
};

static const char *
write_case(const char *exec)
{
    g_autofree char *text = entry_text(exec, "Name=Test \"App\" %f\nIcon=test-icon\n");

    return write_entry(NULL, "test.desktop", text);
}

static char *
expand(const char *const *uris, GError **error)
{
    g_autoptr(WgwApplication) application = wgw_application_find("test", error);
    g_autoptr(GPtrArray) commands = NULL;

    if (!application)
        return NULL;
    commands = wgw_application_expand(application, NULL, uris, NULL, error);
    return commands ? join_commands(commands) : NULL;
}

static void
test_table(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_case(cases[i].exec);
        g_autoptr(GError) error = NULL;
        g_autofree char *commands = expand(cases[i].uris, &error);

        if (g_strcmp0(commands, cases[i].commands) != 0)
            g_error("Exec=%s: %s instead of %s", cases[i].exec, commands, cases[i].commands);
        g_assert_true((commands == NULL) == (error != NULL));
        if (error)
            g_assert_true(g_error_matches(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED) ||
                          g_error_matches(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT));
    }
}

/* An entry that asks for URIs gets them for files too. */
static void
test_no_paths(void)
{
    static const char *const uris[] = {FILE1, WEB, NULL};
    g_autofree char *text = entry_text("app %U", "X-GIO-NoFuse=true");
    write_entry(NULL, "test.desktop", text);
    g_autofree char *commands = expand(uris, NULL);

    g_assert_cmpstr(commands, ==, "app|" FILE1 "|" WEB);
}

static void
test_location(void)
{
    const char *path = write_case("app %k");
    g_autofree char *expected = g_strconcat("app|", path, NULL);
    g_autofree char *commands = expand(NULL, NULL);

    g_assert_cmpstr(commands, ==, expected);
}

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
sort_commands(const char *commands)
{
    g_auto(GStrv) lines = g_strsplit(commands, "; ", -1);

    qsort(lines, g_strv_length(lines), sizeof *lines, compare_strings);
    return g_strjoinv("; ", lines);
}

/* What print-arguments was given, as join_commands would put it, once it was run n times. */
static char *
wait_for_records(const char *output, guint n)
{
    gint64 end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;

    for (;;) {
        g_autofree char *data = NULL;
        g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
        gsize len = 0;

        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_file_get_contents(output, &data, &len, NULL);
        for (const char *p = data; p && p < data + len;) {
            g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
            guint64 count = g_ascii_strtoull(p, NULL, 10);

            g_strv_builder_add(argv, "app");
            for (p += strlen(p) + 1; count > 0; count--, p += strlen(p) + 1)
                g_strv_builder_add(argv, p);
            g_ptr_array_add(commands, g_strv_builder_end(argv));
        }
        if (commands->len >= n) {
            g_autofree char *text = join_commands(commands);

            /* The programs ran side by side. */
            return sort_commands(text);
        }
        g_usleep(2000);
    }
}

/* The same, by GIO, which runs the program. */
static void
test_like_gio(void)
{
    const char *program = g_getenv("PRINT_ARGUMENTS");
    g_autofree char *output = g_build_filename(g_get_user_runtime_dir(), "output", NULL);
    guint compared = 0;

    g_assert_nonnull(program);
    g_assert_cmpint(g_mkdir_with_parents(g_get_user_runtime_dir(), 0700), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GAppLaunchContext) context = g_app_launch_context_new();
        g_autoptr(GDesktopAppInfo) info = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(GList) uris = NULL;
        g_autofree char *exec = NULL;
        const char *path;
        g_autofree char *ours = NULL;
        g_autofree char *theirs = NULL;
        g_auto(GStrv) each = NULL;

        if (cases[i].unlike_gio || !g_str_has_prefix(cases[i].exec, "app"))
            continue;
        exec = g_strconcat(program, cases[i].exec + strlen("app"), NULL);
        path = write_case(exec);
        for (gsize j = 0; cases[i].uris[j]; j++)
            uris = g_list_append(uris, (gpointer)cases[i].uris[j]);
        info = g_desktop_app_info_new_from_filename(path);
        g_assert_nonnull(info);
        g_unlink(output);
        g_app_launch_context_setenv(context, "WG_WRAP_TEST_OUTPUT", output);
        g_app_info_launch_uris(G_APP_INFO(info), uris, context, &error);
        g_assert_no_error(error);
        ours = sort_commands(cases[i].commands);
        each = g_strsplit(ours, "; ", -1);
        theirs = wait_for_records(output, g_strv_length(each));
        if (strcmp(ours, theirs) != 0)
            g_error("Exec=%s: %s, and by GIO %s", cases[i].exec, ours, theirs);
        compared++;
    }
    g_assert_cmpuint(compared, >=, 35);
}

static void
test_actions(void)
{
    g_autofree char *text =
        entry_text("app %U", "Actions=new-window;no-group;\n\n"
                             "[Desktop Action new-window]\nName=New\nExec=app --new %u\n\n"
                             "[Desktop Action unlisted]\nName=U\nExec=evil\n");
    write_entry(NULL, "test.desktop", text);
    g_autoptr(WgwApplication) application = wgw_application_find("test.desktop", NULL);
    static const char *const uris[] = {WEB, NULL};
    static const char *const bad[] = {"no-group", "unlisted", "", "new-window;", "../x"};
    g_autoptr(GPtrArray) commands =
        wgw_application_expand(application, "new-window", uris, NULL, NULL);
    g_autofree char *joined = join_commands(commands);

    g_assert_cmpstr(joined, ==, "app|--new|" WEB);
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(wgw_application_expand(application, bad[i], NULL, NULL, &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    }
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/exec/field-codes-and-quoting", test_table);
    g_test_add_func("/exec/uris-on-request", test_no_paths);
    g_test_add_func("/exec/location", test_location);
    g_test_add_func("/exec/the-same-as-gio", test_like_gio);
    g_test_add_func("/exec/actions", test_actions);
    return run_isolated();
}
