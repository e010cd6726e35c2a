/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "namespace/box.h"
#include "profile/config.h"
#include "supervisor/life.h"
#include "supervisor/private-bus.h"

/* One session from inside: the one authority over its life. All that happens to it, happens in the
 * main loop of its one thread, so a launch, a join and the end cannot overlap. */
typedef struct _WgwSession WgwSession;

/* What the session is made of. Descriptors and strings are taken. */
typedef struct {
    char *name;    /* the profile's */
    int directory; /* the session's, in the runtime directory */
    WgwConfig *config;
    int legacy; /* with the same in it */
    struct ns_box box;
    int udp4; /* or -1 */
    int udp6; /* or -1 */
    pid_t anchor;
    int anchor_pidfd;
    int lock; /* handed on to an anchor that is started anew */
    WgwPrivateBusParts private_bus;
    guint path_mtu; /* bytes, for a profile without MTU= */
    WgwLife life;
    gboolean taken_over; /* from a supervisor that died: there are programs already */
} WgwSessionParts;

typedef struct {
    /* The engine has its configuration, and door and bus answer: once, with NULL; or (lent) why not. */
    void (*ready)(const GError *error, gpointer user_data);
    /* Nothing is left but to exit. */
    void (*ended)(gpointer user_data);
} WgwSessionCallbacks;

/* wgw_session_new - begin: start the engine, while there is one thread, and go on in the main loop.
 * @parts are taken in any case. NULL with @error set. */
WgwSession *wgw_session_new(WgwSessionParts *parts,
                            const WgwSessionCallbacks *callbacks,
                            gpointer user_data,
                            GError **error);

/* wgw_session_free - what is left of it is torn down before. */
void wgw_session_free(WgwSession *session);

/* wgw_session_reap - some children of ours may have ended (SIGCHLD). */
void wgw_session_reap(WgwSession *session);

/* wgw_session_close - see org.wgwrap.WgWrap1.Session.Close(). */
void wgw_session_close(WgwSession *session, gboolean force);
