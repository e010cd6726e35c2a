/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "namespace/box.h"
#include "profile/config.h"

/* One session from inside: the one authority over its life. All that happens to it, happens in the
 * main loop of its one thread, so a launch, a join and the end cannot overlap. */
typedef struct _WgwSession WgwSession;

/* What the session is made of. Descriptors and strings are taken. */
typedef struct {
    char *name;    /* the profile's */
    int directory; /* the session's, in the runtime directory */
    WgwConfig *config;
    struct ns_box box;
    int udp4; /* or -1 */
    int udp6; /* or -1 */
    pid_t anchor;
    int anchor_pidfd;
    int lock;       /* handed on to an anchor that is started anew */
    guint path_mtu; /* bytes, for a profile without MTU= */
    guint linger;   /* seconds */
} WgwSessionParts;

/* wgw_session_new - start the engine, open door and bus. @parts are taken in any case. @ended is called
 * when nothing is left but to exit. NULL with @error set. */
WgwSession *wgw_session_new(WgwSessionParts *parts,
                            void (*ended)(gpointer user_data),
                            gpointer user_data,
                            GError **error);
void wgw_session_free(WgwSession *session);

/* wgw_session_reap - some children of ours may have ended (SIGCHLD). */
void wgw_session_reap(WgwSession *session);

/* wgw_session_close - see org.wgwrap.WgWrap1.Session.Close(). */
void wgw_session_close(WgwSession *session, gboolean force);
