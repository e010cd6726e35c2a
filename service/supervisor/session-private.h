/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "dbus/log.h"
#include "dbus/wgw-dbus-supervisor.h"
#include "supervisor/door.h"
#include "supervisor/engine.h"
#include "supervisor/plan.h"
#include "supervisor/ports.h"
#include "supervisor/private-bus.h"
#include "supervisor/programs.h"
#include "supervisor/session.h"
#include "supervisor/state.h"

/* A session's inside, for the files that a session is made of: session.c (life), status.c (what
 * people are told), log.c (what they are told later), update.c (another configuration), choices.c (what
 * the user chose beside it), requests.c (the private connection), session-bus.c (the programs' own
 * session bus). */
struct _WgwSession {
    WgwSessionParts parts;
    WgwState state;
    gboolean held;
    int life;          /* the file that says so */
    gboolean leaving;  /* it was closed: with the last program it ends, without lingering */
    gboolean over;     /* torn down: only words are left to be sent */
    gint64 keep_until; /* monotonic, µs */
    guint linger_timer;
    guint kill_timer;
    guint flush_timer;
    guint flushing; /* how many connections */

    WgwPrograms *programs;
    WgwEngine *engine;
    WgwDoor *door;
    WgwPrivateBus *private_bus;

    GDBusServer *server;
    GPtrArray *connections; /* GDBusConnection */
    WgwDbusSupervisor1 *bus;
    GPtrArray *closers; /* GDBusMethodInvocation: who waits for the end */
    WgwLog *log;

    /* status.c */
    GPtrArray *peers;     /* WgwPeerStatus, as the engine said last */
    GHashTable *former;   /* a peer's public key, base64 -> guint64[2], received and sent by the
                           * engines before this one */
    char *hint;           /* what the service knows to be wrong, "" for nothing */
    char *engine_trouble; /* why there is no engine, or NULL */
    guint watch_timer;
    guint change_timer;

    /* choices.c */
    WgwPorts *ports;      /* NULL once it is over */
    GArray *fallback_dns; /* WgwAddress: for a profile without DNS= */

    /* update.c */
    GHashTable
        *endpoints; /* a peer's public key, base64 -> request that sets where it was seen last,
                            * or what its host name resolved to */
    gboolean updating;
    GTask *next_update; /* that waits for it, or NULL */

    WgwSessionCallbacks callbacks;
    gpointer user_data;
};

/* Whom wgw_programs_ignore() is told of. */
enum { WGW_IGNORE_ANCHOR, WGW_IGNORE_ENGINE, WGW_IGNORE_BUS };

/* session.c */

/* wgw_session_settle - the list of programs or the hold has changed: enter the state that follows. */
void wgw_session_settle(WgwSession *session);

/* wgw_session_check_open - FALSE with WGW_ERROR_CLOSED when the session is past its end. */
gboolean wgw_session_check_open(WgwSession *session, GError **error);

/* wgw_session_let_in - the same for somebody who wants to come in, or to hold it. */
gboolean wgw_session_let_in(WgwSession *session, GError **error);

/* wgw_session_get_anchor - the descriptor to enter by, lent; -1 with @error set. */
int wgw_session_get_anchor(WgwSession *session, GError **error);

/* wgw_session_keep_ms - linger for at least that long from now on. */
void wgw_session_keep_ms(WgwSession *session, guint ms);

/* wgw_session_relinger - Linger has changed: keep it, and begin to linger anew. */
void wgw_session_relinger(WgwSession *session);

/* status.c */

/* wgw_session_refresh - ask the engine, and tell the bus. @callback may be NULL; it is called with
 * the session as source once the properties are those of this moment. */
void wgw_session_refresh(WgwSession *session, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_session_set_hint - @hint is copied. */
void wgw_session_set_hint(WgwSession *session, const char *hint);

/* wgw_session_watch - refresh once a second, or no more. */
void wgw_session_watch(WgwSession *session, gboolean on);

/* wgw_session_engine_ended - its counters are kept for its successor, and people are told. */
void wgw_session_engine_ended(WgwSession *session);

/* wgw_session_set_engine_trouble - why there is no engine; NULL: there is one. Copied. */
void wgw_session_set_engine_trouble(WgwSession *session, const char *trouble);

void wgw_session_publish_programs(WgwSession *session);
void wgw_session_publish_state(WgwSession *session, const char *state, const char *reason);

/* log.c */

/* wgw_session_log - enter a message for people, without keys, in the log. */
void wgw_session_log(WgwSession *session, WgwLogSeverity severity, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* wgw_session_log_start - that it was built, or taken over. */
void wgw_session_log_start(WgwSession *session);

/* wgw_session_log_state - unless that is what the bus knows. */
void wgw_session_log_state(WgwSession *session, const char *state, const char *reason);

/* wgw_session_log_handshakes - the peers whose first handshake is in @peers (WgwPeerStatus), beside those
 * of before. Later ones, every two minutes, are no news. */
void wgw_session_log_handshakes(WgwSession *session, GPtrArray *peers);

/* wgw_session_log_resolved - what a peer's host name has become. wgw_session_log_moved - it was seen
 * elsewhere than before. */
void wgw_session_log_resolved(WgwSession *session, const char *public_key, const char *address);
void wgw_session_log_moved(WgwSession *session, const char *public_key, const char *endpoint);

/* wgw_session_log_update - what is not as it was in the configuration that the session is about to leave. */
void wgw_session_log_update(WgwSession *session, const WgwConfig *to, guint path_mtu);

void
wgw_session_log_program(WgwSession *session, pid_t pid, const char *name, WgwProgramOrigin origin);
void wgw_session_log_exit(
    WgwSession *session, pid_t pid, const char *name, int status, const char *message);

/* update.c */

/* wgw_session_dup_configuration - all an engine must know: the profile, and what its host names
 * resolved to. */
WgwSecret *wgw_session_dup_configuration(WgwSession *session);

/* wgw_session_set_endpoint - and remember it. */
gboolean wgw_session_set_endpoint(
    WgwSession *session, const char *public_key, const char *address, guint16 port, GError **error);

/* wgw_session_note_endpoint - remember where a peer was seen, "address:port", for the next engine. */
void wgw_session_note_endpoint(WgwSession *session, const char *public_key, const char *endpoint);

/* wgw_session_shake_hands - have the engine begin a handshake with every peer with which it has no
 * session; @anew: with every peer. */
void wgw_session_shake_hands(WgwSession *session, gboolean anew);

/* wgw_session_update_async - change over to the configuration in the file behind @fd (lent until the
 * call returns). */
void wgw_session_update_async(
    WgwSession *session, int fd, guint path_mtu, GAsyncReadyCallback callback, gpointer user_data);
gboolean wgw_session_update_finish(GAsyncResult *result, GError **error);

/* choices.c */

/* wgw_session_init_choices - none. */
void wgw_session_init_choices(WgwSession *session);

/* wgw_session_set_choices - what of the loopback is passed on, aq each, and the resolvers of a profile
 * without DNS=, addresses. With an error some may apply. */
gboolean wgw_session_set_choices(WgwSession *session,
                                 GVariant *forward,
                                 GVariant *publish,
                                 const char *const *dns,
                                 GError **error);

/* session-bus.c */

/* wgw_session_open_private_bus - as long as /run can be written to. */
gboolean wgw_session_open_private_bus(WgwSession *session, GError **error);

/* wgw_session_adopt_from_bus - count the applications that it has started, soon. */
void wgw_session_adopt_from_bus(WgwSession *session);

/* wgw_session_close_private_bus - and end who is left on it. */
void wgw_session_close_private_bus(WgwSession *session);

/* requests.c */

/* wgw_session_serve - answer on "bus" in the session's directory. */
gboolean wgw_session_serve(WgwSession *session, GError **error);
