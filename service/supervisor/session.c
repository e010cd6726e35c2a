/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "supervisor/session.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "namespace/enter.h"
#include "namespace/stages.h"
#include "supervisor/session-private.h"
#include "supervisor/spawn.h"

enum { IGNORE_ANCHOR, IGNORE_ENGINE };

/* What the supervisor keeps: to change addresses and routes, and to see every member. */
#define CAPABILITIES (UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_SYS_PTRACE)

/* For how long whoever asked for the session has to come in, in seconds. */
#define FIRST_LINGER 10

/* From SIGTERM to SIGKILL of a forced end, in seconds. */
#define FORCE_AFTER 5

/* What is in the directory, but for the lock, which its holder's end removes with the rest. */
static const char *const entries[] = {"bus", "door", "engine", "profile"};

static void open_door(WgwSession *session);

static void
shut_door(WgwSession *session)
{
    g_clear_pointer(&session->door, wgw_door_close);
    unlinkat(session->parts.directory, "door", 0);
}

/* ---- The end ---- */

static void
on_flushed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwSession *session = user_data;

    g_dbus_connection_flush_finish(G_DBUS_CONNECTION(source), result, NULL);
    g_ptr_array_remove_fast(session->connections, source);
    if (session->connections->len == 0)
        session->ended(session->user_data);
}

/* Undo all that outlives this process by itself. Only the two that are ours are waited for: another
 * child may be left which is in a namespace of its own, and none of our business. */
static void
tear_down(WgwSession *session)
{
    g_clear_pointer(&session->engine, wgw_engine_stop);
    if (session->parts.anchor > 0) {
        kill(session->parts.anchor, SIGKILL);
        waitpid(session->parts.anchor, NULL, 0);
    }
    shut_door(session);
    for (gsize i = 0; i < G_N_ELEMENTS(entries); i++)
        unlinkat(session->parts.directory, entries[i], 0);
    ns_box_end(&session->parts.box);
}

/* The engine and the anchor are gone and the directory is empty before anybody is told that the
 * session is over. */
static void
finish(WgwSession *session)
{
    tear_down(session);
    for (guint i = 0; i < session->closers->len; i++)
        wgw_dbus_supervisor1_complete_close(session->bus,
                                            g_object_ref(g_ptr_array_index(session->closers, i)));
    g_ptr_array_set_size(session->closers, 0);
    g_clear_object(&session->server);
    if (session->connections->len == 0)
        session->ended(session->user_data);
    for (guint i = 0; i < session->connections->len; i++)
        g_dbus_connection_flush(g_ptr_array_index(session->connections, i), NULL, on_flushed,
                                session);
}

/* The one way out, atomic because nothing else runs meanwhile: first the door is shut, so that nobody
 * can come in; then the kernel is asked who is inside; only if nobody is, the session is over. */
static void
try_to_close(WgwSession *session, const char *why)
{
    shut_door(session);
    if (!wgw_programs_scan(session->programs)) {
        open_door(session);
        wgw_session_settle(session);
        wgw_session_publish_programs(session);
        return;
    }
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    g_clear_handle_id(&session->kill_timer, g_source_remove);
    wgw_state_enter(&session->state, WGW_STATE_CLOSING, why);
    wgw_session_publish_state(session, "closing", "");
    finish(session);
}

static gboolean
on_lingered(gpointer user_data)
{
    WgwSession *session = user_data;

    session->linger_timer = 0;
    try_to_close(session, "nobody came");
    return G_SOURCE_REMOVE;
}

/* How long it lingers from now on, in milliseconds. */
static guint
get_linger_ms(WgwSession *session)
{
    gint64 kept_us = MAX(session->keep_until - g_get_monotonic_time(), 0);

    return MAX(1000 * wgw_dbus_supervisor1_get_linger(session->bus), (guint)(kept_us / 1000));
}

static void
linger(WgwSession *session)
{
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    session->linger_timer = g_timeout_add(get_linger_ms(session), on_lingered, session);
}

static gboolean
on_force(gpointer user_data)
{
    WgwSession *session = user_data;

    /* Again, until nothing is left: a process may have been forked behind the scan's back. */
    wgw_programs_signal_all(session->programs, SIGKILL);
    return G_SOURCE_CONTINUE;
}

/* ---- Who is in ---- */

static void
on_programs_changed(gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_session_publish_programs(session);
    wgw_session_settle(session);
}

static void
on_exited(pid_t pid, int status, gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_dbus_supervisor1_emit_program_exited(session->bus, (guint)pid, status, "");
}

static int
on_asked(pid_t pid, int pidfd, gpointer user_data)
{
    WgwSession *session = user_data;

    if (!wgw_session_check_open(session, NULL)) {
        wgw_fd_close(&pidfd);
        return -1;
    }
    return wgw_programs_join(session->programs, pid, pidfd, NULL) ? session->parts.anchor_pidfd
                                                                  : -1;
}

static void
open_door(WgwSession *session)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d/door", session->parts.directory);
    g_autoptr(GError) error = NULL;

    session->door = wgw_door_open(path, on_asked, session, &error);
    if (!session->door)
        g_warning("door: %s", error->message);
}

/* A program inside may kill the anchor, being of the same user. */
static gboolean
start_anchor(WgwSession *session, GError **error)
{
    static const int target = 0;
    const char *environment[] = {NULL};
    char *path = wgw_program_path("wg-wrap-anchor");
    const char *argv[] = {path, NULL};
    pid_t pid = wgw_spawn_with(argv, environment, "/", &session->parts.lock, &target, 1, error);

    free(path);
    wgw_fd_close(&session->parts.anchor_pidfd);
    session->parts.anchor = MAX(pid, 0);
    wgw_programs_ignore(session->programs, IGNORE_ANCHOR, session->parts.anchor);
    if (pid < 0)
        return FALSE;
    session->parts.anchor_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return TRUE;
}

static gboolean
lock_down(GError **error)
{
    struct ns_failure failure;
    int r = ns_box_seal(&failure);

    if (r == 0) {
        r = ns_lockdown(CAPABILITIES);
        if (r < 0)
            ns_fail(&failure, NS_STAGE_LOCKDOWN, r, "drop capabilities");
    }
    if (r < 0)
        g_propagate_error(error, wgw_error_from_ns(&failure));
    return r == 0;
}

/* ---- The engine's wishes ---- */

static void
on_engine_event(gpointer user_data)
{
    wgw_session_refresh(user_data, NULL, NULL);
}

static void
on_engine_pid(pid_t pid, gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_programs_ignore(session->programs, IGNORE_ENGINE, pid);
}

/* A handshake at once, not with the first packet: what is launched finds the tunnel open. */
static void
on_engine_configured(gpointer user_data)
{
    wgw_session_reconnect(user_data);
}

static WgwSecret *
on_engine_configuration(gpointer user_data)
{
    return wgw_session_dup_configuration(user_data);
}

/* ---- Public ---- */

gboolean
wgw_session_check_open(WgwSession *session, GError **error)
{
    if (session->state != WGW_STATE_CLOSING)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_CLOSED,
                _("The session “%s” has just ended. Try again."), session->parts.name);
    return FALSE;
}

void
wgw_session_settle(WgwSession *session)
{
    if (session->state == WGW_STATE_CLOSING)
        return;
    wgw_dbus_supervisor1_set_held(session->bus, session->held);
    if (session->held || !wgw_programs_is_empty(session->programs)) {
        g_clear_handle_id(&session->linger_timer, g_source_remove);
        session->keep_until = 0;
        wgw_state_enter(&session->state, WGW_STATE_UP,
                        session->held ? "it is held" : "a program is in it");
    } else if (session->kill_timer > 0 ||
               (session->state == WGW_STATE_UP && get_linger_ms(session) == 0))
        try_to_close(session, "the last program has gone");
    else if (wgw_state_enter(&session->state, WGW_STATE_LINGERING, "the last program has gone"))
        linger(session);
}

void
wgw_session_keep(WgwSession *session, guint seconds)
{
    gint64 until = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

    session->keep_until = MAX(session->keep_until, until);
    if (session->state == WGW_STATE_LINGERING)
        linger(session);
}

void
wgw_session_close(WgwSession *session, gboolean force)
{
    session->held = FALSE;
    wgw_dbus_supervisor1_set_held(session->bus, FALSE);
    if (session->state == WGW_STATE_CLOSING)
        return;
    if (wgw_programs_scan(session->programs)) {
        try_to_close(session, "it was closed");
        return;
    }
    if (force && session->kill_timer == 0) {
        wgw_programs_signal_all(session->programs, SIGTERM);
        session->kill_timer = g_timeout_add_seconds(FORCE_AFTER, on_force, session);
    }
    wgw_session_settle(session);
}

void
wgw_session_reap(WgwSession *session)
{
    pid_t pid;
    int status;

    while (session->state != WGW_STATE_CLOSING && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
        g_autoptr(GError) error = NULL;

        if (wgw_programs_reaped(session->programs, pid, status) ||
            (session->engine && wgw_engine_reaped(session->engine, pid, status)))
            continue;
        if (pid == session->parts.anchor && !start_anchor(session, &error))
            g_warning("anchor: %s", error->message);
    }
}

WgwSession *
wgw_session_new(WgwSessionParts *parts,
                void (*ended)(gpointer user_data),
                gpointer user_data,
                GError **error)
{
    static const WgwProgramsCallbacks programs_callbacks = {on_programs_changed, on_exited};
    static const WgwEngineCallbacks engine_callbacks = {
        on_engine_event, on_engine_pid, on_engine_configuration, on_engine_configured};
    WgwSession *session = g_new0(WgwSession, 1);

    session->parts = *parts;
    session->state = WGW_STATE_PREPARING;
    session->connections = g_ptr_array_new_with_free_func(g_object_unref);
    session->closers = g_ptr_array_new_with_free_func(g_object_unref);
    session->peers = g_ptr_array_new();
    session->hint = g_strdup("");
    session->endpoints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    session->ended = ended;
    session->user_data = user_data;
    session->bus = wgw_dbus_supervisor1_skeleton_new();
    wgw_dbus_supervisor1_set_version(session->bus, WGW_SUPERVISOR_VERSION);
    wgw_dbus_supervisor1_set_profile(session->bus, session->parts.name);
    wgw_dbus_supervisor1_set_linger(session->bus, session->parts.linger);
    wgw_session_publish_state(session, "connecting", "");

    session->programs = wgw_programs_new(session->parts.box.net, &programs_callbacks, session);
    wgw_session_publish_programs(session);
    session->engine = wgw_engine_new(fcntl(session->parts.box.tun, F_DUPFD_CLOEXEC, 3),
                                     session->parts.udp4, session->parts.udp6,
                                     session->parts.directory, &engine_callbacks, session, error);
    session->parts.udp4 = session->parts.udp6 = -1;
    /* Capabilities are a thread's own, so they go while there is one thread: what comes next, GIO, makes
     * others. The engine's public socket was the last thing to be put into /run. */
    if (!session->engine || !lock_down(error) || !start_anchor(session, error) ||
        !wgw_engine_start(session->engine, error))
        goto fail;
    if (!wgw_session_serve(session, error))
        goto fail;
    open_door(session);
    wgw_state_enter(&session->state, WGW_STATE_LINGERING, "it is built");
    wgw_session_keep(session, FIRST_LINGER);
    return session;

fail:
    /* What was started must not stay behind: main exits next. */
    tear_down(session);
    wgw_session_free(session);
    return NULL;
}

void
wgw_session_free(WgwSession *session)
{
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    g_clear_handle_id(&session->kill_timer, g_source_remove);
    g_clear_handle_id(&session->watch_timer, g_source_remove);
    g_clear_handle_id(&session->change_timer, g_source_remove);
    g_clear_object(&session->bus);
    g_clear_pointer(&session->programs, wgw_programs_free);
    g_ptr_array_unref(session->connections);
    g_ptr_array_unref(session->closers);
    g_ptr_array_unref(session->peers);
    g_hash_table_unref(session->endpoints);
    g_free(session->hint);
    wgw_config_unref(session->parts.config);
    wgw_fd_close(&session->parts.directory);
    wgw_fd_close(&session->parts.anchor_pidfd);
    wgw_fd_close(&session->parts.lock);
    g_free(session->parts.name);
    g_free(session);
}
