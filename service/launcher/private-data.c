/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Removal: nobody uses it; then it is moved, with one call for each recipe, into a directory beside the
 * profiles', whose name no profile can have, and that is emptied.
 *
 * A program uses a directory if it has been told of it, in its command or environment, or has it mounted
 * over another. That is looked up in /proc, of all processes: it holds for those of earlier services and
 * for what a program has started, and says nothing of those that have merely opened a file. */

#include "launcher/private-data.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "dbus/error.h"
#include "launcher/recipe.h"
#include "launcher/tree.h"
#include "profile/profile.h"

#define REMOVED ".removed"

/* Against a sweep and a removal that would empty the same directory. */
static GMutex removing;

static void
private_data_free(gpointer data)
{
    WgwPrivateData *kept = data;

    g_free(kept->profile);
    g_free(kept->recipe);
    g_free(kept->desktop_id);
    g_free(kept->name);
    g_free(kept);
}

/* ---- What there is ---- */

static int
open_directory(int parent, const char *name, int flags)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

/* That of all profiles. Where it is, is the user's business. */
static int
open_all(void)
{
    g_autofree char *path = wgw_recipe_dup_directory(NULL, NULL);

    return open_directory(AT_FDCWD, path, 0);
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of what can be a profile or a recipe, as a file's name and on the bus; in order, NULL-terminated. */
static char **
list_directory(int fd)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    int copy = open_directory(fd, ".", 0);
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;

    while (directory && (entry = readdir(directory)))
        if (*entry->d_name != '.' && g_utf8_validate(entry->d_name, -1, NULL))
            g_ptr_array_add(names, g_strdup(entry->d_name));
    if (directory)
        closedir(directory);
    else
        wgw_fd_close(&copy);
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static void
add_profile(GPtrArray *list, int all, const char *profile)
{
    WGW_AUTOCLOSE int fd = open_directory(all, profile, O_NOFOLLOW);
    g_auto(GStrv) recipes = fd >= 0 ? list_directory(fd) : NULL;

    for (char **recipe = recipes; recipe && *recipe; recipe++) {
        WgwPrivateData *kept = g_new0(WgwPrivateData, 1);
        g_autofree char *path = wgw_recipe_dup_directory(profile, *recipe);

        kept->profile = g_strdup(profile);
        kept->recipe = g_strdup(*recipe);
        wgw_recipe_describe(*recipe, &kept->desktop_id, &kept->name);
        wgw_tree_measure(path, &kept->size, &kept->changed);
        g_ptr_array_add(list, kept);
    }
}

GPtrArray *
wgw_private_data_list(const char *const *profiles)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(private_data_free);
    WGW_AUTOCLOSE int all = open_all();
    g_auto(GStrv) found = all >= 0 && !*profiles ? list_directory(all) : NULL;

    if (found)
        profiles = (const char *const *)found;
    for (; all >= 0 && *profiles; profiles++)
        if (wgw_profile_name_check(*profiles, NULL))
            add_profile(list, all, *profiles);
    return list;
}

/* ---- Who uses it ---- */

/* A directory, and the words by which a process may know it. */
typedef struct {
    char *path, *uri;
    const char *end; /* of the path, from the directory of all profiles on */
} Place;

static Place
place_of(const char *profile, const char *recipe)
{
    g_autofree char *all = wgw_recipe_dup_directory(NULL, NULL);
    Place place = {.path = wgw_recipe_dup_directory(profile, recipe)};

    place.uri = g_filename_to_uri(place.path, NULL, NULL);
    place.end = place.path + (strrchr(all, '/') - all);
    return place;
}

static void
place_clear(Place *place)
{
    g_free(place->path);
    g_free(place->uri);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/* Not where a longer name goes on: what ends it may be a zero, which strchr finds, too. */
static gboolean
has_word(const char *text, gsize len, const char *word)
{
    const char *end = text + len;
    gsize word_len = strlen(word);

    while ((text = memmem(text, (gsize)(end - text), word, word_len))) {
        text += word_len;
        if (text == end || strchr("/ \n\"':;,", *text))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_told(const char *pid, const char *file, const Place *place)
{
    g_autofree char *path = g_build_filename("/proc", pid, file, NULL);
    g_autofree char *text = NULL;
    gsize len;

    return g_file_get_contents(path, &text, &len, NULL) &&
           (has_word(text, len, place->path) || has_word(text, len, place->uri));
}

/* Of what is mounted, the kernel tells the path in its file system (proc_pid_mountinfo(5)), of which only
 * the end is certain; whether it is the same is seen where it is mounted. */
static gboolean
is_mounted(const char *pid, const Place *place)
{
    g_autofree char *path = g_build_filename("/proc", pid, "mountinfo", NULL);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !strstr(text, "/private/"))
        return FALSE;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) fields = g_strsplit(*line, " ", 6);
        g_autofree char *root = g_strv_length(fields) > 4 ? g_strcompress(fields[3]) : g_strdup("");
        g_autofree char *mounted = *root ? g_strcompress(fields[4]) : g_strdup("");
        const char *end = strstr(root, place->end);
        const char *below = end ? end + strlen(place->end) : "";
        g_autofree char *inside = g_strconcat("/proc/", pid, "/root", mounted, NULL);
        g_autofree char *outside = g_strconcat(place->path, below, NULL);
        struct stat one, other;

        if (end && strchr("/", *below) && stat(inside, &one) == 0 && stat(outside, &other) == 0 &&
            one.st_dev == other.st_dev && one.st_ino == other.st_ino)
            return TRUE;
    }
    return FALSE;
}

static gboolean
check_unused(const char *profile, const char *recipe, GError **error)
{
    g_auto(Place) place = place_of(profile, recipe);
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const char *pid;

    while (processes && (pid = g_dir_read_name(processes))) {
        g_autofree char *path = NULL;
        g_autofree char *program = NULL;
        g_autofree char *shown = NULL;

        if (!g_ascii_isdigit(*pid) || !(is_told(pid, "cmdline", &place) ||
                                        is_told(pid, "environ", &place) || is_mounted(pid, &place)))
            continue;
        path = g_build_filename("/proc", pid, "comm", NULL);
        if (!g_file_get_contents(path, &program, NULL, NULL))
            continue; /* ended meanwhile */
        shown = g_utf8_make_valid(g_strchomp(program), -1);
        g_set_error(error, WGW_ERROR, WGW_ERROR_BUSY,
                    _("%s (process %s) uses the data of “%s”. End that program first."), shown, pid,
                    recipe);
        return FALSE;
    }
    return TRUE;
}

/* ---- Removal ---- */

static void
set_error(GError **error, const char *name, int number)
{
    g_set_error(error, WGW_ERROR,
                number == EACCES || number == EPERM ? WGW_ERROR_NOT_PERMITTED : WGW_ERROR_FAILED,
                _("“%s” cannot be removed: %s."), name, g_strerror(number));
}

/* The profile's directory; -1 with @error set, or without one if there is none. */
static int
open_profile(int all, const char *profile, GError **error)
{
    WGW_AUTOCLOSE int fd = open_directory(all, profile, O_NOFOLLOW);
    struct stat status;

    if (fd < 0 && errno == ENOENT)
        return -1;
    if (fd < 0 || fstat(fd, &status) < 0 || status.st_uid != geteuid()) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_NOT_PERMITTED,
                    _("“%s” is no directory of yours, so that nothing in it is removed."), profile);
        return -1;
    }
    return wgw_fd_steal(&fd);
}

/* An empty directory of that name, in the one for what is removed. */
static int
open_removed(int all, const char *name)
{
    WGW_AUTOCLOSE int removed = -1;

    if (mkdirat(all, REMOVED, 0700) < 0 && errno != EEXIST)
        return -1;
    removed = open_directory(all, REMOVED, O_NOFOLLOW);
    if (removed < 0 || mkdirat(removed, name, 0700) < 0)
        return -1;
    return open_directory(removed, name, O_NOFOLLOW);
}

static gboolean
check_all(int fd, const char *profile, const char *const *recipes, GError **error)
{
    for (; *recipes; recipes++) {
        struct stat status;

        if (**recipes == '.' || strchr(*recipes, '/') || fd < 0 ||
            fstatat(fd, *recipes, &status, AT_SYMLINK_NOFOLLOW) < 0) {
            g_set_error(error, WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                        _("There is no data of “%s” for “%s”. See what there is with: wg-wrap "
                          "profile data %s"),
                        *recipes, profile, profile);
            return FALSE;
        }
        if (!check_unused(profile, *recipes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
move_all(int fd, const char *const *recipes, int removed, GError **error)
{
    for (; *recipes; recipes++)
        if (renameat(fd, *recipes, removed, *recipes) < 0 && errno != ENOENT) {
            set_error(error, *recipes, errno);
            return FALSE;
        }
    return TRUE;
}

/* @removed, which is @name in the directory for what is removed, and what is in it. */
static gboolean
empty_removed(int all, int removed, const char *name, GError **error)
{
    g_autofree char *path = wgw_recipe_dup_directory(REMOVED, name);
    g_autofree char *entry = g_build_filename(REMOVED, name, NULL);
    g_autofree char *shown = g_filename_display_name(path);
    g_autoptr(GError) local = NULL;
    gboolean done = wgw_tree_empty(removed, &local);

    if (!done)
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("%s What is left is in %s."),
                    local->message, shown);
    unlinkat(all, entry, AT_REMOVEDIR);
    unlinkat(all, REMOVED, AT_REMOVEDIR);
    return done;
}

gboolean
wgw_private_data_remove(const char *profile, const char *const *recipes, GError **error)
{
    G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&removing);
    WGW_AUTOCLOSE int all = open_all();
    WGW_AUTOCLOSE int fd = -1;
    WGW_AUTOCLOSE int removed = -1;
    g_auto(GStrv) found = NULL;
    g_autofree char *name = g_uuid_string_random();
    g_autoptr(GError) local = NULL;
    gboolean moved;

    if (!wgw_profile_name_check(profile, error))
        return FALSE;
    if (all >= 0)
        fd = open_profile(all, profile, &local);
    if (local) {
        g_propagate_error(error, g_steal_pointer(&local));
        return FALSE;
    }
    found = fd >= 0 ? list_directory(fd) : NULL;
    if (found && !*recipes)
        recipes = (const char *const *)found;
    if (!check_all(fd, profile, recipes, error))
        return FALSE;
    if (fd < 0)
        return TRUE;
    removed = open_removed(all, name);
    if (removed < 0) {
        set_error(error, REMOVED, errno);
        return FALSE;
    }
    moved = move_all(fd, recipes, removed, error);
    unlinkat(all, profile, AT_REMOVEDIR);
    return empty_removed(all, removed, name, moved ? error : NULL) && moved;
}

void
wgw_private_data_sweep(void)
{
    G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&removing);
    WGW_AUTOCLOSE int all = open_all();
    WGW_AUTOCLOSE int removed = all >= 0 ? open_directory(all, REMOVED, O_NOFOLLOW) : -1;
    g_autoptr(GError) error = NULL;

    if (removed >= 0 && !empty_removed(all, removed, NULL, &error))
        g_warning("private data: %s", error->message);
}
