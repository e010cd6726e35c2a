/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/autostart.h"

#include <glib/gstdio.h>
#include <string.h>

#include "dbus/error.h"
#include "entries.h"
#include "launcher/application.h"

static char *
path_of(const char *element)
{
    g_autofree char *file = g_strdup_printf("org.wgwrap.WgWrap.autostart.%s.desktop", element);

    return g_build_filename(g_get_user_config_dir(), "autostart", file, NULL);
}

static void
test_an_entry_that_opens_it(void)
{
    static const struct {
        const char *profile, *element;
    } cases[] = {
        {"work", "work"},
        {"-x", "_2dx"},
        {"a \"$(id)\" `id` \\ 100%f", "a_20_22_24_28id_29_22_20_60id_60_20_5c_20100_25f"},
    };

    g_autofree char *programs = g_dir_make_tmp("wg wrap-XXXXXX", NULL);
    g_autofree char *program = g_build_filename(programs, "wg-wrap", NULL);

    g_assert_true(g_file_set_contents_full(program, "", 0, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
    g_setenv("WG_WRAP_PROGRAMS", programs, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = path_of(cases[i].element);
        g_autofree char *expected = g_strdup_printf("%s|up|--|%s", program, cases[i].profile);
        const char *argv[] = {"desktop-file-validate", "--no-hints", path, NULL};
        g_autofree char *out = NULL;
        g_autofree char *command = NULL;
        g_autoptr(WgwApplication) application = NULL;
        g_autoptr(GPtrArray) commands = NULL;
        g_autoptr(GError) error = NULL;

        g_assert_false(wgw_autostart_get(cases[i].profile));
        g_assert_true(wgw_autostart_set(cases[i].profile, FALSE, &error));
        for (int j = 0; j < 2; j++)
            g_assert_true(wgw_autostart_set(cases[i].profile, TRUE, &error));
        g_assert_no_error(error);
        g_assert_true(wgw_autostart_get(cases[i].profile));
        g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL,
                     &error);
        g_assert_no_error(error);
        g_assert_cmpstr(out, ==, "");
        application = wgw_application_find(path, &error);
        g_assert_no_error(error);
        commands = wgw_application_expand(application, NULL, NULL, NULL, &error);
        g_assert_no_error(error);
        command = join_commands(commands);
        g_assert_cmpstr(command, ==, expected);
        /* Once wg-wrap is uninstalled, the desktop is to pass over what is left in a home. */
        g_assert_cmpint(g_chmod(program, 0), ==, 0);
        g_assert_null(wgw_application_find(path, NULL));
        g_assert_cmpint(g_chmod(program, 0755), ==, 0);
        g_assert_true(wgw_autostart_set(cases[i].profile, FALSE, &error));
        g_assert_false(wgw_autostart_get(cases[i].profile));
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    }
    g_unsetenv("WG_WRAP_PROGRAMS");
    g_unlink(program);
    g_rmdir(programs);
}

/* As the desktop's own settings do when the user switches an entry off. */
static const char *const lines[] = {"Hidden=true\n", "X-GNOME-Autostart-enabled=false\n"};

static void
switch_on_and_off(const char *profile, const char *line)
{
    g_autofree char *path = path_of(profile);
    g_autofree char *text = NULL;
    g_autofree char *edited = NULL;

    g_assert_true(wgw_autostart_set(profile, TRUE, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    edited = g_strconcat(text, line, NULL);
    g_assert_true(g_file_set_contents(path, edited, -1, NULL));
}

static void
test_switched_off_elsewhere(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        switch_on_and_off("work", lines[i]);
        g_assert_false(wgw_autostart_get("work"));
        g_assert_true(wgw_autostart_set("work", TRUE, NULL));
        g_assert_true(wgw_autostart_get("work"));
    }
    g_assert_true(wgw_autostart_set("work", FALSE, NULL));
}

static void
test_others_files_are_left_alone(void)
{
    g_autofree char *path = path_of("work");
    g_autofree char *text = NULL;

    g_assert_true(g_file_set_contents(path, "[Desktop Entry]\n", -1, NULL));
    for (int on = 0; on < 2; on++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(wgw_autostart_set("work", on, &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED);
    }
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "[Desktop Entry]\n");
    g_unlink(path);
}

static void
test_it_follows_a_new_name(void)
{
    g_assert_true(wgw_autostart_set("old", TRUE, NULL));
    g_assert_true(wgw_autostart_rename_profile("old", "new", NULL));
    g_assert_false(wgw_autostart_get("old"));
    g_assert_true(wgw_autostart_get("new"));
    g_assert_true(wgw_autostart_rename_profile("none", "other", NULL));
    g_assert_false(wgw_autostart_get("other"));
    g_assert_true(wgw_autostart_set("new", FALSE, NULL));
}

static void
test_one_that_is_switched_off_follows_too(void)
{
    g_autofree char *old = path_of("old");
    g_autofree char *new = path_of("new");

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *followed = NULL;

        switch_on_and_off("old", lines[i]);
        g_assert_true(wgw_autostart_rename_profile("old", "new", NULL));
        g_assert_false(g_file_test(old, G_FILE_TEST_EXISTS));
        g_assert_false(wgw_autostart_get("new"));
        /* The desktop's settings list it, and switch it on again: what is on then is of the new name. */
        g_assert_true(g_file_get_contents(new, &followed, NULL, NULL));
        g_assert_nonnull(strstr(followed, lines[i]));
        g_assert_nonnull(strstr(followed, "up -- \"new\""));
        g_assert_null(strstr(followed, "old"));
        g_assert_true(wgw_autostart_set("new", FALSE, NULL));
    }
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/autostart/an-entry-that-opens-it", test_an_entry_that_opens_it);
    g_test_add_func("/autostart/switched-off-elsewhere", test_switched_off_elsewhere);
    g_test_add_func("/autostart/others-files-are-left-alone", test_others_files_are_left_alone);
    g_test_add_func("/autostart/it-follows-a-new-name", test_it_follows_a_new_name);
    g_test_add_func("/autostart/one-that-is-switched-off-follows-too",
                    test_one_that_is_switched_off_follows_too);
    return run_isolated();
}
