/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors
 *
 * demo: the whole way, on this machine alone. wg-wrap-demo-peer is the other end of a tunnel and a
 * web page in it; one and the same program fetches the page inside the tunnel and outside. What was
 * made for it is gone afterwards, after Ctrl-C too. */
#include <gio/gunixfdlist.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "cli/client.h"
#include "cli/format.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "dbus/error.h"

#define PROFILE_NAME      "demo"
#define NAMES_TRIED       20
#define FETCH_PAGE        "--fetch=http://10.99.0.1/"
#define PAGE_SAYS         "You came from 10.99.0.2\n"
#define OUTPUT_MAX        65536
#define HANDSHAKE_SECONDS 15

typedef struct {
    char *program; /* of wg-wrap-demo-peer */
    GSubprocess *peer;
    WgwDbusManager *manager;
    char *name; /* the profile's, NULL while there is none */
    GCancellable *cancellable;
} Demo;

/* All that @stream gives, to its end. (transfer full), or NULL with @error set. */
static char *
read_all(GInputStream *stream, GCancellable *cancellable, GError **error)
{
    g_autoptr(WgwText) text = g_malloc0(OUTPUT_MAX);

    if (!g_input_stream_read_all(stream, text, OUTPUT_MAX - 1, NULL, cancellable, error))
        return NULL;
    return g_utf8_make_valid(text, -1);
}

/* Start the peer; it ends with our end of its standard input. The client's configuration. */
static char *
start_peer(Demo *demo, GError **error)
{
    g_autoptr(WgwText) config = NULL;

    demo->peer = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                  error, demo->program, NULL);
    if (!demo->peer)
        return NULL;
    config = read_all(g_subprocess_get_stdout_pipe(demo->peer), demo->cancellable, error);
    if (config && !*config) {
        g_set_error(error, WGW_ERROR, WGW_ERROR_FAILED,
                    _("The demo's peer could not be started; wg-wrap doctor says what is wrong."));
        return NULL;
    }
    return g_steal_pointer(&config);
}

/* Under the first of "demo", "demo-2", … that is free. */
static gboolean
import_profile(Demo *demo, const char *config, GError **error)
{
    for (guint i = 1; i <= NAMES_TRIED; i++) {
        g_autofree char *name =
            i == 1 ? g_strdup(PROFILE_NAME) : g_strdup_printf(PROFILE_NAME "-%u", i);
        g_autoptr(GUnixFDList) descriptors = g_unix_fd_list_new();
        g_autoptr(GError) reason = NULL;
        WGW_AUTOCLOSE int memory = wgw_text_memfd(config, error);

        if (memory < 0 || g_unix_fd_list_append(descriptors, memory, error) < 0)
            return FALSE;
        if (wgw_dbus_manager_call_import_file_sync(demo->manager, name, g_variant_new_handle(0),
                                                   descriptors, NULL, NULL, demo->cancellable,
                                                   &reason)) {
            demo->name = g_steal_pointer(&name);
            return TRUE;
        }
        if (!g_error_matches(reason, WGW_ERROR, WGW_ERROR_PROFILE_EXISTS) || i == NAMES_TRIED) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return FALSE;
        }
    }
    g_assert_not_reached();
}

/* What the page says to a program that the service launches in the tunnel. (transfer full) */
static char *
fetch_inside(Demo *demo, GError **error)
{
    const char *const argv[] = {demo->program, FETCH_PAGE, NULL};
    g_autoptr(GUnixFDList) descriptors = g_unix_fd_list_new();
    g_autoptr(GInputStream) output = NULL;
    g_auto(GVariantDict) options = G_VARIANT_DICT_INIT(NULL);
    int pipe_fds[2];

    if (!g_unix_open_pipe(pipe_fds, FD_CLOEXEC, error))
        return NULL;
    output = g_unix_input_stream_new(pipe_fds[0], TRUE);
    g_variant_dict_insert(&options, "wait", "b", TRUE);
    g_variant_dict_insert(&options, "timeout", "u", HANDSHAKE_SECONDS);
    g_variant_dict_insert_value(
        &options, "stdout",
        g_variant_new_handle(g_unix_fd_list_append(descriptors, pipe_fds[1], NULL)));
    g_variant_dict_insert_value(
        &options, "stderr",
        g_variant_new_handle(g_unix_fd_list_append(descriptors, pipe_fds[1], NULL)));
    close(pipe_fds[1]);
    if (!wgw_dbus_manager_call_launch_sync(demo->manager, demo->name, argv,
                                           g_variant_dict_end(&options), descriptors, NULL, NULL,
                                           NULL, demo->cancellable, error))
        return NULL;
    /* Our copies of the pipe's other end would keep it from ending. */
    g_clear_object(&descriptors);
    return read_all(output, demo->cancellable, error);
}

/* What it says, or why it says nothing, to the same program here. *ret_reached: it was a page. */
static char *
fetch_outside(Demo *demo, gboolean *ret_reached, GError **error)
{
    g_autoptr(GSubprocess) fetch =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, error,
                         demo->program, FETCH_PAGE, NULL);
    char *output = NULL;

    if (!fetch ||
        !g_subprocess_communicate_utf8(fetch, NULL, demo->cancellable, &output, NULL, error))
        return NULL;
    *ret_reached = g_subprocess_get_successful(fetch);
    return output;
}

static gboolean
run_demo(Demo *demo, gboolean *ret_works, GError **error)
{
    g_autoptr(WgwText) config = NULL;
    g_autofree char *inside = NULL;
    g_autofree char *outside = NULL;
    g_autofree char *inside_line = NULL;
    g_autofree char *outside_line = NULL;
    gboolean reached = FALSE;

    demo->manager = wgw_client_manager(error);
    config = demo->manager ? start_peer(demo, error) : NULL;
    if (!config || !import_profile(demo, config, error))
        return FALSE;
    printf(_("The peer runs on this machine; its profile is “%s” for now.\n\n"), demo->name);
    inside = fetch_inside(demo, error);
    outside = inside ? fetch_outside(demo, &reached, error) : NULL;
    if (!outside)
        return FALSE;
    *ret_works = strcmp(inside, PAGE_SAYS) == 0 && !reached;
    inside_line = wgw_format_line(g_strchomp(inside));
    outside_line = wgw_format_line(g_strchomp(outside));
    /* Translators: this and "Outside:" have 15 characters at most. */
    wgw_format_print_cell(_("In the tunnel:"), 16);
    puts(inside_line);
    wgw_format_print_cell(_("Outside:"), 16);
    puts(outside_line);
    return TRUE;
}

/* Without regard to the cancellable: this is what remains to be done after Ctrl-C. */
static gboolean
clean_up(Demo *demo, GError **error)
{
    g_autoptr(WgwDbusProfile) profile = demo->name ? wgw_client_profile(demo->name, error) : NULL;
    g_autoptr(WgwDbusSession) session = profile ? wgw_client_session(profile, NULL) : NULL;
    gboolean ok = !demo->name || profile;

    if (session)
        ok &= wgw_dbus_session_call_close_sync(session, TRUE, NULL, ok ? error : NULL);
    if (profile)
        ok &= wgw_dbus_profile_call_remove_sync(profile, NULL, ok ? error : NULL);
    if (demo->peer) {
        g_output_stream_close(g_subprocess_get_stdin_pipe(demo->peer), NULL, NULL);
        g_subprocess_wait(demo->peer, NULL, NULL);
    }
    g_clear_object(&demo->peer);
    g_clear_object(&demo->manager);
    g_clear_pointer(&demo->name, g_free);
    g_clear_pointer(&demo->program, g_free);
    return ok;
}

/* All calls block, so the signals are waited for in a thread. A second one is for who is tired of
 * waiting. */
static gpointer
wait_for_signals(gpointer cancellable)
{
    sigset_t signals;
    int number;

    pthread_sigmask(SIG_SETMASK, NULL, &signals);
    sigwait(&signals, &number);
    g_cancellable_cancel(cancellable);
    sigwait(&signals, &number);
    _exit(128 + number);
}

/* Before GDBus's threads are born, which then have them blocked, too. */
static void
catch_signals(GCancellable *cancellable)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
    g_thread_unref(g_thread_new("signals", wait_for_signals, g_object_ref(cancellable)));
}

int
wgw_verb_demo(const WgwVerb *verb, char **argv)
{
    g_auto(GStrv) operands = wgw_verb_parse(verb, NULL, argv, 0, 0);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Demo demo = {.cancellable = cancellable};
    gboolean works = FALSE;
    gboolean clean;
    GError *error = NULL;
    GError *cleaning_error = NULL;

    if (!operands)
        return WGW_EXIT_USAGE;
    catch_signals(cancellable);
    demo.program = wgw_program_path("wg-wrap-demo-peer");
    run_demo(&demo, &works, &error);
    clean = clean_up(&demo, &cleaning_error);
    if (!clean)
        wgw_fail(cleaning_error);
    if (error)
        return wgw_fail(error);
    puts(works ? _("\nIt works: the peer saw the tunnel's address, and nobody else reaches it.")
               : _("\nIt does not work here; wg-wrap doctor may know why."));
    return works && clean ? 0 : WGW_EXIT_FAILURE;
}
