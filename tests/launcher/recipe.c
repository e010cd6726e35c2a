/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/recipe.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbus/error.h"
#include "entries.h"

static void
write_recipes(const char *file, const char *text)
{
    g_autofree char *path =
        g_build_filename(g_get_user_config_dir(), "wg-wrap", "recipes", file, NULL);
    g_autofree char *directory = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* The name of the recipe that is found, or "none"; *ret_problems, one a line. */
static char *
find_name(const char *desktop_id, const char *command, char **ret_problems)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(WgwRecipe) recipe = wgw_recipe_find(desktop_id, command, problems);

    g_ptr_array_add(problems, NULL);
    *ret_problems = g_strjoinv("\n", (char **)problems->pdata);
    return g_strdup(recipe ? wgw_recipe_get_name(recipe) : "none");
}

/* What becomes of a command (words with blanks between) in the profile "work": "BUS WORDS COVERS", with
 * the directory of private data as DATA and the home as HOME. */
static char *
apply(const char *desktop_id, const char *command, gsize program, const char *window_class)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) argv = g_strsplit(command, " ", -1);
    g_autoptr(WgwRecipe) recipe = wgw_recipe_find(desktop_id, argv[program], problems);
    g_autofree char *data = g_build_filename(g_get_user_data_dir(), "wg-wrap/private", NULL);
    g_autofree char *words = NULL;
    g_autofree char *covers = NULL;
    g_autoptr(GError) error = NULL;
    WgwRecipeResult result;
    GString *text;

    g_assert_cmpuint(problems->len, ==, 0);
    g_assert_nonnull(recipe);
    wgw_recipe_apply(recipe, "work", (const char *const *)argv, program, window_class, &result,
                     &error);
    g_assert_no_error(error);
    for (char **cover = result.covers; *cover; cover++)
        g_assert_true(g_file_test(*cover, G_FILE_TEST_IS_DIR));
    words = g_strjoinv(" ", result.argv);
    covers = g_strjoinv(" ", result.covers);
    text = g_string_new(NULL);
    g_string_printf(text, "%s: %s: %s", result.bus ? result.bus : "auto", words, covers);
    g_string_replace(text, data, "DATA", 0);
    g_string_replace(text, g_get_user_config_dir(), "CONFIG", 0);
    g_string_replace(text, g_get_home_dir(), "HOME", 0);
    wgw_recipe_result_clear(&result);
    return g_string_free(text, FALSE);
}

/* Every recipe that is shipped can be read, and is found by whom it is for. */
static void
test_shipped(void)
{
    static const struct {
        const char *desktop_id, *command, *name;
    } cases[] = {
        {"", "firefox", "firefox"},
        {"", "/usr/lib/firefox-esr/firefox-esr", "firefox"},
        {"firefox-esr.desktop", "anything", "firefox"},
        {"mine.desktop", "firefox", "firefox"},
        {"org.mozilla.firefox.desktop", "/usr/bin/flatpak", "firefox"},
        {"chromium.desktop", "/usr/bin/chromium", "chromium"},
        {"", "google-chrome-stable", "chromium"},
        {"thunderbird.desktop", "thunderbird", "thunderbird"},
        {"code.desktop", "/usr/share/code/code", "code"},
        {"", "signal-desktop", "signal"},
        {"", "Discord", "discord"},
        {"slack.desktop", "/usr/bin/slack", "slack"},
        {"libreoffice24.2-writer.desktop", "libreoffice24.2", "libreoffice"},
        {"", "soffice", "libreoffice"},
        {"org.gnome.Terminal.desktop", "gnome-terminal", "gnome-terminal"},
        {"", "xfce4-terminal", "xfce4-terminal"},
        {"", "mate-terminal", "mate-terminal"},
        {"", "ptyxis", "ptyxis"},
        {"", "tilix", "tilix"},
        {"", "terminator", "terminator"},
        {"", "kgx", "terminal"},
        {"", "steam", "steam"},
        {"org.telegram.desktop.desktop", "Telegram", "telegram"},
        {"", "transmission-gtk", "transmission-gtk"},
        {"", "transmission-qt", "transmission-qt"},
        {"org.gnome.Nautilus.desktop", "nautilus", "file-manager"},
        {"", "xterm", "none"},
        {"codeblocks.desktop", "codeblocks", "none"},
        {"", "", "none"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *problems = NULL;
        g_autofree char *name = find_name(cases[i].desktop_id, cases[i].command, &problems);

        g_assert_cmpstr(problems, ==, "");
        g_assert_cmpstr(name, ==, cases[i].name);
    }
}

static void
test_what_becomes_of_a_command(void)
{
    static const struct {
        const char *desktop_id, *command;
        gsize program;
        const char *result;
    } cases[] = {
        {"", "firefox a b", 0, "shared: firefox --profile DATA/work/firefox a b: "},
        {"firefox.desktop", "env A=firefox /opt/firefox --new-window", 0,
         "shared: env A=firefox /opt/firefox --profile DATA/work/firefox --new-window: "},
        {"", "xterm -e firefox a", 2, "shared: xterm -e firefox --profile DATA/work/firefox a: "},
        /* its own choice, or a wrapper that would take the arguments for its own */
        {"", "firefox --profile x", 0, "private: firefox --profile x: "},
        {"", "chromium --user-data-dir=x", 0, "private: chromium --user-data-dir=x: "},
        {"", "chromium --user-data-directory", 0,
         "shared: chromium --user-data-dir=DATA/work/chromium --user-data-directory: "},
        {"org.mozilla.firefox.desktop", "flatpak run --command=/app/firefox org.mozilla.firefox", 0,
         "private: flatpak run --command=/app/firefox org.mozilla.firefox: "},
        {"", "soffice --writer", 0,
         "auto: soffice -env:UserInstallation=file://DATA/work/libreoffice --writer: "},
        {"", "slack", 0, "auto: slack: DATA/work/slack/.config/Slack CONFIG/Slack"},
        {"", "nautilus -w", 0, "private: nautilus -w: "},
        {"", "mine %d", 0, "auto: mine % DATA/work/mine %d: DATA/work/mine/a/b HOME/a/b"},
    };

    write_recipes("mine.ini", "[mine]\nCommands=mine\nArguments=%%;%d\nPrivateDirectories=a/b\n");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *result =
            apply(cases[i].desktop_id, cases[i].command, cases[i].program, NULL);

        g_assert_cmpstr(result, ==, cases[i].result);
    }
    write_recipes("mine.ini", "");
}

/* Only where there is a launcher, and the program gets arguments at all. */
static void
test_windows_have_the_class_of_the_launcher(void)
{
    static const struct {
        const char *command;
        gboolean sets;
        const char *result;
    } cases[] = {
        {"firefox a", TRUE,
         "shared: firefox --profile DATA/work/firefox --class x.y --name x.y a: "},
        {"env firefox", TRUE,
         "shared: env firefox --profile DATA/work/firefox --class x.y --name x.y: "},
        {"chromium", TRUE, "shared: chromium --user-data-dir=DATA/work/chromium --class=x.y: "},
        {"firefox -P a", FALSE, "private: firefox -P a: "},
        {"slack", FALSE, "auto: slack: DATA/work/slack/.config/Slack CONFIG/Slack"},
        {"mine", TRUE, "auto: mine %-x.y-: "},
    };

    write_recipes("mine.ini", "[mine]\nCommands=mine\nWindowClass=%%-%c-\n");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *program =
            g_str_has_prefix(cases[i].command, "env") ? "firefox" : cases[i].command;
        g_auto(GStrv) argv = g_strsplit(cases[i].command, " ", -1);
        g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *first = g_strndup(program, strcspn(program, " "));
        g_autofree char *id = g_strconcat(first, ".desktop", NULL);
        g_autoptr(WgwRecipe) recipe = wgw_recipe_find(id, argv[0], problems);
        g_autofree char *result = apply(id, cases[i].command, 0, "x.y");

        g_assert_cmpstr(result, ==, cases[i].result);
        g_assert_cmpint(wgw_recipe_sets_window_class(recipe, (const char *const *)argv, 0), ==,
                        cases[i].sets);
    }
    write_recipes("mine.ini", "");
}

static void
test_private_data_is_closed_to_others(void)
{
    g_autofree char *result = apply("", "slack", 0, NULL);
    g_autofree char *path =
        g_build_filename(g_get_user_data_dir(), "wg-wrap/private/work/slack/.config/Slack", NULL);
    struct stat st;

    g_assert_nonnull(result);
    for (int i = 0; i < 6; i++) {
        g_autofree char *child = g_steal_pointer(&path);

        g_assert_cmpint(stat(child, &st), ==, 0);
        g_assert_cmpint(st.st_mode & 07777, ==, 0700);
        path = g_path_get_dirname(child);
    }
}

static void
test_environment(void)
{
    static const char *const before[] = {"A=1", "B=2", "C=3", NULL};
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(WgwRecipe) recipe = NULL;
    g_auto(GStrv) after = NULL;
    g_autofree char *text = NULL;
    g_autofree char *directory =
        g_build_filename(g_get_user_data_dir(), "wg-wrap/private/work/mine", NULL);

    write_recipes("mine.ini", "[mine]\nCommands=mine\nUnsetEnvironment=A;B;Z\n"
                              "SetEnvironment=B=x=%d;E=\n");
    recipe = wgw_recipe_find("", "mine", problems);
    after = wgw_recipe_change_environment(recipe, "work", g_strdupv((char **)before));
    g_assert_cmpstr(g_environ_getenv(after, "A"), ==, NULL);
    text = g_strconcat("x=", directory, NULL);
    g_assert_cmpstr(g_environ_getenv(after, "B"), ==, text);
    g_assert_cmpstr(g_environ_getenv(after, "C"), ==, "3");
    g_assert_cmpstr(g_environ_getenv(after, "E"), ==, "");
    write_recipes("mine.ini", "");
}

/* @mistake: what is said when the recipe of a command is not applied; NULL: it is. */
static void
check_applied(const char *command, const char *mistake)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(WgwRecipe) recipe = wgw_recipe_find("", command, problems);
    const char *const argv[] = {command, NULL};
    g_autoptr(GError) error = NULL;
    WgwRecipeResult result;

    if (wgw_recipe_apply(recipe, "work", argv, 0, NULL, &result, &error))
        wgw_recipe_result_clear(&result);
    g_assert_true((error == NULL) == (mistake == NULL));
    if (mistake)
        g_assert_nonnull(strstr(error->message, mistake));
}

/* A recipe with a mistake is said to have it, and not applied, nor is another one or none; what is not
 * known is said and no mistake. */
static void
test_mistakes(void)
{
    static const struct {
        const char *line, *problem; /* NULL: none */
        gboolean applied;
    } cases[] = {
        {"Arguments=%d;%u;%%;x", NULL, TRUE},
        {"PrivateDirectories=a;.b/c d;.local/share/Steam", NULL, TRUE},
        {"Novelty=x", "there is no key Novelty", TRUE},
        {"arguments=x", "there is no key arguments", TRUE},
        {"Bus=auto", "Bus is", FALSE},
        {"Bus=", "Bus is", FALSE},
        {"Bus=\xff", "Bus is", FALSE},
        {"Applications=a", "no desktop ID", FALSE},
        {"Applications=/a.desktop", "no desktop ID", FALSE},
        {"Arguments=%s", "another code", FALSE},
        {"Arguments=x%", "another code", FALSE},
        {"Arguments=\xff", "cannot be read", FALSE},
        {"WindowClass=--class=%c;%%", NULL, TRUE},
        {"WindowClass=%d", "another code", FALSE},
        {"WindowClass=%", "another code", FALSE},
        {"Arguments=%c", "another code", FALSE},
        {"Unless=a;;b", "is empty", FALSE},
        {"SetEnvironment=A", "is not NAME=value", FALSE},
        {"SetEnvironment==A", "is not NAME=value", FALSE},
        {"SetEnvironment=A=%x", "another code", FALSE},
        {"UnsetEnvironment=A=B", "no name of a variable", FALSE},
        {"UnsetEnvironment=;", "no name of a variable", FALSE},
        {"PrivateDirectories=/etc", "no plain path", FALSE},
        {"PrivateDirectories=..", "no plain path", FALSE},
        {"PrivateDirectories=../other", "no plain path", FALSE},
        {"PrivateDirectories=a/../../b", "no plain path", FALSE},
        {"PrivateDirectories=a;a/..", "no plain path", FALSE},
        {"PrivateDirectories=.", "no plain path", FALSE},
        {"PrivateDirectories=./a", "no plain path", FALSE},
        {"PrivateDirectories=a//b", "no plain path", FALSE},
        {"PrivateDirectories=a/", "no plain path", FALSE},
        {"PrivateDirectories=;", "no plain path", FALSE},
        {"PrivateDirectories=~/a;/", "no plain path", FALSE},
        {"PrivateDirectories=.local/share/wg-wrap", "own files", FALSE},
        {"PrivateDirectories=.local/share/wg-wrapper", NULL, TRUE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strdup_printf("[mine]\nCommands=mine\n%s\n[other]\nCommands=mine\n", cases[i].line);
        g_autofree char *problems = NULL;
        g_autofree char *name = NULL;

        write_recipes("mine.ini", text);
        name = find_name("", "mine", &problems);
        g_assert_cmpstr(name, ==, "mine");
        check_applied("mine", cases[i].applied ? NULL : cases[i].problem);
        if (cases[i].problem) {
            g_assert_nonnull(strstr(problems, cases[i].problem));
            g_assert_nonnull(strstr(problems, "mine.ini: [mine]: "));
        } else {
            g_assert_cmpstr(problems, ==, "");
        }
    }
    write_recipes("mine.ini", "");
}

/* A file that cannot be read, or has no groups, is said and does not hide the others. */
static void
test_odd_files(void)
{
    static const char *const texts[] = {
        "no group", "[", "[a]\nb", "\xff", "[../a]\nCommands=x\n", "[.a]\nCommands=x\n"};
    g_autofree char *directory =
        g_build_filename(g_get_user_config_dir(), "wg-wrap", "recipes", NULL);
    g_autofree char *fifo = g_build_filename(directory, "fifo.ini", NULL);
    g_autofree char *link = g_build_filename(directory, "link.ini", NULL);
    g_autofree char *huge = g_strnfill(100000, '\n');

    for (gsize i = 0; i < G_N_ELEMENTS(texts) + 3; i++) {
        g_autofree char *problems = NULL;
        g_autofree char *name = NULL;

        write_recipes("mine.ini", i < G_N_ELEMENTS(texts) ? texts[i] : "");
        if (i == G_N_ELEMENTS(texts))
            write_recipes("mine.ini", huge);
        else if (i == G_N_ELEMENTS(texts) + 1)
            g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        else if (i == G_N_ELEMENTS(texts) + 2)
            g_assert_cmpint(symlink("nowhere", link), ==, 0);
        name = find_name("", "firefox", &problems);
        g_assert_cmpstr(name, ==, "firefox");
        g_assert_cmpstr(problems, !=, "");
        g_assert_true(g_utf8_validate(problems, -1, NULL));
        g_unlink(fifo);
        g_unlink(link);
    }
    write_recipes("mine.ini", "");
}

static void
test_the_users_own_goes_first(void)
{
    g_autofree char *problems = NULL;
    g_autofree char *name = NULL;
    g_autofree char *result = NULL;

    write_recipes("b.ini", "[later]\nCommands=firefox\n");
    write_recipes("a.ini", "[plain]\nCommands=firefox\n");
    name = find_name("", "firefox", &problems);
    g_assert_cmpstr(name, ==, "plain");
    result = apply("", "firefox", 0, NULL);
    g_assert_cmpstr(result, ==, "auto: firefox: ");
    write_recipes("a.ini", "");
    write_recipes("b.ini", "");
}

static void
test_a_directory_that_cannot_be_made(void)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(WgwRecipe) recipe = wgw_recipe_find("", "chromium", problems);
    static const char *const argv[] = {"chromium", NULL};
    g_autofree char *place =
        g_build_filename(g_get_user_data_dir(), "wg-wrap/private/blocked", NULL);
    WgwRecipeResult result = {NULL};
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(place, "", -1, NULL));
    g_assert_false(wgw_recipe_apply(recipe, "blocked", argv, 0, NULL, &result, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_FAILED);
    g_assert_null(result.argv);
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_setenv("HOME", g_get_user_data_dir(), TRUE);
    g_test_add_func("/recipe/shipped", test_shipped);
    g_test_add_func("/recipe/what-becomes-of-a-command", test_what_becomes_of_a_command);
    g_test_add_func("/recipe/windows-have-the-class-of-the-launcher",
                    test_windows_have_the_class_of_the_launcher);
    g_test_add_func("/recipe/private-data-is-closed-to-others",
                    test_private_data_is_closed_to_others);
    g_test_add_func("/recipe/environment", test_environment);
    g_test_add_func("/recipe/mistakes", test_mistakes);
    g_test_add_func("/recipe/odd-files", test_odd_files);
    g_test_add_func("/recipe/the-users-own-goes-first", test_the_users_own_goes_first);
    g_test_add_func("/recipe/a-directory-that-cannot-be-made",
                    test_a_directory_that_cannot_be_made);
    return run_isolated();
}
