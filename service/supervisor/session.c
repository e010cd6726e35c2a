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
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/anchor.h"
#include "base/fd.h"
#include "base/program.h"
#include "dbus/error.h"
#include "dbus/names.h"
#include "namespace/enter.h"
#include "namespace/stages.h"
#include "supervisor/directory.h"
#include "supervisor/session-private.h"
#include "supervisor/spawn.h"
#include "supervisor/succession.h"

/* What the supervisor keeps: to change addresses and routes, to see every member, and to give a program
 * mounts of its own. */
#define CAPABILITIES \
    (UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_SYS_PTRACE | UINT64_C(1) << CAP_SYS_ADMIN)

/* For how long whoever asked for the session has to come in, in seconds. */
#define FIRST_LINGER 10

/* From SIGTERM to SIGKILL of a forced end, in seconds. */
#define FORCE_AFTER 5

/* How long who does not read what we write keeps us from exiting, in seconds. */
#define FLUSH_PATIENCE 1

/* How soon a forced end looks for survivors again. */
#define FORCE_AGAIN_MS 100

/* How soon to look again at what could not be looked at for want of descriptors. */
#define LOOK_AGAIN_MS 1000

static gboolean open_door(WgwSession *session, GError **error);
static gboolean start_anchor(WgwSession *session, GError **error);

static void
shut_door(WgwSession *session)
{
    g_clear_pointer(&session->door, wgw_door_close);
    unlinkat(session->parts.directory, "door", 0);
}

/* It does nothing but wait for this, so it is gone at once. */
static void
stop_anchor(WgwSession *session)
{
    wgw_fd_close(&session->parts.anchor_pidfd);
    if (session->parts.anchor <= 0)
        return;
    kill(session->parts.anchor, SIGKILL);
    waitpid(session->parts.anchor, NULL, 0);
    session->parts.anchor = 0;
    wgw_programs_ignore(session->programs, WGW_IGNORE_ANCHOR, 0);
}

/* ---- The end ---- */

static void
exit_soon(WgwSession *session)
{
    g_clear_handle_id(&session->flush_timer, g_source_remove);
    session->callbacks.ended(session->user_data);
}

static gboolean
on_flush_timeout(gpointer user_data)
{
    WgwSession *session = user_data;

    session->flush_timer = 0;
    exit_soon(session);
    return G_SOURCE_REMOVE;
}

static void
on_flushed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    WgwSession *session = user_data;

    g_dbus_connection_flush_finish(G_DBUS_CONNECTION(source), result, NULL);
    if (--session->flushing == 0)
        exit_soon(session);
}

/* Undo all that outlives this process by itself; the lock last, for who has it owns the directory. */
static void
tear_down(WgwSession *session)
{
    if (session->parts.directory < 0)
        return;
    g_clear_pointer(&session->engine, wgw_engine_stop);
    g_clear_pointer(&session->ports, wgw_ports_free);
    stop_anchor(session);
    wgw_session_close_private_bus(session);
    shut_door(session);
    if (session->server) /* before its path is another's */
        g_dbus_server_stop(session->server);
    if (session->parts.taken_over && !session->over)
        wgw_fd_close(
            &session->parts.box.tun); /* a successor that failed: wg0 stays, for the next */
    else
        wgw_directory_remove(session->parts.directory, session->parts.name);
    ns_box_end(&session->parts.box);
    wgw_fd_close(&session->life);
    wgw_fd_close(&session->parts.legacy);
    wgw_fd_close(&session->parts.directory);
    wgw_fd_close(&session->parts.lock);
}

/* Nothing is left of the session before anybody is told that it is over. */
static void
finish(WgwSession *session)
{
    session->over = TRUE;
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    g_clear_handle_id(&session->kill_timer, g_source_remove);
    tear_down(session);
    wgw_session_log(session, WGW_LOG_INFO, _("The tunnel is closed."));
    for (guint i = 0; i < session->closers->len; i++)
        wgw_dbus_supervisor1_complete_close(session->bus,
                                            g_object_ref(g_ptr_array_index(session->closers, i)));
    g_ptr_array_set_size(session->closers, 0);
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(session->bus));
    session->flush_timer = g_timeout_add_seconds(FLUSH_PATIENCE, on_flush_timeout, session);
    session->flushing = session->connections->len;
    for (guint i = 0; i < session->connections->len; i++)
        g_dbus_connection_flush(g_ptr_array_index(session->connections, i), NULL, on_flushed,
                                session);
    if (session->flushing == 0)
        exit_soon(session);
}

static void
enter_closing(WgwSession *session, const char *why)
{
    wgw_state_enter(&session->state, WGW_STATE_CLOSING, why);
    wgw_session_log(session, WGW_LOG_INFO, "%s", _(why));
    wgw_session_publish_state(session, "closing", "");
}

/* The one way out by itself, atomic because nothing else runs meanwhile: who stands at the door is let
 * in; then the door is shut, and the process is ended by which one could still enter; then the kernel is
 * asked who is inside. Only if nobody is, the session is over. Should we be killed meanwhile, the anchor
 * is by what a successor is found in; so the engine goes before it: without either nothing is left. */
static void
try_to_close(WgwSession *session, const char *why)
{
    g_autoptr(GError) error = NULL;

    if (session->door)
        wgw_door_serve(session->door);
    if (wgw_programs_scan(session->programs)) {
        shut_door(session);
        wgw_engine_halt(session->engine);
        stop_anchor(session);
        wgw_programs_end_helpers(session->programs);
        if (wgw_programs_scan(session->programs)) {
            enter_closing(session, why);
            finish(session);
            return;
        }
        /* An anchor is started with the next join, too; without a door, people join by the bus. */
        if (!open_door(session, &error) || !start_anchor(session, &error))
            wgw_session_log(session, WGW_LOG_ERROR, "%s", error->message);
        wgw_session_engine_ended(session);
        wgw_engine_resume(session->engine);
    }
    wgw_session_publish_programs(session);
    wgw_session_settle(session);
    if (session->state == WGW_STATE_LINGERING)
        wgw_session_keep_ms(session, LOOK_AGAIN_MS);
}

/* The anchor last, as above. */
static void
finish_if_empty(WgwSession *session)
{
    if (session->over || !wgw_programs_is_empty(session->programs) ||
        !wgw_programs_scan(session->programs))
        return;
    wgw_engine_halt(session->engine);
    stop_anchor(session);
    wgw_programs_end_helpers(session->programs);
    if (wgw_programs_scan(session->programs))
        finish(session);
}

static gboolean
on_force(gpointer user_data)
{
    WgwSession *session = user_data;

    /* Again and again: a process may have been forked behind the scan's back. */
    session->kill_timer = g_timeout_add(FORCE_AGAIN_MS, on_force, session);
    wgw_programs_end_all(session->programs, SIGKILL);
    finish_if_empty(session);
    return G_SOURCE_REMOVE;
}

/* There is no way back: nobody is let in any more, and who is inside is sent away. */
static void
close_by_force(WgwSession *session)
{
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    session->held = FALSE;
    wgw_dbus_supervisor1_set_held(session->bus, FALSE);
    enter_closing(session, N_("The tunnel closes, and ends the programs in it: it was told to."));
    shut_door(session);
    session->kill_timer = g_timeout_add_seconds(FORCE_AFTER, on_force, session);
    wgw_programs_end_all(session->programs, SIGTERM);
    finish_if_empty(session);
}

static gboolean
on_lingered(gpointer user_data)
{
    WgwSession *session = user_data;

    session->linger_timer = 0;
    try_to_close(session, N_("The tunnel closes: nobody is in it."));
    return G_SOURCE_REMOVE;
}

/* How long it lingers from now on, in milliseconds. */
static guint
get_linger_ms(WgwSession *session)
{
    gint64 kept_us = MAX(session->keep_until - g_get_monotonic_time(), 0);
    guint linger = session->leaving ? 0 : wgw_dbus_supervisor1_get_linger(session->bus);

    return MAX(1000 * linger, (guint)(kept_us / 1000));
}

static void
linger(WgwSession *session)
{
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    session->linger_timer = g_timeout_add(get_linger_ms(session), on_lingered, session);
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
on_appeared(pid_t pid, const char *name, WgwProgramOrigin origin, gpointer user_data)
{
    wgw_session_log_program(user_data, pid, name, origin);
}

static void
on_exited(pid_t pid, const char *name, int status, const char *message, gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_session_log_exit(session, pid, name, status, message);
    /* Who hears of it and looks does not find it any more. */
    wgw_session_publish_programs(session);
    g_dbus_interface_skeleton_flush(G_DBUS_INTERFACE_SKELETON(session->bus));
    wgw_dbus_supervisor1_emit_program_exited(session->bus, (guint)pid, status, message);
}

static int
on_asked(pid_t pid, int pidfd, gpointer user_data)
{
    WgwSession *session = user_data;

    if (!wgw_session_let_in(session, NULL) || wgw_session_get_anchor(session, NULL) < 0) {
        wgw_fd_close(&pidfd);
        return -1;
    }
    return wgw_programs_join(session->programs, pid, pidfd, NULL) ? session->parts.anchor_pidfd
                                                                  : -1;
}

static void
on_gone(pid_t pid, gpointer user_data)
{
    WgwSession *session = user_data;

    wgw_programs_forget(session->programs, pid);
}

static gboolean
open_door(WgwSession *session, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d/door", session->parts.directory);

    session->door = wgw_door_open(path, on_asked, on_gone, session, error);
    return session->door != NULL;
}

/* A program inside may kill the anchor, being of the same user. */
static gboolean
start_anchor(WgwSession *session, GError **error)
{
    static const int target = WGW_ANCHOR_LOCK_FD;
    const char *environment[] = {NULL};
    char *path = wgw_program_path("wg-wrap-anchor");
    const char *argv[] = {path, NULL};
    pid_t pid =
        wgw_spawn_with(argv, environment, "/", NULL, &session->parts.lock, &target, 1, error);

    free(path);
    wgw_fd_close(&session->parts.anchor_pidfd);
    session->parts.anchor = MAX(pid, 0);
    wgw_programs_ignore(session->programs, WGW_IGNORE_ANCHOR, session->parts.anchor);
    if (pid < 0)
        return FALSE;
    session->parts.anchor_pidfd = pidfd_open(pid, 0);
    if (session->parts.anchor_pidfd >= 0)
        return TRUE;
    g_set_error(error, WGW_ERROR, WGW_ERROR_LIMIT_REACHED,
                _("The session cannot be entered: %s. %s"), g_strerror(errno),
                wgw_error_advice_on(errno));
    stop_anchor(session);
    return FALSE;
}

static int
write_life(WgwSession *session)
{
    const WgwLife life = {wgw_dbus_supervisor1_get_linger(session->bus), session->held};

    return wgw_life_write(session->life, &life);
}

static gboolean
write_entries(WgwSession *session, GError **error)
{
    int r;

    session->life = wgw_life_open(session->parts.directory);
    r = session->life < 0 ? -errno : write_life(session);
    if (r == 0 && !session->parts.taken_over)
        r = wgw_directory_write_identity(session->parts.directory, session->parts.name);
    if (r < 0)
        g_set_error(error, WGW_ERROR, wgw_error_code_of(-r),
                    _("The session's directory cannot be written to: %s. %s"), g_strerror(-r),
                    wgw_error_advice_on(-r));
    return r == 0;
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

    wgw_programs_ignore(session->programs, WGW_IGNORE_ENGINE, pid);
    if (pid == 0)
        wgw_session_engine_ended(session);
}

static void
get_ready(WgwSession *session)
{
    g_autoptr(GError) error = NULL;

    if (wgw_session_serve(session, &error) && open_door(session, &error)) {
        wgw_state_enter(&session->state, WGW_STATE_LINGERING, "it is built");
        wgw_session_keep_ms(session, 1000 * FIRST_LINGER);
        if (session->parts.taken_over) {
            wgw_succession_complete(session->parts.box.net, session->parts.lock,
                                    session->parts.anchor);
            wgw_programs_adopt(session->programs);
            wgw_session_adopt_from_bus(session);
        }
    }
    session->callbacks.ready(error, session->user_data);
}

/* A handshake at once, not with the first packet: what is launched finds the tunnel open. */
static void
on_engine_configured(gpointer user_data)
{
    WgwSession *session = user_data;

    if (session->engine_trouble)
        wgw_session_log(session, WGW_LOG_INFO, _("The WireGuard engine runs again."));
    wgw_session_set_engine_trouble(session, NULL);
    wgw_session_shake_hands(session, FALSE);
    wgw_session_refresh(session, NULL, NULL);
    if (session->state == WGW_STATE_PREPARING)
        get_ready(session);
}

static void
on_engine_failed(const GError *error, gpointer user_data)
{
    WgwSession *session = user_data;

    if (session->state == WGW_STATE_PREPARING)
        session->callbacks.ready(error, session->user_data);
    else
        wgw_session_log(session, WGW_LOG_ERROR, "%s", error->message);
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

gboolean
wgw_session_let_in(WgwSession *session, GError **error)
{
    if (!wgw_session_check_open(session, error))
        return FALSE;
    session->leaving = FALSE;
    return TRUE;
}

int
wgw_session_get_anchor(WgwSession *session, GError **error)
{
    if (session->parts.anchor_pidfd < 0 && !start_anchor(session, error))
        return -1;
    return session->parts.anchor_pidfd;
}

void
wgw_session_settle(WgwSession *session)
{
    wgw_dbus_supervisor1_set_held(session->bus, session->held);
    write_life(session);
    if (session->state == WGW_STATE_CLOSING) {
        finish_if_empty(session);
    } else if (session->held || !wgw_programs_is_empty(session->programs)) {
        g_clear_handle_id(&session->linger_timer, g_source_remove);
        session->keep_until = 0;
        wgw_state_enter(&session->state, WGW_STATE_UP,
                        session->held ? "it is held" : "a program is in it");
    } else if (session->state == WGW_STATE_UP) {
        wgw_state_enter(&session->state, WGW_STATE_LINGERING, "the last program has gone");
        if (get_linger_ms(session) == 0)
            try_to_close(session, session->leaving
                                      ? N_("The tunnel closes: it was told to.")
                                      : N_("The tunnel closes: the last program has gone."));
        else {
            wgw_session_log(session, WGW_LOG_INFO,
                            _("Nobody is in the tunnel any more; it closes in %u s."),
                            get_linger_ms(session) / 1000);
            linger(session);
        }
    }
}

void
wgw_session_keep_ms(WgwSession *session, guint ms)
{
    gint64 until = g_get_monotonic_time() + ms * G_TIME_SPAN_MILLISECOND;

    session->keep_until = MAX(session->keep_until, until);
    if (session->state == WGW_STATE_LINGERING)
        linger(session);
}

void
wgw_session_relinger(WgwSession *session)
{
    write_life(session);
    if (session->state == WGW_STATE_LINGERING)
        linger(session);
}

void
wgw_session_close(WgwSession *session, gboolean force)
{
    if (session->state == WGW_STATE_CLOSING)
        return;
    if (force) {
        close_by_force(session);
        return;
    }
    if (session->held)
        wgw_session_log(session, WGW_LOG_INFO, _("The tunnel is not held open any more."));
    session->held = FALSE;
    session->leaving = TRUE;
    session->keep_until = 0;
    wgw_programs_scan(session->programs);
    wgw_session_publish_programs(session);
    wgw_session_settle(session);
    if (session->state == WGW_STATE_LINGERING)
        try_to_close(session, N_("The tunnel closes: it was told to."));
}

void
wgw_session_reap(WgwSession *session)
{
    pid_t pid;
    int status;

    while (!session->over && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
        g_autoptr(GError) error = NULL;

        if (wgw_programs_reaped(session->programs, pid, status) ||
            (session->engine && wgw_engine_reaped(session->engine, pid, status)))
            continue;
        if (pid == session->parts.anchor && !start_anchor(session, &error))
            wgw_session_log(session, WGW_LOG_ERROR, "%s", error->message);
        else if (session->state == WGW_STATE_CLOSING)
            finish_if_empty(session);
    }
}

WgwSession *
wgw_session_new(WgwSessionParts *parts,
                const WgwSessionCallbacks *callbacks,
                gpointer user_data,
                GError **error)
{
    static const WgwProgramsCallbacks programs_callbacks = {on_programs_changed, on_appeared,
                                                            on_exited};
    static const WgwEngineCallbacks engine_callbacks = {on_engine_event, on_engine_pid,
                                                        on_engine_configuration,
                                                        on_engine_configured, on_engine_failed};
    WgwSession *session = g_new0(WgwSession, 1);

    session->parts = *parts;
    session->state = WGW_STATE_PREPARING;
    session->held = parts->life.held;
    session->life = -1;
    session->connections = g_ptr_array_new_with_free_func(g_object_unref);
    session->closers = g_ptr_array_new_with_free_func(g_object_unref);
    session->peers = g_ptr_array_new();
    session->log = wgw_log_new(parts->name);
    session->hint = g_strdup("");
    session->former = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    session->endpoints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    session->callbacks = *callbacks;
    session->user_data = user_data;
    session->bus = wgw_dbus_supervisor1_skeleton_new();
    wgw_dbus_supervisor1_set_version(session->bus, WGW_SUPERVISOR_VERSION);
    wgw_dbus_supervisor1_set_profile(session->bus, session->parts.name);
    wgw_dbus_supervisor1_set_linger(session->bus, session->parts.life.linger);
    wgw_session_init_choices(session);
    wgw_session_log_start(session);
    wgw_session_publish_state(session, "connecting", "");

    /* What a crash left there is in the way, and nobody's: the lock is ours. */
    wgw_directory_empty(session->parts.directory);
    session->programs = wgw_programs_new(session->parts.box.net, &programs_callbacks, session);
    wgw_session_publish_programs(session);
    session->engine = wgw_engine_new(
        fcntl(session->parts.box.tun, F_DUPFD_CLOEXEC, 3), session->parts.udp4, session->parts.udp6,
        session->parts.legacy, session->parts.directory, &engine_callbacks, session, error);
    session->parts.udp4 = session->parts.udp6 = -1;
    /* Capabilities are a thread's own, so they go while there is one thread: what comes next, GIO, makes
     * others. The bus's socket was the last thing to be put into /run. */
    if (session->engine && wgw_session_open_private_bus(session, error) &&
        write_entries(session, error) && lock_down(error) && start_anchor(session, error) &&
        wgw_engine_start(session->engine, error))
        return session;
    wgw_session_free(session);
    return NULL;
}

void
wgw_session_free(WgwSession *session)
{
    tear_down(session);
    g_clear_handle_id(&session->flush_timer, g_source_remove);
    g_clear_handle_id(&session->linger_timer, g_source_remove);
    g_clear_handle_id(&session->kill_timer, g_source_remove);
    g_clear_handle_id(&session->watch_timer, g_source_remove);
    g_clear_handle_id(&session->change_timer, g_source_remove);
    g_clear_pointer(&session->private_bus, wgw_private_bus_free);
    g_clear_object(&session->server);
    g_clear_object(&session->bus);
    g_clear_pointer(&session->programs, wgw_programs_free);
    g_ptr_array_unref(session->connections);
    g_ptr_array_unref(session->closers);
    g_ptr_array_unref(session->peers);
    g_hash_table_unref(session->former);
    g_hash_table_unref(session->endpoints);
    g_clear_object(&session->next_update);
    g_array_unref(session->fallback_dns);
    wgw_log_free(session->log);
    g_free(session->hint);
    g_free(session->engine_trouble);
    wgw_config_unref(session->parts.config);
    g_free(session->parts.name);
    g_free(session);
}
