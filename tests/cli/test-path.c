/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * A profile's name and the paths of its objects lead to each other, and to nothing else. */
#include "dbus/path.h"

#include <string.h>

#include "dbus/names.h"

static const struct {
    const char *name;
    const char *element;
} names[] = {
    {"work", "work"}, {"my-work", "my_2dwork"},        {"_", "_5f"},
    {"_2d", "_5f2d"}, {"Zürich 7", "Z_c3_bcrich_207"}, {"a/../b", "a_2f_2e_2e_2fb"},
};

static void
test_names_survive(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *profile = wgw_path_for_profile(names[i].name);
        g_autofree char *session = wgw_path_for_session(names[i].name);
        g_autofree char *from_profile = wgw_path_dup_name(profile);
        g_autofree char *from_session = wgw_path_dup_name(session);

        g_assert_true(g_variant_is_object_path(profile));
        g_assert_cmpstr(strrchr(profile, '/') + 1, ==, names[i].element);
        g_assert_true(g_str_has_prefix(profile, WGW_PROFILES_PATH "/"));
        g_assert_true(g_str_has_prefix(session, WGW_SESSIONS_PATH "/"));
        g_assert_cmpstr(from_profile, ==, names[i].name);
        g_assert_cmpstr(from_session, ==, names[i].name);
    }
}

static void
test_strange_paths_have_no_name(void)
{
    static const char *const paths[] = {
        "",
        "/",
        "work",
        WGW_OBJECT_PATH,
        WGW_PROFILES_PATH,
        WGW_PROFILES_PATH "/",
        WGW_PROFILES_PATH "/a_2Db",
        WGW_PROFILES_PATH "/a_2db/c",
        WGW_PROFILES_PATH "/a_b",
        WGW_PROFILES_PATH "/a_00",
        WGW_PROFILES_PATH "/_61",
        "/org/example/profiles/work",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        g_assert_null(wgw_path_dup_name(paths[i]));
}

static void
test_session_directory(void)
{
    g_autofree char *directory = wgw_path_session_directory("work");
    g_autofree char *expected =
        g_build_filename(g_get_user_runtime_dir(), "wg-wrap/sessions/00e13ed7af55b276", NULL);

    /* printf %s work | sha256sum | head -c 16 */
    g_assert_cmpstr(directory, ==, expected);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/path/names-survive", test_names_survive);
    g_test_add_func("/path/strange-paths-have-no-name", test_strange_paths_have_no_name);
    g_test_add_func("/path/session-directory", test_session_directory);
    return g_test_run();
}
