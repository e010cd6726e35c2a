/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/private-data.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dbus/error.h"
#include "entries.h"
#include "launcher/recipe.h"

/* Not so deep that a path to it could be said in one call. */
#define DEPTH 3000

static const char *const everything[] = {NULL};

static char *
kept(const char *profile, const char *recipe)
{
    char *path = wgw_recipe_dup_directory(profile, recipe);

    g_assert_cmpint(g_mkdir_with_parents(path, 0700), ==, 0);
    return path;
}

static void
put(const char *directory, const char *name, gsize size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autofree char *text = g_strnfill(size, 'x');

    g_assert_true(g_file_set_contents(path, text, (gssize)size, NULL));
}

static void
link_to(const char *target, const char *directory, const char *name)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    g_assert_cmpint(symlink(target, path), ==, 0);
}

static gboolean
exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

/* "profile/recipe=name (desktop id)" of each, with commas. */
static char *
list(const char *const *profiles)
{
    g_autoptr(GPtrArray) rows = wgw_private_data_list(profiles);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < rows->len; i++) {
        const WgwPrivateData *row = rows->pdata[i];

        g_string_append_printf(text, "%s%s/%s=%s (%s)", i ? ", " : "", row->profile, row->recipe,
                               row->name, row->desktop_id);
    }
    return g_string_free(text, FALSE);
}

static void
remove_all(const char *profile)
{
    g_autofree char *removed = wgw_recipe_dup_directory(".removed", NULL);
    g_autoptr(GError) error = NULL;

    wgw_private_data_remove(profile, everything, &error);
    g_assert_no_error(error);
    g_assert_false(exists(removed));
}

static void
refuse(const char *profile, const char *recipe, WgwError code, const char *word)
{
    const char *recipes[] = {recipe, NULL};
    g_autoptr(GError) error = NULL;

    g_assert_false(wgw_private_data_remove(profile, recipes, &error));
    g_assert_error(error, WGW_ERROR, (int)code);
    if (!strstr(error->message, word))
        g_error("no “%s” in: %s", word, error->message);
}

static void
test_told(void)
{
    const char *const one[] = {"work", "../work", ".", "", NULL};
    g_autofree char *viewer = kept("work", "signal");
    G_GNUC_UNUSED g_autofree char *ambiguous = kept("work", "slack");
    g_autofree char *unknown = kept("work", "a b");
    G_GNUC_UNUSED g_autofree char *gone = kept("gone", "firefox");
    g_autofree char *all = NULL;
    g_autofree char *named = NULL;
    g_autofree char *entry = entry_text("sh", "");
    g_autofree char *hidden = entry_text("sh", "NoDisplay=true\n");
    g_autoptr(GPtrArray) rows = NULL;
    const WgwPrivateData *row;

    write_entry(NULL, "signal-desktop.desktop", entry);
    write_entry(NULL, "signal-desktop-settings.desktop", hidden);
    /* Whose would it be? */
    write_entry(NULL, "slack.desktop", entry);
    write_entry(NULL, "com.slack.Slack.desktop", entry);
    put(viewer, "large", 100000);
    link_to("/", viewer, "everything");
    link_to("/", unknown, "..x");
    all = list(everything);
    g_assert_cmpstr(all, ==,
                    "gone/firefox=firefox (), work/a b=a b (), "
                    "work/signal=Test App (signal-desktop.desktop), work/slack=slack ()");
    named = list(one);
    g_assert_cmpstr(named, ==, strstr(all, "work/a b"));

    rows = wgw_private_data_list(one);
    row = rows->pdata[1];
    g_assert_cmpuint(row->size, >=, 100000);
    g_assert_cmpuint(row->size, <, 500000);
    g_assert_cmpuint(row->changed, <=, (guint64)time(NULL));
    g_assert_cmpuint(row->changed, >, (guint64)time(NULL) - 1000);

    remove_all("gone");
    remove_all("work");
}

/* Whatever is in it; and nothing that is elsewhere. */
static void
test_hostile(void)
{
    g_autofree char *outside = g_build_filename(g_get_user_data_dir(), "outside", NULL);
    g_autofree char *precious = g_build_filename(outside, "precious", NULL);
    g_autofree char *data = kept("work", "firefox");
    g_autofree char *closed = g_build_filename(data, "closed", "closed", NULL);
    g_autofree char *readable = g_build_filename(data, "readable", "x", NULL);
    g_autofree char *place = wgw_recipe_dup_directory("work", "linked");
    g_autofree char *profile = wgw_recipe_dup_directory("work", NULL);
    g_autofree char *fifo = g_build_filename(data, "fifo", NULL);
    g_autofree char *upper = g_path_get_dirname(closed);
    g_autofree char *upper_readable = g_path_get_dirname(readable);

    g_assert_cmpint(g_mkdir_with_parents(outside, 0700), ==, 0);
    put(outside, "precious", 3);
    link_to(outside, data, "directory");
    link_to(precious, data, "file");
    link_to("nowhere", data, "dangling");
    link_to("..", data, "up");
    put(data, "a\nb", 0);
    put(data, "-rf", 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(g_mkdir_with_parents(closed, 0700), ==, 0);
    put(closed, "within", 1);
    g_assert_cmpint(g_mkdir_with_parents(readable, 0700), ==, 0);
    put(readable, "within", 1);
    g_assert_cmpint(chmod(closed, 0), ==, 0);
    g_assert_cmpint(chmod(upper, 0), ==, 0);
    g_assert_cmpint(chmod(readable, 0500), ==, 0);
    g_assert_cmpint(chmod(upper_readable, 0500), ==, 0);
    g_assert_cmpint(symlink(outside, place), ==, 0);
    remove_all("work");
    g_assert_false(exists(profile));
    g_assert_true(exists(precious));
}

/* More levels than there may be descriptors, and than a path may name. */
static void
test_deep(void)
{
    g_autofree char *data = kept("work", "firefox");
    g_autofree char *start = g_get_current_dir();

    g_assert_cmpint(chdir(data), ==, 0);
    for (int i = 0; i < DEPTH; i++) {
        g_assert_cmpint(mkdir("deeper", 0700), ==, 0);
        g_assert_cmpint(chdir("deeper"), ==, 0);
    }
    put(".", "bottom", 1);
    g_assert_cmpint(chdir(start), ==, 0);
    remove_all("work");
    g_assert_false(exists(data));
}

/* A profile's directory, or where things go to be removed, that points elsewhere. */
static void
test_links_in_the_way(void)
{
    g_autofree char *outside = g_build_filename(g_get_user_data_dir(), "elsewhere", NULL);
    g_autofree char *precious = g_build_filename(outside, "firefox", "precious", NULL);
    g_autofree char *data = kept("work", "firefox");
    g_autofree char *profile = wgw_recipe_dup_directory("linked", NULL);
    g_autofree char *removed = wgw_recipe_dup_directory(".removed", NULL);
    g_autofree char *all = NULL;

    g_assert_cmpint(g_mkdir_with_parents(precious, 0700), ==, 0);
    g_assert_cmpint(symlink(outside, profile), ==, 0);
    refuse("linked", "firefox", WGW_ERROR_NOT_PERMITTED, "no directory of yours");
    g_assert_cmpint(symlink(outside, removed), ==, 0);
    refuse("work", "firefox", WGW_ERROR_FAILED, ".removed");
    wgw_private_data_sweep();
    g_assert_true(exists(precious));
    g_assert_true(exists(data));
    all = list(everything);
    g_assert_cmpstr(all, ==, "work/firefox=firefox ()");
    g_assert_cmpint(unlink(removed), ==, 0);
    g_assert_cmpint(unlink(profile), ==, 0);
    remove_all("work");
}

static void
test_what_there_is_not(void)
{
    static const char *const names[] = {"none", "", ".", "..", "../work/signal", "/", ".hidden"};
    g_autofree char *data = kept("work", "signal");

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        refuse("work", names[i], WGW_ERROR_INVALID_ARGUMENT, "There is no data");
    refuse("none", "signal", WGW_ERROR_INVALID_ARGUMENT, "There is no data");
    refuse("../private/work", "signal", WGW_ERROR_INVALID_ARGUMENT, "name");
    refuse(".removed", "signal", WGW_ERROR_INVALID_ARGUMENT, "name");
    remove_all("none");
    g_assert_true(exists(data));
    remove_all("work");
}

/* By its command, its environment; and that of a longer name is another. */
static void
test_used(void)
{
    g_autofree char *data = kept("work", "signal");
    g_autofree char *other = kept("work", "signal-two");
    g_autofree char *uri = g_filename_to_uri(data, NULL, NULL);
    g_autofree char *below = g_build_filename(data, "x", NULL);
    g_autofree char *option = g_strconcat("--user-data-dir=", data, NULL);
    g_autofree char *longer = g_strconcat(data, "-two", NULL);
    g_autofree char *variable = g_strconcat("MINE=", uri, NULL);
    const struct {
        const char *argument, *variable;
        gboolean used;
    } cases[] = {{option, "A=b", TRUE},
                 {below, "A=b", TRUE},
                 {"x", variable, TRUE},
                 {longer, "A=b", FALSE},
                 {"/signal", "A=b", FALSE}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *argv[] = {"sh", "-c", "read x", "program", cases[i].argument, NULL};
        const char *environment[] = {cases[i].variable, "PATH=/usr/bin:/bin", NULL};
        g_autoptr(GError) error = NULL;
        GPid pid;
        int input;
        int status;

        g_assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, (char **)environment,
                                               G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                               NULL, NULL, &pid, &input, NULL, NULL, &error));
        if (cases[i].used) {
            g_autofree char *process = g_strdup_printf("sh (process %d)", pid);
            const char *both[] = {"signal-two", "signal", NULL};

            refuse("work", "signal", WGW_ERROR_BUSY, process);
            g_assert_false(wgw_private_data_remove("work", both, &error));
            g_assert_true(exists(data));
            g_assert_true(exists(other));
        } else {
            const char *recipes[] = {"signal", NULL};

            g_assert_true(wgw_private_data_remove("work", recipes, &error));
            g_assert_no_error(error);
            g_assert_false(exists(data));
            g_assert_cmpint(g_mkdir_with_parents(data, 0700), ==, 0);
        }
        close(input);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        g_spawn_close_pid(pid);
    }
    remove_all("work");
}

/* A removal that was cut off: the rest goes with the next start. */
static void
test_swept(void)
{
    g_autofree char *left = kept(".removed", "x");
    g_autofree char *removed = wgw_recipe_dup_directory(".removed", NULL);

    put(left, "file", 1);
    wgw_private_data_sweep();
    g_assert_false(exists(removed));
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/private-data/told", test_told);
    g_test_add_func("/private-data/hostile", test_hostile);
    g_test_add_func("/private-data/deep", test_deep);
    g_test_add_func("/private-data/links-in-the-way", test_links_in_the_way);
    g_test_add_func("/private-data/what-there-is-not", test_what_there_is_not);
    g_test_add_func("/private-data/used", test_used);
    g_test_add_func("/private-data/swept", test_swept);
    return run_isolated();
}
