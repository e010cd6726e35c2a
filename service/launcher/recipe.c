/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "launcher/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "profile/secret.h"

#define SUFFIX   ".ini"
#define MAX_FILE (64 * 1024)

enum { APPLICATIONS, COMMANDS, ARGUMENTS, WINDOW_CLASS, UNLESS, SET, UNSET, DIRECTORIES, N_LISTS };

struct _WgwRecipe {
    char *name; /* its group's, and its directory's */
    char **lists[N_LISTS];
    const char *bus; /* static, or NULL */
    char *mistake;   /* for people, or NULL: then it is good for nothing */
};

static const char *const policies[] = {"shared", "private"};

void
wgw_recipe_free(WgwRecipe *recipe)
{
    g_free(recipe->name);
    g_free(recipe->mistake);
    for (gsize i = 0; i < N_LISTS; i++)
        g_strfreev(recipe->lists[i]);
    g_free(recipe);
}

const char *
wgw_recipe_get_name(const WgwRecipe *recipe)
{
    return recipe->name;
}

/* ---- Directories ---- */

/* Where a directory "below the home" is: the places that the XDG variables may move are where they
 * say. */
static char *
dup_place(const char *directory)
{
    const struct {
        const char *prefix, *moved;
    } bases[] = {
        {".config/", g_get_user_config_dir()},
        {".local/share/", g_get_user_data_dir()},
        {".cache/", g_get_user_cache_dir()},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bases); i++)
        if (g_str_has_prefix(directory, bases[i].prefix))
            return g_build_filename(bases[i].moved, directory + strlen(bases[i].prefix), NULL);
    return g_build_filename(g_get_home_dir(), directory, NULL);
}

static char *
dup_own_place(void)
{
    return g_build_filename(g_get_user_data_dir(), "wg-wrap", NULL);
}

char *
wgw_recipe_dup_directory(const char *profile, const char *recipe)
{
    g_autofree char *own = dup_own_place();

    return g_build_filename(own, "private", profile, recipe, NULL);
}

static gboolean
make_directory(const char *path, GError **error)
{
    g_autofree char *shown = g_filename_display_name(path);

    if (g_mkdir_with_parents(path, 0700) == 0)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("Cannot make the directory %s: %s."), shown,
                g_strerror(errno));
    return FALSE;
}

/* ---- Words, and what is wrong with them (NULL: nothing) ---- */

static const char *
check_filled(const char *word)
{
    return *word ? NULL : _("is empty");
}

static const char *
check_application(const char *word)
{
    return g_str_has_suffix(word, ".desktop") && !strchr(word, '/')
               ? NULL
               : _("is no desktop ID, such as org.gnome.Calculator.desktop");
}

static const char *
check_command(const char *word)
{
    return *word && !strchr(word, '/') ? NULL : _("is no name of a command without directories");
}

static const char *
check_codes(const char *word)
{
    for (const char *p = strchr(word, '%'); p; p = strchr(p + 2, '%'))
        if (!p[1] || !strchr("du%", p[1]))
            return _("has another code than %d, %u and %%");
    return NULL;
}

static const char *
check_class_codes(const char *word)
{
    for (const char *p = strchr(word, '%'); p; p = strchr(p + 2, '%'))
        if (!p[1] || !strchr("c%", p[1]))
            return _("has another code than %c and %%");
    return NULL;
}

static const char *
check_variable(const char *word)
{
    return *word && !strchr(word, '=') ? NULL : _("is no name of a variable");
}

static const char *
check_assignment(const char *word)
{
    return *word != '=' && strchr(word, '=') ? check_codes(word) : _("is not NAME=value");
}

static const char *
check_directory(const char *word)
{
    g_auto(GStrv) parts = g_strsplit(word, "/", -1);
    g_autofree char *place = dup_place(word);
    g_autofree char *own = dup_own_place();
    gboolean is_plain = *parts != NULL;

    for (char **part = parts; *part; part++)
        is_plain = is_plain && **part && !g_str_equal(*part, ".") && !g_str_equal(*part, "..");
    if (!is_plain)
        return _("is no plain path below the home");
    return g_str_has_prefix(own, place) && strchr("/", own[strlen(place)])
               ? _("has wg-wrap's own files in it")
               : NULL;
}

static const struct {
    const char *key;
    const char *(*check)(const char *word);
} lists[N_LISTS] = {
    [APPLICATIONS] = {"Applications", check_application},
    [COMMANDS] = {"Commands", check_command},
    [ARGUMENTS] = {"Arguments", check_codes},
    [WINDOW_CLASS] = {"WindowClass", check_class_codes},
    [UNLESS] = {"Unless", check_filled},
    [SET] = {"SetEnvironment", check_assignment},
    [UNSET] = {"UnsetEnvironment", check_variable},
    [DIRECTORIES] = {"PrivateDirectories", check_directory},
};

/* ---- Reading ---- */

G_GNUC_PRINTF(4, 5)
static void
complain(GPtrArray *problems, const char *path, const char *group, const char *format, ...)
{
    g_autofree char *shown = g_filename_display_name(path);
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(problems, g_strdup_printf("%s: [%s]: %s", shown, group, what));
}

static gboolean
read_key(WgwRecipe *recipe, GKeyFile *file, const char *path, const char *key, GPtrArray *problems)
{
    const char *group = recipe->name;
    g_autofree char *value = g_key_file_get_string(file, group, key, NULL);

    if (g_str_equal(key, "Bus")) {
        for (gsize i = 0; i < G_N_ELEMENTS(policies); i++)
            if (g_strcmp0(value, policies[i]) == 0)
                recipe->bus = policies[i];
        if (!recipe->bus)
            complain(problems, path, group, _("Bus is \"shared\" or \"private\"."));
        return recipe->bus != NULL;
    }
    for (gsize i = 0; i < N_LISTS; i++) {
        if (!g_str_equal(key, lists[i].key))
            continue;
        recipe->lists[i] = g_key_file_get_string_list(file, group, key, NULL, NULL);
        if (!recipe->lists[i]) {
            complain(problems, path, group, _("%s cannot be read."), key);
            return FALSE;
        }
        for (char **word = recipe->lists[i]; *word; word++) {
            const char *what = lists[i].check(*word);

            if (what) {
                complain(problems, path, group, _("%s: \"%s\" %s."), key, *word, what);
                return FALSE;
            }
        }
        return TRUE;
    }
    /* Of a newer version, perhaps: the rest is good. */
    complain(problems, path, group, _("there is no key %s."), key);
    return TRUE;
}

/* With a mistake in it, too, for it says which program must not go without. */
static WgwRecipe *
read_group(GKeyFile *file, const char *path, const char *group, GPtrArray *problems)
{
    g_autoptr(WgwRecipe) recipe = g_new0(WgwRecipe, 1);
    g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, NULL);

    recipe->name = g_strdup(group);
    if (*group == '.' || strchr(group, '/')) {
        complain(problems, path, group, _("a recipe's name has no slash and begins with no dot."));
        recipe->mistake = g_strdup(problems->pdata[problems->len - 1]);
    }
    for (char **key = keys; *key; key++)
        if (!read_key(recipe, file, path, *key, problems) && !recipe->mistake)
            recipe->mistake = g_strdup(problems->pdata[problems->len - 1]);
    for (gsize i = 0; i < N_LISTS; i++)
        if (!recipe->lists[i])
            recipe->lists[i] = g_new0(char *, 1);
    return g_steal_pointer(&recipe);
}

static GKeyFile *
read_file(const char *path, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    WGW_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    /* Nothing in it is secret; its care with odd files is what is wanted. */
    g_autoptr(WgwSecret) text = NULL;

    if (fd < 0)
        g_set_error_literal(error, WGW_ERROR, WGW_ERROR_FAILED, g_strerror(errno));
    else
        text = wgw_secret_read(fd, MAX_FILE, error);
    if (text && g_key_file_load_from_data(file, wgw_secret_get_text(text),
                                          wgw_secret_get_length(text), G_KEY_FILE_NONE, error))
        return g_steal_pointer(&file);
    return NULL;
}

/* ---- Finding ---- */

static gboolean
matches(char **patterns, const char *word)
{
    for (; *patterns; patterns++)
        if (g_pattern_match_simple(*patterns, word))
            return TRUE;
    return FALSE;
}

static gboolean
matches_command(const WgwRecipe *recipe, const char *command)
{
    g_autofree char *name = g_path_get_basename(command);

    return matches(recipe->lists[COMMANDS], name);
}

/* Which recipe is looked for: one for a program, or the one of that name; nothing of either: none, so
 * that all are looked at. */
struct wanted {
    const char *desktop_id, *command;
    const char *name;
};

static gboolean
is_wanted(const WgwRecipe *recipe, const struct wanted *wanted)
{
    return wanted->name
               ? g_str_equal(recipe->name, wanted->name)
               : wanted->command && (matches(recipe->lists[APPLICATIONS], wanted->desktop_id) ||
                                     matches_command(recipe, wanted->command));
}

static WgwRecipe *
find_in_file(const char *path, const struct wanted *wanted, GPtrArray *problems)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GKeyFile) file = read_file(path, &error);
    g_auto(GStrv) groups = file ? g_key_file_get_groups(file, NULL) : NULL;

    if (!file) {
        g_autofree char *shown = g_filename_display_name(path);

        g_ptr_array_add(problems, g_strdup_printf("%s: %s", shown, error->message));
        return NULL;
    }
    for (char **group = groups; *group; group++) {
        g_autoptr(WgwRecipe) recipe = read_group(file, path, *group, problems);

        if (is_wanted(recipe, wanted))
            return g_steal_pointer(&recipe);
    }
    return NULL;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static WgwRecipe *
find_in_directory(const char *directory, const struct wanted *wanted, GPtrArray *problems)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    WgwRecipe *recipe = NULL;
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, SUFFIX) && *name != '.')
            g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len && !recipe; i++) {
        g_autofree char *path = g_build_filename(directory, names->pdata[i], NULL);

        recipe = find_in_file(path, wanted, problems);
    }
    return recipe;
}

static char *
dup_users_directory(void)
{
    return g_build_filename(g_get_user_config_dir(), "wg-wrap", "recipes", NULL);
}

void
wgw_recipe_check(GPtrArray *problems)
{
    g_autofree char *users = dup_users_directory();
    const struct wanted nothing = {NULL};

    find_in_directory(users, &nothing, problems);
}

static WgwRecipe *
find(const struct wanted *wanted, GPtrArray *problems)
{
    g_autofree char *installed = wgw_data_path("recipes");
    g_autofree char *users = dup_users_directory();
    WgwRecipe *recipe = find_in_directory(users, wanted, problems);

    if (!recipe)
        recipe = find_in_directory(installed, wanted, problems);
    return recipe;
}

WgwRecipe *
wgw_recipe_find(const char *desktop_id, const char *command, GPtrArray *problems)
{
    const struct wanted wanted = {.desktop_id = desktop_id, .command = command};

    return find(&wanted, problems);
}

void
wgw_recipe_describe(const char *name, char **ret_desktop_id, char **ret_name)
{
    const struct wanted wanted = {.name = name};
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(WgwRecipe) recipe = find(&wanted, problems);
    g_autolist(GAppInfo) applications = recipe ? g_app_info_get_all() : NULL;
    GAppInfo *only = NULL;

    for (GList *item = applications; item; item = item->next) {
        const char *id = g_app_info_get_id(item->data);

        if (!id || !g_app_info_should_show(item->data) || !matches(recipe->lists[APPLICATIONS], id))
            continue;
        if (only) {
            only = NULL;
            break;
        }
        only = item->data;
    }
    *ret_desktop_id = g_strdup(only ? g_app_info_get_id(only) : "");
    *ret_name = g_strdup(only ? g_app_info_get_display_name(only) : name);
}

/* ---- Applying ---- */

/* @window_class: for %c. */
static char *
expand(const char *word, const char *directory, const char *window_class)
{
    GString *text = g_string_new(NULL);
    g_autofree char *uri = g_filename_to_uri(directory, NULL, NULL);

    for (; *word; word++) {
        if (*word != '%')
            g_string_append_c(text, *word);
        else if (*++word == '%')
            g_string_append_c(text, '%');
        else
            g_string_append(text, *word == 'c' ? window_class : *word == 'u' ? uri : directory);
    }
    return g_string_free(text, FALSE);
}

/* Whether the command has chosen for itself: "--profile", "--profile DIR" or "--profile=DIR". */
static gboolean
has_chosen(const WgwRecipe *recipe, const char *const *argv)
{
    for (; *argv; argv++)
        for (char **option = recipe->lists[UNLESS]; *option; option++)
            if (g_str_has_prefix(*argv, *option) && strchr("=", (*argv)[strlen(*option)]))
                return TRUE;
    return FALSE;
}

/* After which word the arguments go: the program itself, that may have env(1) and the like before it;
 * or -1. */
static int
find_program(const WgwRecipe *recipe, const char *const *argv, gsize program)
{
    if (!*recipe->lists[COMMANDS])
        return (int)program;
    for (gsize i = program; argv[i]; i++)
        if (*argv[i] != '-' && !strchr(argv[i], '=') && matches_command(recipe, argv[i]))
            return (int)i;
    return -1;
}

/* Whether %d or %u is anywhere in the words. */
static gboolean
names_directory(char **words)
{
    for (; *words; words++)
        if (strstr(*words, "%d") || strstr(*words, "%u"))
            return TRUE;
    return FALSE;
}

static gboolean
make_covers(const WgwRecipe *recipe, const char *private, char ***ret_covers, GError **error)
{
    g_autoptr(GStrvBuilder) covers = g_strv_builder_new();

    for (char **directory = recipe->lists[DIRECTORIES]; *directory; directory++) {
        g_autofree char *cover = g_build_filename(private, *directory, NULL);
        g_autofree char *place = dup_place(*directory);

        if (!make_directory(cover, error) || !make_directory(place, error))
            return FALSE;
        g_strv_builder_add_many(covers, cover, place, NULL);
    }
    *ret_covers = g_strv_builder_end(covers);
    return TRUE;
}

/* After which word its arguments go: see find_program; -1 if they do not. */
static int
find_place(const WgwRecipe *recipe, const char *const *argv, gsize program)
{
    return (*recipe->lists[ARGUMENTS] || *recipe->lists[WINDOW_CLASS]) &&
                   !has_chosen(recipe, argv + program)
               ? find_program(recipe, argv, program)
               : -1;
}

gboolean
wgw_recipe_sets_window_class(const WgwRecipe *recipe, const char *const *argv, gsize program)
{
    return *recipe->lists[WINDOW_CLASS] && find_place(recipe, argv, program) >= 0;
}

const char *
wgw_recipe_get_bus(const WgwRecipe *recipe,
                   const char *const *argv,
                   gsize program,
                   gboolean *ret_private_data)
{
    char **arguments = recipe->lists[ARGUMENTS];
    int place = find_place(recipe, argv, program);

    *ret_private_data = (place >= 0 && names_directory(arguments)) ||
                        names_directory(recipe->lists[SET]) || *recipe->lists[DIRECTORIES];
    /* Without them it would find the copy outside, if only by the bus. */
    return *arguments && place < 0 ? "private" : recipe->bus;
}

static void
add_expanded(GStrvBuilder *words, char **arguments, const char *private, const char *window_class)
{
    for (char **argument = arguments; *argument; argument++) {
        g_autofree char *expanded = expand(*argument, private, window_class);

        g_strv_builder_add(words, expanded);
    }
}

gboolean
wgw_recipe_apply(const WgwRecipe *recipe,
                 const char *profile,
                 const char *const *argv,
                 gsize program,
                 const char *window_class,
                 WgwRecipeResult *ret_result,
                 GError **error)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_autofree char *private = wgw_recipe_dup_directory(profile, recipe->name);
    char **arguments = recipe->lists[ARGUMENTS];
    int place = find_place(recipe, argv, program);
    gboolean private_data;

    if (recipe->mistake) {
        g_set_error(
            error, WGW_ERROR, WGW_ERROR_FAILED,
            _("The recipe for this program has a mistake, and without one the program might "
              "hand over to a copy outside the tunnel. Mend it, or remove it: %s"),
            recipe->mistake);
        return FALSE;
    }
    if ((names_directory(arguments) || names_directory(recipe->lists[SET])) &&
        !make_directory(private, error))
        return FALSE;
    if (!make_covers(recipe, private, &ret_result->covers, error))
        return FALSE;
    for (int i = 0; argv[i]; i++) {
        g_strv_builder_add(words, argv[i]);
        if (i == place)
            add_expanded(words, arguments, private, NULL);
        if (i == place && window_class)
            add_expanded(words, recipe->lists[WINDOW_CLASS], private, window_class);
    }
    ret_result->argv = g_strv_builder_end(words);
    ret_result->bus = wgw_recipe_get_bus(recipe, argv, program, &private_data);
    return TRUE;
}

void
wgw_recipe_result_clear(WgwRecipeResult *result)
{
    g_clear_pointer(&result->argv, g_strfreev);
    g_clear_pointer(&result->covers, g_strfreev);
}

char **
wgw_recipe_change_environment(const WgwRecipe *recipe, const char *profile, char **environment)
{
    g_autofree char *private = wgw_recipe_dup_directory(profile, recipe->name);

    for (char **name = recipe->lists[UNSET]; *name; name++)
        environment = g_environ_unsetenv(environment, *name);
    for (char **set = recipe->lists[SET]; *set; set++) {
        g_auto(GStrv) parts = g_strsplit(*set, "=", 2);
        g_autofree char *value = expand(parts[1], private, NULL);

        environment = g_environ_setenv(environment, parts[0], value, TRUE);
    }
    return environment;
}

gboolean
wgw_recipe_rename_profile(const char *profile, const char *name, GError **error)
{
    g_autofree char *from = wgw_recipe_dup_directory(profile, NULL);
    g_autofree char *to = wgw_recipe_dup_directory(name, NULL);

    if (g_rename(from, to) == 0 || errno == ENOENT)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED, _("%s cannot become %s: %s."), from, to,
                g_strerror(errno));
    return FALSE;
}
