/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/store.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "samples.h"

#define OTHER "[Interface]\nPrivateKey = " PRIVATE_2 "\nAddress = 10.7.0.9/32\n"

/* A store on a directory of its own, and what it said: "+name", "~name", "-name". */
typedef struct {
    char *directory;
    WgwProfileStore *store;
    GString *log;
} Fixture;

static void
write_down(Fixture *fixture, char sign, WgwProfile *profile)
{
    g_string_append_printf(fixture->log, "%s%c%s", fixture->log->len ? " " : "", sign,
                           wgw_profile_get_name(profile));
}

static void
on_added(WgwProfileStore *store, WgwProfile *profile, Fixture *fixture)
{
    g_assert_true(wgw_profile_store_lookup(store, wgw_profile_get_name(profile)) == profile);
    write_down(fixture, '+', profile);
}

static void
on_changed(WgwProfileStore *store, WgwProfile *profile, Fixture *fixture)
{
    g_assert_true(wgw_profile_store_lookup(store, wgw_profile_get_name(profile)) == profile);
    write_down(fixture, '~', profile);
}

static void
on_removed(WgwProfileStore *store, WgwProfile *profile, Fixture *fixture)
{
    g_assert_null(wgw_profile_store_lookup(store, wgw_profile_get_name(profile)));
    write_down(fixture, '-', profile);
}

static void
open_store(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;

    fixture->store = wgw_profile_store_new(fixture->directory);
    g_signal_connect(fixture->store, "profile-added", G_CALLBACK(on_added), fixture);
    g_signal_connect(fixture->store, "profile-changed", G_CALLBACK(on_changed), fixture);
    g_signal_connect(fixture->store, "profile-removed", G_CALLBACK(on_removed), fixture);
    wgw_profile_store_open(fixture->store, &error);
    g_assert_no_error(error);
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
    g_autofree char *top = g_dir_make_tmp("wg-wrap-store-XXXXXX", NULL);

    fixture->directory = g_build_filename(top, "profiles", NULL);
    fixture->log = g_string_new(NULL);
    open_store(fixture);
}

static char *
path_of(Fixture *fixture, const char *file)
{
    return g_build_filename(fixture->directory, file, NULL);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    g_autofree char *top = g_path_get_dirname(fixture->directory);
    g_autoptr(GDir) dir = g_dir_open(fixture->directory, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = path_of(fixture, name);

        g_assert_cmpint(remove(path), ==, 0);
    }
    g_rmdir(fixture->directory);
    g_rmdir(top);
    g_assert_finalize_object(fixture->store);
    g_string_free(fixture->log, TRUE);
    g_free(fixture->directory);
}

static gboolean
on_timeout(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

static void
iterate_for(guint ms)
{
    gboolean over = FALSE;

    g_timeout_add(ms, on_timeout, &over);
    while (!over)
        g_main_context_iteration(NULL, TRUE);
}

/* Wait until the store has said what it should, and a moment longer for what it should not. */
static void
assert_log(Fixture *fixture, const char *expected)
{
    gint64 end = g_get_monotonic_time() + 20 * G_USEC_PER_SEC;

    while (fixture->log->len < strlen(expected) && g_get_monotonic_time() < end)
        iterate_for(20);
    iterate_for(300);
    g_assert_cmpstr(fixture->log->str, ==, expected);
    g_string_truncate(fixture->log, 0);
}

static void
write_file(Fixture *fixture, const char *file, const char *text, int flags)
{
    g_autofree char *path = path_of(fixture, file);
    WGW_AUTOCLOSE int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(wgw_fd_write_all(fd, text, strlen(text)), ==, 0);
}

static void
move_file(Fixture *fixture, const char *from, const char *to)
{
    g_autofree char *from_path = path_of(fixture, from);
    g_autofree char *to_path = path_of(fixture, to);

    g_assert_cmpint(rename(from_path, to_path), ==, 0);
}

static void
remove_file(Fixture *fixture, const char *file)
{
    g_autofree char *path = path_of(fixture, file);

    g_assert_cmpint(unlink(path), ==, 0);
}

static WgwProfile *
import(Fixture *fixture, const char *name)
{
    g_autoptr(GError) error = NULL;
    WgwProfile *profile = wgw_profile_store_import(fixture->store, name, MINIMAL, -1, &error);

    g_assert_no_error(error);
    return profile;
}

static void
assert_text(Fixture *fixture, const char *file, const char *expected)
{
    g_autofree char *path = path_of(fixture, file);
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
}

/* The store's own doing: at once, and once. */

static void
test_import(Fixture *fixture, gconstpointer data)
{
    WgwProfile *profile = import(fixture, "Büro 2");
    g_autofree char *path = path_of(fixture, "Büro 2.conf");
    g_autoptr(GError) error = NULL;
    struct stat st;

    g_assert_cmpstr(fixture->log->str, ==, "+Büro 2");
    g_assert_cmpstr(wgw_profile_get_path(profile), ==, path);
    g_assert_true(wgw_profile_is_valid(profile));
    g_assert_cmpuint(wgw_profile_get_problems(profile)->len, ==, 0);
    g_assert_null(wgw_config_get_private_key(wgw_profile_get_config(profile)));
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0600);
    g_assert_cmpint(stat(fixture->directory, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0700);

    g_assert_null(wgw_profile_store_import(fixture->store, "Büro 2", OTHER, -1, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS);
    g_clear_error(&error);
    g_assert_null(
        wgw_profile_store_import(fixture->store, "bad", "[Interface]\nMTU=x", -1, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE);
    g_assert_true(g_str_has_prefix(error->message, "2:5: "));
    assert_text(fixture, "Büro 2.conf", MINIMAL);
    assert_log(fixture, "+Büro 2");
}

static void
test_update(Fixture *fixture, gconstpointer data)
{
    WgwProfile *profile = import(fixture, "a");
    g_autoptr(WgwConfig) config = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(wgw_profile_store_update(
        fixture->store, profile,
        "# new\n[Interface]\nPrivateKey = (hidden)\nAddress = 10.7.0.3/32\n", -1, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(fixture->log->str, ==, "+a ~a");
    assert_text(fixture, "a.conf",
                "# new\n[Interface]\nPrivateKey = " PRIVATE "\nAddress = 10.7.0.3/32\n");
    config = wgw_profile_load(profile, &error);
    g_assert_no_error(error);
    g_assert_nonnull(wgw_config_get_private_key(config));

    g_assert_false(
        wgw_profile_store_update(fixture->store, profile, "[Interface]\nMTU=x", -1, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE);
    g_clear_error(&error);
    g_assert_false(wgw_profile_store_update(
        fixture->store, profile,
        "[Interface]\nPrivateKey=(hidden)\n[Peer]\nPublicKey=" PEER_A "\nPresharedKey=(hidden)\n",
        -1, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE);
    g_assert_true(g_str_has_prefix(error->message, "5:14: "));
    assert_text(fixture, "a.conf",
                "# new\n[Interface]\nPrivateKey = " PRIVATE "\nAddress = 10.7.0.3/32\n");
    assert_log(fixture, "+a ~a");
}

static void
test_rename(Fixture *fixture, gconstpointer data)
{
    WgwProfile *a = import(fixture, "a"), *c;
    g_autoptr(GError) error = NULL;

    import(fixture, "b");
    g_assert_null(wgw_profile_store_rename(fixture->store, a, "b", &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS);
    g_clear_error(&error);
    g_assert_null(wgw_profile_store_rename(fixture->store, a, "../b", &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    g_clear_error(&error);
    c = wgw_profile_store_rename(fixture->store, a, "c", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(wgw_profile_get_name(c), ==, "c");
    g_assert_null(wgw_profile_store_lookup(fixture->store, "a"));
    assert_log(fixture, "+a +b -a +c");
}

static void
test_remove(Fixture *fixture, gconstpointer data)
{
    g_autoptr(WgwProfile) a = g_object_ref(import(fixture, "a"));
    g_autoptr(GError) error = NULL;

    g_assert_true(wgw_profile_store_remove(fixture->store, a, &error));
    g_assert_no_error(error);
    g_assert_false(wgw_profile_store_remove(fixture->store, a, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE);
    g_clear_error(&error);
    g_assert_cmpint(wgw_profile_open(a, &error), ==, -1);
    g_assert_error(error, WGW_ERROR, WGW_ERROR_NO_SUCH_PROFILE);
    assert_log(fixture, "+a -a");
}

/* Others' doing */

/* Write another file and move it over: sed -i, gedit, Visual Studio Code, KDE. */
static void
save_by_rename(Fixture *fixture)
{
    write_file(fixture, ".goutputstream-ABC123", OTHER, O_EXCL);
    move_file(fixture, ".goutputstream-ABC123", "a.conf");
}

/* vim: try the directory, keep a swap file, move the old file away, write a new one. */
static void
save_as_vim(Fixture *fixture)
{
    write_file(fixture, ".a.conf.swp", "b0VIM", O_EXCL);
    write_file(fixture, "4913", "", O_EXCL);
    remove_file(fixture, "4913");
    move_file(fixture, "a.conf", "a.conf~");
    write_file(fixture, "a.conf", OTHER, O_EXCL);
    remove_file(fixture, "a.conf~");
    remove_file(fixture, ".a.conf.swp");
}

/* emacs: a lock that is a dangling link, an autosave file, a backup, and a write in place. */
static void
save_as_emacs(Fixture *fixture)
{
    g_autofree char *lock = path_of(fixture, ".#a.conf");

    g_assert_cmpint(symlink("me@host.1:2", lock), ==, 0);
    write_file(fixture, "#a.conf#", OTHER, O_EXCL);
    write_file(fixture, "a.conf~", MINIMAL, O_EXCL);
    write_file(fixture, "a.conf", OTHER, O_TRUNC);
    remove_file(fixture, "#a.conf#");
    remove_file(fixture, ".#a.conf");
    remove_file(fixture, "a.conf~");
}

/* nano, shell redirection. */
static void
save_in_place(Fixture *fixture)
{
    write_file(fixture, "a.conf", OTHER, O_TRUNC);
}

static void
test_editor(Fixture *fixture, gconstpointer save)
{
    WgwProfile *profile = import(fixture, "a");
    WgwAddress address;
    gsize n;

    assert_log(fixture, "+a");
    ((void (*)(Fixture *))save)(fixture);
    assert_log(fixture, "~a");
    g_assert_true(wgw_profile_store_lookup(fixture->store, "a") == profile);
    address = *wgw_config_get_addresses(wgw_profile_get_config(profile), &n);
    g_assert_cmpuint(address.bytes[3], ==, 9);
}

static void
test_coming_and_going(Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = path_of(fixture, "moved.conf");
    g_autofree char *outside = path_of(fixture, "../outside.conf");

    write_file(fixture, "new.conf", MINIMAL, O_EXCL);
    assert_log(fixture, "+new");
    move_file(fixture, "new.conf", "moved.conf");
    assert_log(fixture, "+moved -new");
    g_assert_cmpint(rename(path, outside), ==, 0);
    assert_log(fixture, "-moved");
    g_assert_cmpint(rename(outside, path), ==, 0);
    assert_log(fixture, "+moved");
    remove_file(fixture, "moved.conf");
    assert_log(fixture, "-moved");
}

/* What changes nothing is no change. */
static void
test_touch(Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = path_of(fixture, "a.conf");

    import(fixture, "a");
    write_file(fixture, "a.conf", MINIMAL, O_TRUNC);
    g_assert_cmpint(utimensat(AT_FDCWD, path, NULL, 0), ==, 0);
    assert_log(fixture, "+a");
}

static const char *
code_of(Fixture *fixture, const char *name)
{
    WgwProfile *profile = wgw_profile_store_lookup(fixture->store, name);

    g_assert_nonnull(profile);
    g_assert_cmpuint(wgw_profile_get_problems(profile)->len, >, 0);
    return ((WgwProblem *)wgw_profile_get_problems(profile)->pdata[0])->code;
}

static void
test_permissions(Fixture *fixture, gconstpointer data)
{
    WgwProfile *profile = import(fixture, "a");
    g_autofree char *path = path_of(fixture, "a.conf");

    g_assert_cmpint(chmod(path, 0640), ==, 0);
    assert_log(fixture, "+a ~a");
    g_assert_true(wgw_profile_is_valid(profile));
    g_assert_cmpstr(code_of(fixture, "a"), ==, "readable-by-others");
    g_assert_cmpint(chmod(path, 0600), ==, 0);
    assert_log(fixture, "~a");
    g_assert_cmpuint(wgw_profile_get_problems(profile)->len, ==, 0);
}

/* A profile with a mistake is listed with it, usable again when it is put right, and never touched. */
static void
test_invalid(Fixture *fixture, gconstpointer data)
{
    WgwProfile *profile = import(fixture, "a");
    g_autoptr(GError) error = NULL;

    write_file(fixture, "a.conf", MINIMAL "Nonsense = 1\n", O_TRUNC);
    assert_log(fixture, "+a ~a");
    g_assert_false(wgw_profile_is_valid(profile));
    g_assert_null(wgw_profile_get_config(profile));
    g_assert_cmpstr(code_of(fixture, "a"), ==, "unknown-key");
    g_assert_null(wgw_profile_load(profile, &error));
    g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_PROFILE);
    assert_text(fixture, "a.conf", MINIMAL "Nonsense = 1\n");
    write_file(fixture, "a.conf", MINIMAL, O_TRUNC);
    assert_log(fixture, "~a");
    g_assert_true(wgw_profile_is_valid(profile));
}

/* Nothing that carries a profile's name can make the store wait, follow, or fall. */
static void
test_hostile_entries(Fixture *fixture, gconstpointer data)
{
    static const char *const bad[] = {"fifo", "dir", "link", "large"};
    g_autofree char *fifo = path_of(fixture, "fifo.conf");
    g_autofree char *directory = path_of(fixture, "dir.conf");
    g_autofree char *link_path = path_of(fixture, "link.conf");
    g_autofree char *large = path_of(fixture, "large.conf");
    g_autofree char *not_utf8 = path_of(fixture, "\xff\xfe.conf");
    g_autofree char *newline = path_of(fixture, "a\nb.conf");
    g_autoptr(GPtrArray) profiles = NULL;

    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(mkdir(directory, 0700), ==, 0);
    g_assert_cmpint(symlink("/etc/passwd", link_path), ==, 0);
    write_file(fixture, "large.conf", "", O_EXCL);
    g_assert_cmpint(truncate(large, (off_t)1 << 40), ==, 0);
    g_assert_true(g_file_set_contents(not_utf8, MINIMAL, -1, NULL));
    g_assert_true(g_file_set_contents(newline, MINIMAL, -1, NULL));
    write_file(fixture, ".hidden.conf", MINIMAL, O_EXCL);
    write_file(fixture, ".conf", MINIMAL, O_EXCL);
    write_file(fixture, "no-profile.txt", MINIMAL, O_EXCL);

    g_object_unref(fixture->store);
    g_string_truncate(fixture->log, 0);
    open_store(fixture);
    profiles = wgw_profile_store_dup_profiles(fixture->store);
    g_assert_cmpuint(profiles->len, ==, G_N_ELEMENTS(bad));
    g_assert_cmpstr(wgw_profile_get_name(profiles->pdata[0]), ==, "dir");
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        WgwProfile *profile = wgw_profile_store_lookup(fixture->store, bad[i]);

        g_assert_cmpstr(code_of(fixture, bad[i]), ==, "unreadable");
        g_assert_false(wgw_profile_is_valid(profile));
        g_assert_false(wgw_profile_store_update(fixture->store, profile, MINIMAL, -1, NULL));
    }
}

/* The directory itself may go and come back. */
static void
test_directory_replaced(Fixture *fixture, gconstpointer data)
{
    g_autofree char *aside = g_strconcat(fixture->directory, ".aside", NULL);

    import(fixture, "a");
    g_assert_cmpint(rename(fixture->directory, aside), ==, 0);
    assert_log(fixture, "+a -a");
    g_assert_cmpint(rename(aside, fixture->directory), ==, 0);
    assert_log(fixture, "+a");
}

static void
test_names(void)
{
    static const char *const good[] = {
        "a",
        "Büro",
        "my work",
        "-x",
        "a.conf",
        "~",
        "東京",
        "\xf0\x9f\x90\xa7",
        "0123456789012345678901234567890123456789012345678901234567890123",
    };
    static const char *const bad[] = {
        "",
        ".",
        "..",
        ".a",
        "a/b",
        "../a",
        "/a",
        "a\nb",
        "a\tb",
        "\x1b[0m",
        "a\x7f",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xff",
        "a\xc3",
        "01234567890123456789012345678901234567890123456789012345678901234",
    };
    g_autoptr(GString) wide = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(wgw_profile_name_check(good[i], NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(wgw_profile_name_check(bad[i], &error));
        g_assert_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT);
    }
    /* 64 characters that are more bytes than a file's name can have. */
    for (int i = 0; i < 64; i++)
        g_string_append(wide, "\xf0\x9f\x90\xa7");
    g_assert_false(wgw_profile_name_check(wide->str, NULL));
}

static void
add_editor(const char *path, void (*save)(Fixture *))
{
    g_test_add(path, Fixture, (gconstpointer)save, set_up, test_editor, tear_down);
}

static void
add(const char *path, void (*test)(Fixture *, gconstpointer))
{
    g_test_add(path, Fixture, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/names", test_names);
    add("/store/import", test_import);
    add("/store/update", test_update);
    add("/store/rename", test_rename);
    add("/store/remove", test_remove);
    add_editor("/store/saved-by-rename", save_by_rename);
    add_editor("/store/saved-as-vim-does", save_as_vim);
    add_editor("/store/saved-as-emacs-does", save_as_emacs);
    add_editor("/store/saved-in-place", save_in_place);
    add("/store/files-come-and-go", test_coming_and_going);
    add("/store/touching-is-no-change", test_touch);
    add("/store/permissions-are-a-warning", test_permissions);
    add("/store/invalid-profiles-are-listed", test_invalid);
    add("/store/hostile-entries", test_hostile_entries);
    add("/store/directory-goes-and-comes-back", test_directory_replaced);
    return g_test_run();
}
