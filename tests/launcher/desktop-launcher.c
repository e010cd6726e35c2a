/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/desktop-launcher.h"

#include <gio/gdesktopappinfo.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbus/error.h"
#include "entries.h"
#include "launcher/application.h"

static const char original[] = "[Desktop Entry]\n"
                               "Type=Application\n"
                               "Name=Viewer\n"
                               "Name[de]=Betrachter\n"
                               "Name[fr_CA]=Visionneuse\\sà images\n"
                               "GenericName=Image Viewer\n"
                               "Comment=Look at \\\\ things\n"
                               "Icon=org.example.Viewer\n"
                               "TryExec=sh\n"
                               "Exec=sh -c \"viewer\" %F\n"
                               "Path=/tmp\n"
                               "Terminal=false\n"
                               "NoDisplay=true\n"
                               "DBusActivatable=true\n"
                               "StartupNotify=true\n"
                               "StartupWMClass=viewer\n"
                               "MimeType=image/png;image/jpeg;\n"
                               "Categories=Graphics;Viewer;\n"
                               "Actions=new-window;quit;\n"
                               "X-Vendor-Key=kept\n"
                               "\n"
                               "[Desktop Action new-window]\n"
                               "Name=New Window\n"
                               "Name[de]=Neues Fenster\n"
                               "Exec=sh --new-window %u\n"
                               "\n"
                               "[Desktop Action quit]\n"
                               "Name=Quit\n"
                               "Exec=sh --quit\n"
                               "\n"
                               "[X-Vendor Group]\n"
                               "Exec=evil\n";

static GKeyFile *
load(const char *path)
{
    g_autoptr(GError) error = NULL;
    GKeyFile *entry = g_key_file_new();

    g_key_file_load_from_file(entry, path, G_KEY_FILE_KEEP_TRANSLATIONS, &error);
    g_assert_no_error(error);
    return entry;
}

static void
assert_value(GKeyFile *entry, const char *group, const char *key, const char *expected)
{
    g_autofree char *value = g_key_file_get_string(entry, group, key, NULL);

    g_assert_cmpstr(value, ==, expected);
}

/* What the installed checker finds to complain about, which is nothing. */
static void
assert_valid(const char *path)
{
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;
    g_autoptr(GError) error = NULL;
    const char *argv[] = {"desktop-file-validate", "--no-hints", path, NULL};
    int status;

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_cmpstr(out, ==, "");
    g_assert_cmpint(status, ==, 0);
}

static void
test_create(void)
{
    write_entry(g_get_system_data_dirs()[0], "org.example.Viewer.desktop", original);
    g_autoptr(GError) error = NULL;
    g_autofree char *path =
        wgw_desktop_launcher_create("my work", "org.example.Viewer.desktop", &error);
    g_autofree char *base = path ? g_path_get_basename(path) : NULL;
    g_autoptr(GKeyFile) entry = NULL;

    g_assert_no_error(error);
    g_assert_cmpstr(base, ==, "org.wgwrap.WgWrap.launcher.my_20work.org.example.Viewer.desktop");
    g_assert_true(g_str_has_prefix(path, g_get_user_data_dir()));
    assert_valid(path);
    entry = load(path);
    assert_value(entry, "Desktop Entry", "Name", "Viewer (my work)");
    assert_value(entry, "Desktop Entry", "Name[de]", "Betrachter (my work)");
    assert_value(entry, "Desktop Entry", "Name[fr_CA]", "Visionneuse à images (my work)");
    assert_value(entry, "Desktop Entry", "GenericName", "Image Viewer");
    assert_value(entry, "Desktop Entry", "Comment", "Look at \\ things");
    assert_value(entry, "Desktop Entry", "Icon", "org.example.Viewer");
    assert_value(entry, "Desktop Entry", "TryExec", "sh");
    assert_value(entry, "Desktop Entry", "StartupWMClass", "viewer");
    assert_value(entry, "Desktop Entry", "MimeType", "image/png;image/jpeg;");
    assert_value(entry, "Desktop Entry", "X-Vendor-Key", "kept");
    assert_value(entry, "Desktop Entry", "X-WgWrap-Profile", "my work");
    assert_value(entry, "Desktop Entry", "X-WgWrap-Original", "org.example.Viewer.desktop");
    assert_value(entry, "Desktop Entry", "DBusActivatable", NULL);
    assert_value(entry, "Desktop Entry", "NoDisplay", NULL);
    assert_value(entry, "Desktop Entry", "Path", NULL);
    assert_value(entry, "Desktop Action new-window", "Name[de]", "Neues Fenster");
    g_assert_false(g_key_file_has_group(entry, "X-Vendor Group"));
}

/* One of the launcher's own where the application takes it. */
static void
test_window_class(void)
{
    static const struct {
        const char *id, *exec, *expected;
    } cases[] = {
        {"firefox.desktop", "/opt/firefox %u", "org.wgwrap.WgWrap.launcher.work.firefox"},
        {"chromium.desktop", "chromium %U", "org.wgwrap.WgWrap.launcher.work.chromium"},
        {"org.mozilla.firefox.desktop", "flatpak run org.mozilla.firefox %u", "theirs"},
        {"chrome-app.desktop", "chromium --user-data-dir=/x", "theirs"},
        {"org.example.Other.desktop", "other", "theirs"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = entry_text(cases[i].exec, "StartupWMClass=theirs\n");
        g_autoptr(GError) error = NULL;
        g_autofree char *path = NULL;
        g_autofree char *window_class = NULL;
        g_autoptr(GKeyFile) entry = NULL;

        write_entry(NULL, cases[i].id, text);
        window_class = wgw_desktop_launcher_find_window_class("work", cases[i].id);
        g_assert_null(window_class);
        path = wgw_desktop_launcher_create("work", cases[i].id, &error);
        g_assert_no_error(error);
        entry = load(path);
        assert_value(entry, "Desktop Entry", "StartupWMClass", cases[i].expected);
        window_class = wgw_desktop_launcher_find_window_class("work", cases[i].id);
        g_assert_true(g_str_has_prefix(window_class, "org.wgwrap.WgWrap.launcher.work."));
        if (!g_str_equal(cases[i].expected, "theirs"))
            g_assert_cmpstr(window_class, ==, cases[i].expected);
    }
}

/* What the desktop runs when somebody chooses the launcher, an action of it, or drops files on it:
 * expanded by our own expansion, which is GIO's (see the tests of Exec=). */
static void
assert_runs(const char *launcher, const char *action, const char *const *uris, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwApplication) application = wgw_application_find(launcher, &error);
    g_autoptr(GPtrArray) commands = NULL;
    g_autofree char *joined = NULL;

    g_assert_no_error(error);
    commands = wgw_application_expand(application, action, uris, NULL, &error);
    g_assert_no_error(error);
    joined = join_commands(commands);
    g_assert_cmpstr(joined, ==, expected);
}

static void
test_runs(void)
{
    static const char *const files[] = {"file:///tmp/a%20b", "file:///tmp/c", NULL};
    static const char *const links[] = {"https://example.com/", NULL};
    static const struct {
        const char *profile, *argument;
    } profiles[] = {
        {"work", "work"},     {"a b", "a b"},
        {"-x", "-x"},         {"100% \"$(id)\" `id` 'x' \\ %f", "100% \"$(id)\" `id` 'x' \\ %f"},
        {"Büro;x", "Büro;x"},
    };
    write_entry(g_get_system_data_dirs()[0], "org.example.Viewer.desktop", original);

    g_setenv("WG_WRAP_PROGRAMS", "/opt/wg wrap", TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(profiles); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path =
            wgw_desktop_launcher_create(profiles[i].profile, "org.example.Viewer", &error);
        g_autofree char *plain = g_strdup_printf(
            "/opt/wg wrap/wg-wrap|open|--|%s|org.example.Viewer.desktop", profiles[i].argument);
        g_autofree char *with_files = g_strconcat(plain, "|/tmp/a b|/tmp/c", NULL);
        g_autofree char *new_window = g_strdup_printf(
            "/opt/wg wrap/wg-wrap|open|--action=new-window|--|%s|org.example.Viewer.desktop|%s",
            profiles[i].argument, links[0]);
        g_autofree char *quit = g_strdup_printf(
            "/opt/wg wrap/wg-wrap|open|--action=quit|--|%s|org.example.Viewer.desktop",
            profiles[i].argument);

        g_assert_no_error(error);
        assert_valid(path);
        assert_runs(path, NULL, NULL, plain);
        assert_runs(path, NULL, files, with_files);
        assert_runs(path, "new-window", links, new_window);
        assert_runs(path, "quit", NULL, quit);
    }
    g_unsetenv("WG_WRAP_PROGRAMS");
}

/* The icon is the application's with an emblem, as a picture that renderers need no other file for. */
static void
test_icon(void)
{
    static const struct {
        const char *file, *content;
        const char *within; /* in base64; NULL: it is none to draw on */
    } cases[] = {
        {"icons/hicolor/48x48/apps/org.example.Viewer.png", "\x89PNG\r\n\x1a\n...",
         "data:image/png;base64,iVBORw0KGgouLi4=\""},
        {"icons/hicolor/scalable/apps/org.example.Viewer.svg", "<svg/>",
         "data:image/svg+xml;base64,PHN2Zy8+\""},
        {"pixmaps/org.example.Viewer.png", "GIF89a", NULL},
        {"pixmaps/org.example.Viewer.svg", "", NULL},
    };
    write_entry(g_get_system_data_dirs()[0], "org.example.Viewer.desktop", original);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *file = g_build_filename(g_get_system_data_dirs()[0], cases[i].file, NULL);
        g_autofree char *directory = g_path_get_dirname(file);
        g_autoptr(GError) error = NULL;
        g_autofree char *path = NULL;
        g_autofree char *icon = NULL;
        g_autofree char *text = NULL;
        g_autoptr(GKeyFile) entry = NULL;

        g_assert_cmpint(g_mkdir_with_parents(directory, 0700), ==, 0);
        g_assert_true(g_file_set_contents(file, cases[i].content, -1, NULL));
        path = wgw_desktop_launcher_create("icons", "org.example.Viewer", &error);
        g_assert_no_error(error);
        assert_valid(path);
        entry = load(path);
        icon = g_key_file_get_string(entry, "Desktop Entry", "Icon", NULL);
        if (cases[i].within) {
            g_assert_true(g_str_has_prefix(icon, g_get_user_data_dir()));
            g_assert_true(g_str_has_suffix(icon, ".svg"));
            g_assert_true(g_file_get_contents(icon, &text, NULL, NULL));
            g_assert_nonnull(strstr(text, cases[i].within));
        } else {
            g_assert_cmpstr(icon, ==, "org.example.Viewer");
        }
        g_assert_true(wgw_desktop_launcher_remove("icons", "org.example.Viewer", NULL));
        if (cases[i].within)
            g_assert_false(g_file_test(icon, G_FILE_TEST_EXISTS));
        g_unlink(file);
    }
}

static void
test_replace_and_remove(void)
{
    const char *source = write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    g_autofree char *first = wgw_desktop_launcher_create("a", "v", NULL);
    g_autofree char *second = wgw_desktop_launcher_create("a", "v.desktop", NULL);
    g_autofree char *other = wgw_desktop_launcher_create("b", "v.desktop", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_cmpstr(first, ==, second);
    g_assert_true(wgw_desktop_launcher_remove("a", "v", &error));
    g_assert_no_error(error);
    g_assert_false(g_file_test(first, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(other, G_FILE_TEST_EXISTS));
    g_assert_false(wgw_desktop_launcher_remove("a", "v", &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_APPLICATION);
    g_clear_error(&error);
    /* Also when the application is gone. */
    g_unlink(source);
    g_assert_true(wgw_desktop_launcher_remove("b", "v", &error));
}

/* A file of that name that somebody else made, or a link to one, is left alone. */
static void
test_not_ours(void)
{
    const char *name = "org.wgwrap.WgWrap.launcher.a.v.desktop";
    write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    g_autofree char *victim = g_build_filename(g_get_user_data_dir(), "victim", NULL);

    for (int link = 0; link < 2; link++) {
        const char *path = write_entry(NULL, name, original);
        g_autofree char *content = NULL;
        g_autoptr(GError) error = NULL;

        if (link) {
            g_assert_cmpint(g_rename(path, victim), ==, 0);
            g_assert_cmpint(symlink(victim, path), ==, 0);
        }
        g_assert_null(wgw_desktop_launcher_create("a", "v", &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED);
        g_clear_error(&error);
        g_assert_false(wgw_desktop_launcher_remove("a", "v", &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED);
        g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
        g_assert_cmpstr(content, ==, original);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
}

static void
test_refused(void)
{
    const char *source = write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    g_autofree char *launcher = wgw_desktop_launcher_create("a", "v", NULL);
    g_autofree char *base = g_path_get_basename(launcher);
    const struct {
        const char *profile, *id;
        WgwError code;
    } cases[] = {
        {"a", "none", WGW_ERROR_NO_SUCH_APPLICATION},
        {"a", "", WGW_ERROR_INVALID_ARGUMENT},
        {"a", "../v", WGW_ERROR_INVALID_ARGUMENT},
        {"a", source, WGW_ERROR_INVALID_ARGUMENT},
        {"../a", "v", WGW_ERROR_INVALID_ARGUMENT},
        {"a\nExec=evil", "v", WGW_ERROR_INVALID_ARGUMENT},
        {"b", base, WGW_ERROR_INVALID_ARGUMENT},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(wgw_desktop_launcher_create(cases[i].profile, cases[i].id, &error));
        if (!g_error_matches(error, WGW_ERROR, cases[i].code))
            g_error("%s: %s", cases[i].id, error->message);
    }
}

/* Names as long as they may be still make a file's name. */
static void
test_long_names(void)
{
    write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    g_autoptr(GString) profile = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;

    for (int i = 0; i < 60; i++)
        g_string_append(profile, "東");
    path = wgw_desktop_launcher_create(profile->str, "v", &error);
    g_assert_no_error(error);
    assert_valid(path);
    g_assert_true(wgw_desktop_launcher_remove(profile->str, "v", &error));
}

static gboolean
is_not_gone(const char *name, gpointer user_data)
{
    return !g_str_equal(name, "gone");
}

/* The launchers follow: how often the file was written is seen by its inode. */
static guint64
inode(const char *path)
{
    struct stat st;

    g_assert_cmpint(stat(path, &st), ==, 0);
    return st.st_ino;
}

static void
test_follows_the_original(void)
{
    const char *source = write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    g_autofree char *path = wgw_desktop_launcher_create("a", "v", NULL);
    g_autofree char *gone = wgw_desktop_launcher_create("gone", "v", NULL);
    g_autofree char *other = wgw_desktop_launcher_create("b", "v", NULL);
    g_autofree char *changed =
        entry_text("sh --changed %u", "Name[de]=Neu\nActions=x;\n\n"
                                      "[Desktop Action x]\nName=X\nExec=sh -x\n");
    const char *stranger = write_entry(NULL, "org.wgwrap.WgWrap.launcher.c.v.desktop", original);
    guint64 before = inode(path);

    /* As it is. */
    g_assert_true(wgw_desktop_launcher_refresh_all(is_not_gone, NULL));
    g_assert_cmpuint(inode(path), ==, before);
    g_assert_false(g_file_test(gone, G_FILE_TEST_EXISTS));

    /* Changed: names, actions, what it takes. */
    write_entry(g_get_system_data_dirs()[0], "v.desktop", changed);
    g_assert_true(wgw_desktop_launcher_refresh_all(is_not_gone, NULL));
    for (int i = 0; i < 2; i++) {
        g_autoptr(GKeyFile) entry = load(i ? other : path);
        g_autofree char *exec = g_key_file_get_string(entry, "Desktop Entry", "Exec", NULL);

        assert_value(entry, "Desktop Entry", "Name", i ? "Test App (b)" : "Test App (a)");
        assert_value(entry, "Desktop Entry", "Name[de]", i ? "Neu (b)" : "Neu (a)");
        assert_value(entry, "Desktop Entry", "MimeType", NULL);
        g_assert_true(g_str_has_suffix(exec, "%U"));
        g_assert_true(g_key_file_has_group(entry, "Desktop Action x"));
        g_assert_false(g_key_file_has_group(entry, "Desktop Action quit"));
    }

    /* Gone, and back. */
    g_assert_cmpint(g_unlink(source), ==, 0);
    for (int i = 0; i < 2; i++) {
        g_autoptr(GKeyFile) entry = NULL;

        before = i ? before : 0;
        g_assert_true(wgw_desktop_launcher_refresh_all(is_not_gone, NULL));
        entry = load(path);
        assert_value(entry, "Desktop Entry", "Hidden", "true");
        assert_value(entry, "Desktop Entry", "Name[de]", "Neu (a)");
        assert_valid(path);
        if (i)
            g_assert_cmpuint(inode(path), ==, before);
        before = inode(path);
    }
    write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    g_assert_true(wgw_desktop_launcher_refresh_all(is_not_gone, NULL));
    {
        g_autoptr(GKeyFile) entry = load(path);

        assert_value(entry, "Desktop Entry", "Hidden", NULL);
        assert_value(entry, "Desktop Entry", "Name", "Viewer (a)");
    }

    /* What was not made by us is as it was. */
    {
        g_autofree char *text = NULL;

        g_assert_true(g_file_get_contents(stranger, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, original);
    }
    g_unlink(stranger);
    wgw_desktop_launcher_remove_profile("a");
    wgw_desktop_launcher_remove_profile("b");
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
}

static void
test_follows_the_profile(void)
{
    write_entry(g_get_system_data_dirs()[0], "v.desktop", original);
    write_entry(g_get_system_data_dirs()[0], "w.desktop", original);
    g_autofree char *old_v = wgw_desktop_launcher_create("old", "v", NULL);
    g_autofree char *old_w = wgw_desktop_launcher_create("old", "w", NULL);
    g_autofree char *older = wgw_desktop_launcher_create("older", "w", NULL);
    g_autofree char *directory = g_path_get_dirname(old_v);
    static const char *const applications[] = {"v", "w"};

    wgw_desktop_launcher_rename_profile("old", "new name");
    for (gsize i = 0; i < G_N_ELEMENTS(applications); i++) {
        g_autofree char *file =
            g_strdup_printf("org.wgwrap.WgWrap.launcher.new_20name.%s.desktop", applications[i]);
        g_autofree char *path = g_build_filename(directory, file, NULL);
        g_autoptr(GKeyFile) entry = load(path);

        assert_value(entry, "Desktop Entry", "Name", "Viewer (new name)");
        assert_value(entry, "Desktop Entry", "X-WgWrap-Profile", "new name");
    }
    g_assert_false(g_file_test(old_v, G_FILE_TEST_EXISTS));
    g_assert_false(g_file_test(old_w, G_FILE_TEST_EXISTS));
    wgw_desktop_launcher_remove_profile("new name");
    g_assert_true(g_file_test(older, G_FILE_TEST_EXISTS));
    wgw_desktop_launcher_remove_profile("older");
    g_assert_false(g_file_test(older, G_FILE_TEST_EXISTS));
}

/* Whoever wrote it, it is nobody's. */
static void
test_unreadable(void)
{
    g_autofree char *text =
        entry_text("true", "X-WgWrap-Profile=\xff\nX-WgWrap-Original=v.desktop\n");
    const char *path = write_entry(NULL, "org.wgwrap.WgWrap.launcher.a.v.desktop", text);

    wgw_desktop_launcher_refresh_all(is_not_gone, NULL);
    wgw_desktop_launcher_remove_profile("a");
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/desktop-launcher/create", test_create);
    g_test_add_func("/desktop-launcher/window-class", test_window_class);
    g_test_add_func("/desktop-launcher/runs-wg-wrap", test_runs);
    g_test_add_func("/desktop-launcher/icon-has-an-emblem", test_icon);
    g_test_add_func("/desktop-launcher/replace-and-remove", test_replace_and_remove);
    g_test_add_func("/desktop-launcher/leaves-others-files-alone", test_not_ours);
    g_test_add_func("/desktop-launcher/refused", test_refused);
    g_test_add_func("/desktop-launcher/long-names", test_long_names);
    g_test_add_func("/desktop-launcher/follows-the-original", test_follows_the_original);
    g_test_add_func("/desktop-launcher/follows-the-profile", test_follows_the_profile);
    g_test_add_func("/desktop-launcher/unreadable", test_unreadable);
    return run_isolated();
}
