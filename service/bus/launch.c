/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* Every launch becomes a list of commands, which are run one after the other:
 *
 *      URIs ──handler──> applications ──> commands ──recipe──bus policy──> the supervisor's Launch
 *
 * A recipe changes a command before it is in the queue, and has the first word on the policy `auto`.
 * Policy `auto`: an application whose name on the session bus is owned, or can be activated, would hand
 * its request to a copy outside the tunnel. It gets the session's own bus, on which a copy in the tunnel
 * is found, but none outside; and so does one of which the session bus does not say. */

#include "bus/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/ticket.h"
#include "bus/bus-name.h"
#include "bus/choices.h"
#include "bus/options.h"
#include "bus/scope.h"
#include "dbus/descriptor.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "launcher/application.h"
#include "launcher/desktop-launcher.h"
#include "launcher/environment.h"
#include "launcher/handler.h"
#include "launcher/recipe.h"

/* How long to wait for the desktop's accessibility, which the first to ask starts. */
#define A11Y_PATIENCE_MS 2000

struct launch {
    WgwService *service;
    WgwProfile *profile;
    GVariant *options;
    GUnixFDList *fds;
    char *bus;               /* the policy */
    char *name, *desktop_id; /* of the command that is on its way */
    GQueue uris;             /* char *: whose handler is not known yet */
    GQueue commands;         /* struct command */
    char *a11y;       /* the address of the desktop's accessibility bus, or NULL: not known */
    gboolean own_bus; /* which the command at the head gets */
    guint first_pid;
};

struct command {
    char **argv;
    char *directory; /* NULL: home */
    char *name;
    char *desktop_id;
    char *bus_name;    /* NULL: none is known */
    WgwRecipe *recipe; /* or NULL */
    const char *bus;   /* the recipe's policy, or NULL */
    char **covers;     /* pairs of directories */
};

static void next(GTask *task);

static void
command_free(gpointer data)
{
    struct command *command = data;

    g_strfreev(command->argv);
    g_free(command->directory);
    g_free(command->name);
    g_free(command->desktop_id);
    g_free(command->bus_name);
    g_clear_pointer(&command->recipe, wgw_recipe_free);
    g_strfreev(command->covers);
    g_free(command);
}

static void
launch_free(gpointer data)
{
    struct launch *launch = data;

    g_object_unref(launch->profile);
    g_variant_unref(launch->options);
    g_clear_object(&launch->fds);
    g_free(launch->bus);
    g_free(launch->a11y);
    g_free(launch->name);
    g_free(launch->desktop_id);
    g_queue_clear_full(&launch->uris, g_free);
    g_queue_clear_full(&launch->commands, command_free);
    g_free(launch);
}

static void
fail(GTask *task, GError *error)
{
    g_task_return_error(task, error);
    g_object_unref(task);
}

/* ---- Descriptors ---- */

static void
set_descriptor_error(GError **error, int code)
{
    g_set_error(error, WGW_ERROR, wgw_error_code_of(code),
                _("The program's descriptors cannot be passed on: %s. %s"), g_strerror(code),
                wgw_error_advice_on(code));
}

/* The caller's descriptor for the option @name, or a copy of our own @fallback. Owned; -1 with
 * @error set. */
static int
dup_stdio(struct launch *launch, const char *name, int fallback, GError **error)
{
    gint32 handle;
    int fd;

    if (g_variant_lookup(launch->options, name, "h", &handle))
        return wgw_descriptor_take(launch->fds, handle, error);
    fd = fallback < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fcntl(fallback, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        set_descriptor_error(error, errno);
    return fd;
}

/* For 0, 1 and 2, and at last the ticket. */
static GUnixFDList *
collect_stdio(struct launch *launch, GError **error)
{
    static const struct {
        const char *name;
        int fallback;
    } stdio[] = {{"stdin", -1}, {"stdout", STDERR_FILENO}, {"stderr", STDERR_FILENO}};
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
    WGW_AUTOCLOSE int ticket = wgw_ticket_new();

    for (gsize i = 0; i < G_N_ELEMENTS(stdio); i++) {
        WGW_AUTOCLOSE int fd = dup_stdio(launch, stdio[i].name, stdio[i].fallback, error);

        if (fd < 0 || g_unix_fd_list_append(list, fd, error) < 0)
            return NULL;
    }
    if (ticket < 0)
        set_descriptor_error(error, -ticket);
    if (ticket < 0 || g_unix_fd_list_append(list, ticket, error) < 0)
        return NULL;
    return g_steal_pointer(&list);
}

/* ---- One command ---- */

static void
on_launched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct launch *launch = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(GVariant) reply =
        wgw_registry_call_finish(WGW_REGISTRY(source), result, NULL, &error);
    guint pid;

    if (!reply) {
        fail(task, error);
        return;
    }
    g_variant_get(reply, "(u)", &pid);
    wgw_scope_make(launch->service->connection, pid, launch->desktop_id, launch->name,
                   wgw_profile_get_name(launch->profile));
    if (launch->first_pid == 0)
        launch->first_pid = pid;
    next(task);
}

static void
run(GTask *task, struct command *command, gboolean own_bus)
{
    struct launch *launch = g_task_get_task_data(task);
    const char *profile = wgw_profile_get_name(launch->profile);
    g_auto(GStrv) base = g_get_environ();
    g_auto(GStrv) environment = NULL;
    g_autoptr(GUnixFDList) stdio = NULL;
    const char *cwd = command->directory ? command->directory : g_get_home_dir();
    const char *outside;
    GError *error = NULL;
    GVariantBuilder handles;
    int ticket;

    g_variant_lookup(launch->options, "cwd", "&s", &cwd);
    if (command->recipe)
        base = wgw_recipe_change_environment(command->recipe, profile, base);
    environment = wgw_environment_new((const char *const *)base, launch->options, profile, &error);
    if (environment)
        stdio = collect_stdio(launch, &error);
    if (!stdio) {
        fail(task, error);
        return;
    }
    outside = wgw_bridge_look_up(launch->service->bridge,
                                 g_environ_getenv(environment, "DBUS_SESSION_BUS_ADDRESS"));
    if (outside)
        environment = g_environ_setenv(environment, "DBUS_SESSION_BUS_ADDRESS", outside, TRUE);
    if (!own_bus && !wgw_environment_reaches_bus((const char *const *)environment)) {
        wgw_logs_add(launch->service->logs, profile, WGW_LOG_WARNING,
                     _("%s runs on the tunnel's own session bus: the one outside cannot be reached "
                       "from a tunnel, because it has no path (%s), and xdg-dbus-proxy, which "
                       "would give it one, is not installed or does not start."),
                     command->name, g_environ_getenv(environment, "DBUS_SESSION_BUS_ADDRESS"));
        own_bus = TRUE;
    }
    if (own_bus) {
        outside = g_environ_getenv(environment, "DBUS_SESSION_BUS_ADDRESS");
        if (outside)
            environment = g_environ_setenv(environment, "WG_WRAP_SESSION_BUS", outside, TRUE);
        environment = g_environ_setenv(environment, "DBUS_SESSION_BUS_ADDRESS",
                                       WGW_PRIVATE_BUS_ADDRESS, TRUE);
    }
    if (own_bus && launch->a11y)
        environment = g_environ_setenv(environment, "AT_SPI_BUS_ADDRESS", launch->a11y, FALSE);
    ticket = g_unix_fd_list_get_length(stdio) - 1;
    g_variant_builder_init(&handles, G_VARIANT_TYPE("ah"));
    for (int i = 0; i <= ticket; i++)
        g_variant_builder_add(&handles, "h", i);
    g_free(launch->name);
    g_free(launch->desktop_id);
    launch->name = g_strdup(command->name);
    launch->desktop_id = g_strdup(command->desktop_id);
    wgw_registry_call_async(
        launch->service->registry, launch->profile, wgw_options_get_wait(launch->options), "Launch",
        g_variant_new("(^aay^aay^ay^aayssah)", command->argv, environment, cwd, command->covers,
                      command->name, command->desktop_id, &handles),
        stdio, ticket, on_launched, task);
}

static void
on_bridge(gpointer user_data)
{
    GTask *task = user_data;
    struct launch *launch = g_task_get_task_data(task);
    struct command *command = g_queue_pop_head(&launch->commands);

    run(task, command, launch->own_bus);
    command_free(command);
}

static void
on_a11y(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct launch *launch = g_task_get_task_data(task);
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);

    if (reply)
        g_variant_get(reply, "(s)", &launch->a11y);
    wgw_bridge_ask(launch->service->bridge, on_bridge, task);
}

/* The command at the head of the queue was looked up: run it. On the tunnel's own bus it would not find
 * the desktop's accessibility bus, which a screen reader is on. */
static void
run_head(GTask *task, gboolean own_bus)
{
    struct launch *launch = g_task_get_task_data(task);

    launch->own_bus = own_bus;
    if (own_bus && !launch->a11y) {
        g_dbus_connection_call(launch->service->connection, "org.a11y.Bus", "/org/a11y/bus",
                               "org.a11y.Bus", "GetAddress", NULL, G_VARIANT_TYPE("(s)"),
                               G_DBUS_CALL_FLAGS_NONE, A11Y_PATIENCE_MS, NULL, on_a11y, task);
        return;
    }
    wgw_bridge_ask(launch->service->bridge, on_bridge, task);
}

static void
on_name(GObject *source, GAsyncResult *result, gpointer user_data)
{
    run_head(user_data, wgw_bus_name_look_finish(result, NULL));
}

/* ---- From URIs and applications to commands ---- */

/* Take a command into the queue, as its recipe has it. @program: where its own first word is. FALSE
 * with @error set if what the recipe asks for cannot be had: as it is, it might reach a copy outside. */
static gboolean
add_command(struct launch *launch, struct command *command, gsize program, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    const char *profile = wgw_profile_get_name(launch->profile);
    g_autofree char *window_class = NULL;
    WgwRecipeResult result = {NULL};
    gboolean wanted = TRUE;

    g_queue_push_tail(&launch->commands, command);
    g_variant_lookup(launch->options, "recipe", "b", &wanted);
    if (wanted)
        command->recipe = wgw_recipe_find(command->desktop_id, command->argv[program], problems);
    for (guint i = 0; i < problems->len; i++)
        g_warning("recipe: %s", (const char *)problems->pdata[i]);
    if (!command->recipe) {
        command->covers = g_new0(char *, 1);
        return TRUE;
    }
    window_class = wgw_desktop_launcher_find_window_class(profile, command->desktop_id);
    if (!wgw_recipe_apply(command->recipe, profile, (const char *const *)command->argv, program,
                          window_class, &result, error))
        return FALSE;
    g_strfreev(command->argv);
    command->argv = result.argv;
    command->covers = result.covers;
    command->bus = result.bus;
    return TRUE;
}

static gboolean
add_commands(struct launch *launch,
             WgwApplication *application,
             const char *const *uris,
             GError **error)
{
    const char *action = NULL;
    g_autoptr(GPtrArray) commands = NULL; /* GStrv */
    gsize program;

    g_variant_lookup(launch->options, "action", "&s", &action);
    commands = wgw_application_expand(application, action, uris, &program, error);
    if (!commands)
        return FALSE;
    for (guint i = 0; i < commands->len; i++) {
        struct command *command = g_new0(struct command, 1);

        command->argv = g_strdupv(g_ptr_array_index(commands, i));
        command->directory = g_strdup(wgw_application_get_directory(application));
        command->name = g_strdup(wgw_application_get_name(application));
        command->desktop_id = g_strdup(wgw_application_get_id(application));
        command->bus_name = g_strdup(wgw_application_get_bus_name(application));
        if (!add_command(launch, command, program, error))
            return FALSE;
    }
    return TRUE;
}

static void
on_handler(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = user_data;
    struct launch *launch = g_task_get_task_data(task);
    GError *error = NULL;
    g_autoptr(WgwApplication) application = wgw_handler_find_finish(result, &error);
    g_autofree char *uri = g_queue_pop_head(&launch->uris);
    const char *uris[] = {uri, NULL};

    if (!application || !add_commands(launch, application, uris, &error))
        fail(task, error);
    else
        next(task);
}

static void
next(GTask *task)
{
    struct launch *launch = g_task_get_task_data(task);
    struct command *command = g_queue_peek_head(&launch->commands);
    const char *policy = launch->bus;

    if (command && command->bus && g_str_equal(policy, "auto"))
        policy = command->bus;
    if (!command && g_queue_is_empty(&launch->uris)) {
        g_task_return_int(task, launch->first_pid);
        g_object_unref(task);
    } else if (!command)
        wgw_handler_find_async(g_queue_peek_head(&launch->uris), launch->service->browser, NULL,
                               on_handler, task);
    else if (g_str_equal(policy, "auto") && command->bus_name)
        wgw_bus_name_look_async(launch->service->connection, command->bus_name, on_name, task);
    else
        run_head(task, g_str_equal(policy, "private"));
}

static GTask *
launch_new(WgwService *service,
           WgwProfile *profile,
           GVariant *options,
           GUnixFDList *fds,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
    GTask *task = g_task_new(NULL, NULL, callback, user_data);
    struct launch *launch = g_new0(struct launch, 1);

    launch->service = service;
    launch->profile = g_object_ref(profile);
    launch->options = g_variant_ref_sink(options);
    launch->fds = fds ? g_object_ref(fds) : NULL;
    if (!g_variant_lookup(options, "bus", "s", &launch->bus))
        launch->bus = wgw_choices_dup_bus(service, wgw_profile_get_name(profile));
    g_queue_init(&launch->uris);
    g_queue_init(&launch->commands);
    g_task_set_task_data(task, launch, launch_free);
    return task;
}

void
wgw_launch_command_async(WgwService *service,
                         WgwProfile *profile,
                         const char *const *argv,
                         GVariant *options,
                         GUnixFDList *fds,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
    GTask *task = launch_new(service, profile, options, fds, callback, user_data);
    struct launch *launch = g_task_get_task_data(task);
    struct command *command;
    GError *error = NULL;

    if (!argv[0] || !*argv[0])
        error = g_error_new(WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT,
                            _("A command is needed: the first element of argv."));
    if (error || !wgw_options_check(options, WGW_OPTIONS_WAIT | WGW_OPTIONS_LAUNCH, &error)) {
        fail(task, error);
        return;
    }
    command = g_new0(struct command, 1);
    command->argv = g_strdupv((char **)argv);
    command->name = g_path_get_basename(argv[0]);
    command->desktop_id = g_strdup("");
    if (!add_command(launch, command, 0, &error))
        fail(task, error);
    else
        next(task);
}

void
wgw_launch_application_async(WgwService *service,
                             WgwProfile *profile,
                             const char *desktop_id,
                             const char *const *uris,
                             GVariant *options,
                             GUnixFDList *fds,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
    GTask *task = launch_new(service, profile, options, fds, callback, user_data);
    g_autoptr(WgwApplication) application = NULL;
    GError *error = NULL;

    if (wgw_options_check(options, WGW_OPTIONS_WAIT | WGW_OPTIONS_LAUNCH | WGW_OPTIONS_ACTION,
                          &error))
        application = wgw_application_find(desktop_id, &error);
    if (!application || !add_commands(g_task_get_task_data(task), application, uris, &error))
        fail(task, error);
    else
        next(task);
}

void
wgw_launch_uris_async(WgwService *service,
                      WgwProfile *profile,
                      const char *const *uris,
                      GVariant *options,
                      GUnixFDList *fds,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
    GTask *task = launch_new(service, profile, options, fds, callback, user_data);
    struct launch *launch = g_task_get_task_data(task);
    GError *error = NULL;

    if (!uris[0])
        error = g_error_new(WGW_ERROR, WGW_ERROR_INVALID_ARGUMENT, _("There is nothing to open."));
    if (error || !wgw_options_check(options, WGW_OPTIONS_WAIT | WGW_OPTIONS_LAUNCH, &error)) {
        fail(task, error);
        return;
    }
    for (; *uris; uris++)
        g_queue_push_tail(&launch->uris, g_strdup(*uris));
    next(task);
}

guint
wgw_launch_finish(GAsyncResult *result, GError **error)
{
    gssize pid = g_task_propagate_int(G_TASK(result), error);

    return pid > 0 ? (guint)pid : 0;
}
