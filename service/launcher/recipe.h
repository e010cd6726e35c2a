/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What a program needs to be a copy of its own in a session, and not one more window of the copy
 * outside: a group of a file that wg-wrap-recipes(5) describes. Immutable. */
typedef struct _WgwRecipe WgwRecipe;

/* What becomes of a launch by a recipe. */
typedef struct {
    const char
        *bus; /* "shared" or "private" for the policy "auto"; NULL: as without a recipe; static */
    char **argv;
    char **covers; /* pairs of directories, as the supervisor's Launch() takes them */
} WgwRecipeResult;

/**
 * wgw_recipe_find:
 * @desktop_id: "firefox.desktop", or "" for a command
 * @command: argv[0] of the program
 * @problems: (element-type utf8): what is wrong in the files is added, for people, each free with
 *   g_free
 *
 * The first recipe for that program, of the user's and then of those that are installed. Reads small
 * local files. One with a mistake is found as well, and cannot be applied.
 *
 * Returns: (transfer full) (nullable): free with wgw_recipe_free
 */
WgwRecipe *wgw_recipe_find(const char *desktop_id, const char *command, GPtrArray *problems);

/* wgw_recipe_check - add to @problems, as wgw_recipe_find does, what is wrong in the user's own files. */
void wgw_recipe_check(GPtrArray *problems);

void wgw_recipe_free(WgwRecipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwRecipe, wgw_recipe_free)

/* wgw_recipe_get_name - of its group. */
const char *wgw_recipe_get_name(const WgwRecipe *recipe);

/* wgw_recipe_get_bus - the word that it will have on the bus of a command, as in WgwRecipeResult, and
 * whether the program will have data of its own; argv[program] is the program. */
const char *wgw_recipe_get_bus(const WgwRecipe *recipe,
                               const char *const *argv,
                               gsize program,
                               gboolean *ret_private_data);

/* wgw_recipe_sets_window_class - whether the program's windows would have the class that it is given. */
gboolean
wgw_recipe_sets_window_class(const WgwRecipe *recipe, const char *const *argv, gsize program);

/* wgw_recipe_apply - what becomes of a command, in the profile of that name; argv[program] is the
 * program, what goes before it a terminal. @window_class: for its windows, or NULL. Makes the directories
 * that are asked for. FALSE with WGW_ERROR_FAILED if they cannot be made, or the recipe has a mistake.
 * Clear with wgw_recipe_result_clear. */
gboolean wgw_recipe_apply(const WgwRecipe *recipe,
                          const char *profile,
                          const char *const *argv,
                          gsize program,
                          const char *window_class,
                          WgwRecipeResult *ret_result,
                          GError **error);

void wgw_recipe_result_clear(WgwRecipeResult *result);

/* wgw_recipe_change_environment - @environment ("NAME=value" each; taken) as the recipe has it. Free
 * with g_strfreev. */
char **
wgw_recipe_change_environment(const WgwRecipe *recipe, const char *profile, char **environment);

/* wgw_recipe_dup_directory - what a program keeps for a profile; @recipe NULL: what all do; @profile NULL:
 * for all profiles. (transfer full) */
char *wgw_recipe_dup_directory(const char *profile, const char *recipe);

/* wgw_recipe_describe - whose the recipe @name is: the only installed application that it is for, and what
 * that is called; "" and @name if there is none or are several. (transfer full), both. Reads all desktop
 * entries: to be called in a thread. */
void wgw_recipe_describe(const char *name, char **ret_desktop_id, char **ret_name);

/* wgw_recipe_rename_profile - what programs keep for a profile goes with it to its new name. FALSE with
 * WGW_ERROR_FAILED if there is something for that name, which stays. */
gboolean wgw_recipe_rename_profile(const char *profile, const char *name, GError **error);
