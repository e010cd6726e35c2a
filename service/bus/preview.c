/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* A copy outside is who owns the application's name on the session bus, or a process that bears the
 * name of its program, in either case in the network namespace that is ours. */

#include "bus/preview.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/bus-name.h"
#include "launcher/application.h"
#include "launcher/desktop-launcher.h"
#include "launcher/recipe.h"

/* What the kernel keeps of a process's name, without the NUL. */
#define MAX_NAME 15

struct preview {
    char *profile;
    char *policy;
    WgwApplication *application;
    WgwRecipe *recipe; /* or NULL */
    const char *bus;   /* the recipe's word on it, or NULL; static */
    gboolean private_data;
    char *program; /* the name of its processes, or NULL where that says nothing */
    gboolean reachable;
    guint owner;
};

/* Programs that are known by what they run. */
static const char *const wrappers[] = {
    "bash", "dash", "env",     "exo-open", "flatpak", "gapplication", "gjs",      "gtk-launch",
    "java", "perl", "python3", "ruby",     "sh",      "snap",         "xdg-open", NULL};

static void
preview_free(gpointer data)
{
    struct preview *preview = data;

    g_free(preview->profile);
    g_free(preview->policy);
    g_clear_pointer(&preview->application, wgw_application_unref);
    g_clear_pointer(&preview->recipe, wgw_recipe_free);
    g_free(preview->program);
    g_free(preview);
}

static gboolean
is_outside(const char *pid)
{
    g_autofree char *path = g_build_filename("/proc", pid, "ns/net", NULL);
    struct stat ours, its;

    return stat("/proc/self/ns/net", &ours) == 0 && stat(path, &its) == 0 &&
           ours.st_ino == its.st_ino && ours.st_dev == its.st_dev;
}

static gboolean
has_name(const char *pid, const char *program)
{
    g_autofree char *path = g_build_filename("/proc", pid, "comm", NULL);
    g_autofree char *name = NULL;

    return g_file_get_contents(path, &name, NULL, NULL) &&
           strncmp(g_strchomp(name), program, MAX_NAME) == 0;
}

static gboolean
is_running(const char *program)
{
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const char *pid;

    while (processes && (pid = g_dir_read_name(processes)))
        if (g_ascii_isdigit(*pid) && has_name(pid, program) && is_outside(pid))
            return TRUE;
    return FALSE;
}

/* In a thread: there may be thousands of processes. */
static void
look_around(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    const struct preview *preview = data;
    const char *id = wgw_application_get_id(preview->application);
    g_autofree char *owner = g_strdup_printf("%u", preview->owner);
    g_autofree char *path = wgw_desktop_launcher_find(preview->profile, id);
    g_autofree char *launcher = path ? g_filename_display_name(path) : g_strdup("");
    const char *bus = preview->bus;
    gboolean outside = (preview->owner > 0 && is_outside(owner)) ||
                       (preview->program && is_running(preview->program));
    GVariantDict dict;

    if (!g_str_equal(preview->policy, "auto"))
        bus = preview->policy;
    else if (!bus)
        bus = preview->reachable ? "private" : "shared";
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "bus", "s", bus);
    g_variant_dict_insert(&dict, "recipe", "s",
                          preview->recipe ? wgw_recipe_get_name(preview->recipe) : "");
    g_variant_dict_insert(&dict, "private-data", "b", preview->private_data);
    g_variant_dict_insert(&dict, "running-outside", "b", outside);
    g_variant_dict_insert(&dict, "launcher", "s", launcher);
    g_task_return_pointer(task, g_variant_ref_sink(g_variant_dict_end(&dict)),
                          (GDestroyNotify)g_variant_unref);
}

static void
on_name(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    struct preview *preview = g_task_get_task_data(task);

    preview->reachable = wgw_bus_name_look_finish(result, &preview->owner);
    g_task_run_in_thread(task, look_around);
}

/* What its entry and its recipe say. */
static gboolean
read_entry(struct preview *preview, const char *desktop_id, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) commands = NULL; /* GStrv */
    const char *const *argv;
    gsize program;

    preview->application = wgw_application_find(desktop_id, error);
    if (preview->application)
        commands = wgw_application_expand(preview->application, NULL, NULL, &program, error);
    if (!commands)
        return FALSE;
    argv = g_ptr_array_index(commands, 0);
    preview->recipe =
        wgw_recipe_find(wgw_application_get_id(preview->application), argv[program], problems);
    if (preview->recipe)
        preview->bus = wgw_recipe_get_bus(preview->recipe, argv, program, &preview->private_data);
    /* One that runs in a terminal opens no window that another copy could. */
    if (program == 0)
        preview->program = g_path_get_basename(argv[0]);
    if (preview->program && g_strv_contains(wrappers, preview->program))
        g_clear_pointer(&preview->program, g_free);
    return TRUE;
}

void
wgw_preview_async(GDBusConnection *connection,
                  const char *profile,
                  const char *policy,
                  const char *desktop_id,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, callback, user_data);
    struct preview *preview = g_new0(struct preview, 1);
    const char *bus_name;
    GError *error = NULL;

    preview->profile = g_strdup(profile);
    preview->policy = g_strdup(policy);
    g_task_set_task_data(task, preview, preview_free);
    if (!read_entry(preview, desktop_id, &error)) {
        g_task_return_error(task, error);
        return;
    }
    bus_name = wgw_application_get_bus_name(preview->application);
    if (bus_name)
        wgw_bus_name_look_async(connection, bus_name, on_name, g_steal_pointer(&task));
    else
        g_task_run_in_thread(task, look_around);
}

GVariant *
wgw_preview_finish(GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}
