/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/application.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbus/error.h"
#include "entries.h"

static void
assert_found(const char *id, const char *expected_id, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(WgwApplication) application = wgw_application_find(id, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(wgw_application_get_id(application), ==, expected_id);
    g_assert_cmpstr(wgw_application_get_path(application), ==, path);
    g_assert_cmpstr(wgw_application_get_name(application), ==, "Test App");
}

static void
assert_error(const char *id, WgwError code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(wgw_application_find(id, &error));
    if (!g_error_matches(error, WGW_ERROR, code))
        g_error("%s: %s", id, error->message);
}

static void
test_find(void)
{
    const char *system = g_get_system_data_dirs()[0];
    g_autofree char *text = entry_text("app", "");
    const char *user_path = write_entry(NULL, "a.desktop", text);
    const char *system_path = write_entry(system, "a.desktop", text);
    const char *only_system = write_entry(system, "b.desktop", text);
    const char *vendor = write_entry(NULL, "vendor/sub-dir/c-d.desktop", text);

    assert_found("a.desktop", "a.desktop", user_path);
    assert_found("a", "a.desktop", user_path);
    assert_found("b", "b.desktop", only_system);
    assert_found("vendor-sub-dir-c-d.desktop", "vendor-sub-dir-c-d.desktop", vendor);
    assert_found(system_path, "a.desktop", system_path);
    assert_error("none", WGW_ERROR_NO_SUCH_APPLICATION);
    assert_error("", WGW_ERROR_NO_SUCH_APPLICATION);
    assert_error("-", WGW_ERROR_NO_SUCH_APPLICATION);
    assert_error("..-applications-a.desktop", WGW_ERROR_NO_SUCH_APPLICATION);
    assert_error("/nowhere/a.desktop", WGW_ERROR_NO_SUCH_APPLICATION);
}

/* A user hides a system's entry by one of the same name. */
static void
test_hidden(void)
{
    const char *system = g_get_system_data_dirs()[0];
    g_autofree char *text = entry_text("app", "");
    g_autofree char *hidden = entry_text("app", "Hidden=true");
    g_autofree char *no_display = entry_text("app", "NoDisplay=true");
    const char *quiet_path = write_entry(NULL, "quiet.desktop", no_display);

    write_entry(system, "h.desktop", text);
    write_entry(NULL, "h.desktop", hidden);
    assert_error("h", WGW_ERROR_NO_SUCH_APPLICATION);
    assert_found("quiet", "quiet.desktop", quiet_path);
}

static void
test_try_exec(void)
{
    g_autofree char *there = entry_text("app", "TryExec=sh");
    g_autofree char *absolute = entry_text("app", "TryExec=/bin/sh");
    g_autofree char *missing = entry_text("app", "TryExec=no-such-program");
    g_autofree char *no_program = entry_text("app", "TryExec=/etc/passwd");
    const char *a = write_entry(NULL, "a.desktop", there);
    const char *b = write_entry(NULL, "b.desktop", absolute);
    write_entry(NULL, "c.desktop", missing);
    write_entry(NULL, "d.desktop", no_program);

    assert_found("a", "a.desktop", a);
    assert_found("b", "b.desktop", b);
    assert_error("c", WGW_ERROR_NO_SUCH_APPLICATION);
    assert_error("d", WGW_ERROR_NO_SUCH_APPLICATION);
}

static void
test_broken(void)
{
    static const struct {
        const char *file, *text;
    } cases[] = {
        {"empty.desktop", ""},
        {"binary.desktop", "\x7f"
                           "ELF\x02\x01\x01"},
        {"link.desktop", "[Desktop Entry]\nType=Link\nName=Test App\nURL=https://example.com/\n"},
        {"no-type.desktop", "[Desktop Entry]\nName=Test App\nExec=app\n"},
        {"no-name.desktop", "[Desktop Entry]\nType=Application\nExec=app\n"},
        {"no-group.desktop", "Type=Application\nName=Test App\nExec=app\n"},
    };
    g_autofree char *directory = g_build_filename(g_get_user_data_dir(), "applications", NULL);
    g_autofree char *fifo = g_build_filename(directory, "fifo.desktop", NULL);
    g_autofree char *large = g_build_filename(directory, "large.desktop", NULL);
    g_autofree char *folder = g_build_filename(directory, "folder.desktop", NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_entry(NULL, cases[i].file, cases[i].text);

        assert_error(cases[i].file, WGW_ERROR_INVALID_ARGUMENT);
    }
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(large, "", -1, NULL));
    g_assert_cmpint(truncate(large, (off_t)1 << 40), ==, 0);
    assert_error("fifo", WGW_ERROR_INVALID_ARGUMENT);
    assert_error("large", WGW_ERROR_INVALID_ARGUMENT);
    assert_error("folder", WGW_ERROR_INVALID_ARGUMENT);
}

static void
test_directory_and_bus_name(void)
{
    g_autofree char *text = entry_text("app", "Path=/opt/app\nDBusActivatable=true");
    g_autofree char *odd_text = entry_text("app", "DBusActivatable=true");
    g_autofree char *plain_text = entry_text("app", "");
    write_entry(NULL, "org.example.App.desktop", text);
    write_entry(NULL, "no-name.desktop", odd_text);
    write_entry(NULL, "org.example.Plain.desktop", plain_text);
    g_autoptr(WgwApplication) application = wgw_application_find("org.example.App", NULL);
    g_autoptr(WgwApplication) odd = wgw_application_find("no-name", NULL);
    g_autoptr(WgwApplication) plain = wgw_application_find("org.example.Plain", NULL);

    g_assert_cmpstr(wgw_application_get_directory(application), ==, "/opt/app");
    g_assert_cmpstr(wgw_application_get_bus_name(application), ==, "org.example.App");
    g_assert_null(wgw_application_get_directory(odd));
    g_assert_null(wgw_application_get_bus_name(odd));
    g_assert_cmpstr(wgw_application_get_bus_name(plain), ==, "org.example.Plain");
}

/* An executable of that name in directory, which may be a link to another. */
static void
install(const char *directory, const char *name, const char *target)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);

    if (target) {
        g_assert_cmpint(symlink(target, path), ==, 0);
    } else {
        g_assert_true(g_file_set_contents(path, "#!/bin/sh\n", -1, NULL));
        g_assert_cmpint(chmod(path, 0700), ==, 0);
    }
}

/* Of what is installed, the terminal that keeps the program inside. */
static void
test_terminal(void)
{
    static const struct {
        const char *installed[4]; /* "LINK>TARGET" for a link */
        const char *command, *bus_name;
    } cases[] = {
        {{"xterm"}, "xterm|-e|app|x y", NULL},
        {{"xterm", "foot"}, "foot|--|app|x y", NULL},
        {{"xterm", "foot", "x-terminal-emulator>xterm"}, "xterm|-e|app|x y", NULL},
        {{"xterm", "xfce4-terminal", "xfce4-terminal.wrapper",
          "x-terminal-emulator>xfce4-terminal.wrapper"},
         "xfce4-terminal|--disable-server|-x|app|x y",
         NULL},
        {{"xterm", "gnome-terminal", "gnome-terminal.wrapper",
          "x-terminal-emulator>gnome-terminal.wrapper"},
         "xterm|-e|app|x y",
         NULL},
        {{"gnome-terminal", "xdg-terminal-exec"},
         "gnome-terminal|--wait|--|app|x y",
         "org.gnome.Terminal"},
        {{"mine", "x-terminal-emulator>mine"}, "x-terminal-emulator|-e|app|x y", NULL},
        {{"xdg-terminal-exec"}, "xdg-terminal-exec|app|x y", NULL},
        {{"sh"}, NULL, NULL},
    };
    g_autofree char *old_path = g_strdup(g_getenv("PATH"));
    g_autofree char *text = entry_text("app \"x y\"", "Terminal=true");
    write_entry(NULL, "test.desktop", text);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *bin = g_dir_make_tmp("wg-wrap-bin-XXXXXX", NULL);
        g_autoptr(WgwApplication) application = NULL;
        g_autoptr(GPtrArray) commands = NULL;
        g_autofree char *command = NULL;
        g_autoptr(GError) error = NULL;
        gsize program;

        for (gsize j = 0; j < 4 && cases[i].installed[j]; j++) {
            g_auto(GStrv) parts = g_strsplit(cases[i].installed[j], ">", 2);

            install(bin, parts[0], parts[1]);
        }
        g_setenv("PATH", bin, TRUE);
        application = wgw_application_find("test", &error);
        g_assert_no_error(error);
        commands = wgw_application_expand(application, NULL, NULL, &program, &error);
        if (commands)
            g_assert_cmpstr(((char **)commands->pdata[0])[program], ==, "app");
        command = commands ? join_commands(commands) : NULL;
        g_assert_cmpstr(command, ==, cases[i].command);
        g_assert_cmpstr(wgw_application_get_bus_name(application), ==, cases[i].bus_name);
        if (!command)
            g_assert_error(error, WGW_ERROR, WGW_ERROR_SPAWN_FAILED);
        for (gsize j = 0; j < 4 && cases[i].installed[j]; j++) {
            g_auto(GStrv) parts = g_strsplit(cases[i].installed[j], ">", 2);
            g_autofree char *path = g_build_filename(bin, parts[0], NULL);

            g_unlink(path);
        }
        g_rmdir(bin);
    }
    g_setenv("PATH", old_path, TRUE);
}

int
main(int argc, char **argv)
{
    init_isolated(&argc, &argv);
    g_test_add_func("/application/find", test_find);
    g_test_add_func("/application/hidden-is-not-there", test_hidden);
    g_test_add_func("/application/try-exec", test_try_exec);
    g_test_add_func("/application/broken-entries", test_broken);
    g_test_add_func("/application/directory-and-bus-name", test_directory_and_bus_name);
    g_test_add_func("/application/terminals-keep-it-inside", test_terminal);
    return run_isolated();
}
