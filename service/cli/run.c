/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * run and shell: become a program of a session.
 *
 * This process asks to be let in, by the session's door or by D-Bus, and then executes
 * wg-wrap-join, which enters and executes the command. It is one and the same process throughout,
 * so the command is the terminal's own child: job control, exit status, the standard streams,
 * working directory, environment and signals are as if wg-wrap had not been there. Hence nothing
 * here parses, converts or copies the command, and what GIO changes in a process is put back.
 *
 * The door is tried first: the options may be what kept front.c from it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "cli/client.h"
#include "cli/door.h"
#include "cli/format.h"
#include "cli/verb.h"
#include "dbus/path.h"

/* The user namespace of the machine itself (PROC_USER_INIT_INO in the kernel's proc_ns.h). */
#define MACHINE_USER_NAMESPACE "user:[4026531837]"

typedef struct {
    const char *profile; /* "" for the default one */
    gboolean wait;
    guint timeout; /* seconds, 0 for the service's own */
    char **command;
} Request;

/* A session's processes cannot enter another one: setns() is refused to who has no rights in the
 * user namespace. Better said before than by EPERM. */
gboolean
wgw_run_is_inside(void)
{
    g_autofree char *namespace = g_file_read_link("/proc/self/ns/user", NULL);

    return g_getenv(WGW_PROFILE_VARIABLE) && g_strcmp0(namespace, MACHINE_USER_NAMESPACE) != 0;
}

/* A service that dies over the call, or just before it, has let nobody in: the bus starts another for
 * the next call. */
#define MAX_CALLS 3

static gboolean
call_join(const Request *request,
          GVariant *options,
          char **ret_session,
          GVariant **ret_pidfd,
          GUnixFDList **ret_descriptors,
          GError **error)
{
    for (int call = 1;; call++) {
        /* Anew each time, for it sends to who had the service's name when it was made. */
        g_autoptr(WgwDbusManager) manager = wgw_client_manager(error);
        g_autoptr(GError) failure = NULL;

        if (!manager)
            return FALSE;
        if (wgw_dbus_manager_call_join_sync(manager, request->profile, options, NULL, ret_session,
                                            ret_pidfd, ret_descriptors, NULL, &failure))
            return TRUE;
        if (call == MAX_CALLS ||
            (!g_error_matches(failure, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) &&
             !g_error_matches(failure, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
}

/* The pidfd of a process inside, from the service; *ret_name is the session's profile. */
static int
join_by_service(const Request *request, char **ret_name, GError **error)
{
    g_autoptr(GUnixFDList) descriptors = NULL;
    g_autoptr(GVariant) pidfd = NULL;
    g_autofree char *session = NULL;
    g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT(NULL);
    g_autoptr(GVariant) options = NULL;

    if (request->wait)
        g_variant_dict_insert(&dict, "wait", "b", TRUE);
    if (request->timeout)
        g_variant_dict_insert(&dict, "timeout", "u", request->timeout);
    options = g_variant_ref_sink(g_variant_dict_end(&dict));
    if (!call_join(request, options, &session, &pidfd, &descriptors, error))
        return -1;
    *ret_name = wgw_path_dup_name(session);
    if (!*ret_name || !descriptors) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                    _("The service's answer makes no sense: %s"), session);
        return -1;
    }
    return g_unix_fd_list_get(descriptors, g_variant_get_handle(pidfd), error);
}

/* Does not return if all is well. */
static int
run_inside(const Request *request)
{
    g_autofree char *joiner = wgw_program_path("wg-wrap-join");
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup(request->profile);
    char number[16];
    int pidfd = -ENOENT;

    if (wgw_run_is_inside()) {
        wgw_warn(_("This is inside the tunnel “%s” already, and there is no way from one into "
                   "another: leave wg-wrap away, or use a terminal outside."),
                 g_getenv(WGW_PROFILE_VARIABLE));
        return WGW_EXIT_RUN_FAILURE;
    }
    if (*request->profile && !request->wait)
        pidfd = wgw_door_knock(request->profile);
    if (pidfd < 0) {
        g_clear_pointer(&name, g_free);
        pidfd = join_by_service(request, &name, &error);
    }
    if (pidfd < 0) {
        wgw_fail(g_steal_pointer(&error));
        return WGW_EXIT_RUN_FAILURE;
    }
    g_snprintf(number, sizeof number, "%d", pidfd);
    g_ptr_array_add(argv, (char *)"wg-wrap-join");
    g_ptr_array_add(argv, number);
    for (char **word = request->command; *word; word++)
        g_ptr_array_add(argv, *word);
    g_ptr_array_add(argv, NULL);
    wgw_door_prepare(name);
    fcntl(pidfd, F_SETFD, 0);
    execv(joiner, (char **)argv->pdata);
    wgw_warn(_("%s cannot be executed: %s"), joiner, g_strerror(errno));
    return WGW_EXIT_RUN_FAILURE;
}

static void
print_option(const char *names, const char *argument, const char *meaning)
{
    g_autofree char *cell = g_strconcat("  ", names, argument, "  ", NULL);

    wgw_format_print_cell(cell, 25);
    puts(meaning);
}

static void
print_help(const WgwVerb *verb)
{
    printf("%s\n  wg-wrap %s [%s…] %s\n\n%s\n\n%s\n", _("Usage:"), verb->name, _("OPTION"),
           wgw_verb_arguments(verb), _(verb->summary), _("Options:"));
    print_option("-p, --profile=", _("PROFILE"), _("The profile, in place of the operand"));
    print_option("-w, --wait", "", _("Wait for the first handshake"));
    print_option("--timeout=", _("SECONDS"), _("How long to wait (default: 15); implies --wait"));
    print_option("-h, --help", "", _("Show help options"));
}

/* The options of run and shell, by getopt_long(): it stops at the first operand and converts
 * nothing. The index of what follows them, or -1 for a mistake, which was printed. */
static int
parse_options(const WgwVerb *verb, char **argv, Request *request)
{
    static const struct option options[] = {
        {"profile", required_argument, NULL, 'p'},
        {"wait", no_argument, NULL, 'w'},
        {"timeout", required_argument, NULL, 't'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    guint64 number;
    int option;

    opterr = 0;
    while ((option = getopt_long((int)g_strv_length(argv), argv, "+:p:wh", options, NULL)) >= 0) {
        switch (option) {
        case 'p':
            request->profile = optarg;
            break;
        case 'w':
            request->wait = TRUE;
            break;
        case 't':
            if (!g_ascii_string_to_unsigned(optarg, 10, 1, G_MAXUINT, &number, NULL)) {
                wgw_verb_usage_error(verb, _("--timeout is a number of seconds, not “%s”"), optarg);
                return -1;
            }
            request->timeout = (guint)number;
            request->wait = TRUE;
            break;
        case 'h':
            print_help(verb);
            exit(0);
        case ':':
            wgw_verb_usage_error(verb, _("%s needs a value"), argv[optind - 1]);
            return -1;
        default:
            wgw_verb_usage_error(verb, _("There is no option %s"), argv[optind - 1]);
            return -1;
        }
    }
    return optind;
}

static gboolean
check_name(const WgwVerb *verb, const char *name)
{
    if (g_utf8_validate(name, -1, NULL))
        return TRUE;
    wgw_verb_usage_error(verb, _("A profile's name is UTF-8, unlike “%s”"), name);
    return FALSE;
}

/* [OPTIONS] [--profile PROFILE | PROFILE] [--] COMMAND…; FALSE after the mistake was printed. A
 * "--" where a profile could stand means the default one. */
static gboolean
parse_run(const WgwVerb *verb, char **argv, Request *request)
{
    int next = parse_options(verb, argv, request);

    if (next < 0)
        return FALSE;
    request->command = argv + next;
    if (!request->profile && next > 1 && strcmp(argv[next - 1], "--") == 0) {
        request->profile = "";
    } else if (!request->profile && *request->command) {
        request->profile = *request->command++;
        if (*request->command && strcmp(*request->command, "--") == 0) {
            request->command++;
        } else if (*request->command && **request->command == '-') {
            wgw_verb_usage_error(verb,
                                 _("Options go before the profile, and -- before a command "
                                   "that begins with a dash: %s"),
                                 *request->command);
            return FALSE;
        }
    }
    if (!*request->command) {
        wgw_verb_usage_error(verb, _("A command is missing"));
        return FALSE;
    }
    return check_name(verb, request->profile);
}

int
wgw_verb_run(const WgwVerb *verb, char **argv)
{
    Request request = {0};

    return parse_run(verb, argv, &request) ? run_inside(&request) : WGW_EXIT_RUN_FAILURE;
}

static gboolean
parse_shell(const WgwVerb *verb, char **argv, Request *request)
{
    int next = parse_options(verb, argv, request);

    if (next < 0)
        return FALSE;
    if (!request->profile)
        request->profile = argv[next] ? argv[next++] : "";
    if (argv[next]) {
        wgw_verb_usage_error(verb, _("Too many arguments: %s"), argv[next]);
        return FALSE;
    }
    return check_name(verb, request->profile);
}

int
wgw_verb_shell(const WgwVerb *verb, char **argv)
{
    const char *shell = g_getenv("SHELL");
    char *command[] = {(char *)(shell && *shell ? shell : "/bin/sh"), NULL};
    Request request = {.command = command};

    return parse_shell(verb, argv, &request) ? run_inside(&request) : WGW_EXIT_RUN_FAILURE;
}
