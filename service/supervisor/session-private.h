/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "dbus/wgw-dbus-supervisor.h"
#include "supervisor/door.h"
#include "supervisor/engine.h"
#include "supervisor/plan.h"
#include "supervisor/programs.h"
#include "supervisor/session.h"
#include "supervisor/state.h"

/* A session's inside, for the files that a session is made of: session.c (life), status.c (what
 * people are told), update.c (another configuration), requests.c (the private bus). */
struct _WgwSession {
    WgwSessionParts parts;
    WgwState state;
    gboolean held;
    gint64 keep_until; /* monotonic, µs */
    guint linger_timer;
    guint kill_timer;

    WgwPrograms *programs;
    WgwEngine *engine;
    WgwDoor *door;

    GDBusServer *server;
    GPtrArray *connections; /* GDBusConnection */
    WgwDbusSupervisor1 *bus;
    GPtrArray *closers; /* GDBusMethodInvocation: who waits for the end */

    /* status.c */
    GPtrArray *peers; /* WgwPeerStatus, as the engine said last */
    char *hint;       /* what the service knows to be wrong, "" for nothing */
    guint watch_timer;
    guint change_timer;

    /* update.c */
    GHashTable *endpoints; /* a peer's public key, base64 -> request that sets what its host name
                            * resolved to */
    gboolean updating;

    void (*ended)(gpointer user_data);
    gpointer user_data;
};

/* session.c */

/* wgw_session_settle - the list of programs or the hold has changed: enter the state that follows. */
void wgw_session_settle(WgwSession *session);

/* wgw_session_check_open - FALSE with WGW_ERROR_CLOSED when the session is past its end. */
gboolean wgw_session_check_open(WgwSession *session, GError **error);

/* wgw_session_keep - linger for at least that many seconds from now on. */
void wgw_session_keep(WgwSession *session, guint seconds);

/* status.c */

/* wgw_session_refresh - ask the engine, and tell the bus. @callback may be NULL; it is called with
 * the session as source once the properties are those of this moment. */
void wgw_session_refresh(WgwSession *session, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_session_set_hint - @hint is copied. */
void wgw_session_set_hint(WgwSession *session, const char *hint);

/* wgw_session_watch - refresh once a second, or no more. */
void wgw_session_watch(WgwSession *session, gboolean on);

void wgw_session_publish_programs(WgwSession *session);
void wgw_session_publish_state(WgwSession *session, const char *state, const char *reason);

/* update.c */

/* wgw_session_dup_configuration - all an engine must know: the profile, and what its host names
 * resolved to. */
WgwSecret *wgw_session_dup_configuration(WgwSession *session);

/* wgw_session_set_endpoint - and remember it. */
gboolean wgw_session_set_endpoint(
    WgwSession *session, const char *public_key, const char *address, guint16 port, GError **error);

/* wgw_session_reconnect - have the engine begin a handshake with every peer. */
void wgw_session_reconnect(WgwSession *session);

/* wgw_session_update_async - change over to the configuration in the file behind @fd (lent until the
 * call returns). */
void wgw_session_update_async(
    WgwSession *session, int fd, guint path_mtu, GAsyncReadyCallback callback, gpointer user_data);
gboolean wgw_session_update_finish(GAsyncResult *result, GError **error);

/* requests.c */

/* wgw_session_serve - answer on "bus" in the session's directory. */
gboolean wgw_session_serve(WgwSession *session, GError **error);
