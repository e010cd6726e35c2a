/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "supervisor/private-bus.h"

/* The programs of a session, as its life counts them: what the supervisor spawned, what came in by
 * the door, and what either left behind. The first are its children, the second are watched by pidfd.
 * A process that detached itself is found by looking at /proc, which is done whenever a program ends:
 * the supervisor is the subreaper of its children, so their orphans are its own, wherever they went;
 * the others count once nothing else is left. Each has its pidfd from the beginning, so that no signal
 * ever hits who got its number after it. What the session's own bus has started counts if it is an
 * application, and is its helper if not, ended with it. */
typedef struct _WgwPrograms WgwPrograms;

/* How a program came in. */
typedef enum {
    WGW_PROGRAM_LAUNCHED,
    WGW_PROGRAM_JOINED,
    WGW_PROGRAM_FOUND, /* another one left it behind, or somebody let it in */
} WgwProgramOrigin;

typedef struct {
    /* The list has changed; wgw_programs_is_empty may have. */
    void (*changed)(gpointer user_data);
    /* Once for each, when its name is known, and before its end. */
    void (*appeared)(pid_t pid, const char *name, WgwProgramOrigin origin, gpointer user_data);
    /* status as wait(2) gives it, -1 if it is not known; message for people, "" if all was well. With
     * status 0 it says that the program was handed over to a copy outside. */
    void (*exited)(
        pid_t pid, const char *name, int status, const char *message, gpointer user_data);
} WgwProgramsCallbacks;

/* wgw_programs_new - @net_ns identifies the session's namespace and stays the caller's. */
WgwPrograms *
wgw_programs_new(int net_ns, const WgwProgramsCallbacks *callbacks, gpointer user_data);

/* wgw_programs_set_bus - the session's own (lent). It is asked whenever a program has ended. */
void wgw_programs_set_bus(WgwPrograms *programs, WgwPrivateBus *bus);
void wgw_programs_free(WgwPrograms *programs);

/* wgw_programs_ignore - a process of the session's own (anchor, engine) which does not count; 0 in
 * place of a former one. @slot is 0 to 2. */
void wgw_programs_ignore(WgwPrograms *programs, guint slot, pid_t pid);

/* wgw_programs_spawn - run a program inside: see wgw_spawn. Its process ID, or -1 with @error set. */
pid_t wgw_programs_spawn(WgwPrograms *programs,
                         const char *const *argv,
                         const char *const *environment,
                         const char *cwd,
                         const char *const *covers,
                         const int stdio[3],
                         const char *name,
                         const char *desktop_id,
                         GError **error);

/* wgw_programs_join - count a process that is about to come in. @pidfd (taken) may be -1: it is
 * opened. FALSE with @error set if it is no more, or another user's. */
gboolean wgw_programs_join(WgwPrograms *programs, pid_t pid, int pidfd, GError **error);

/* wgw_programs_forget - it does not come in after all. */
void wgw_programs_forget(WgwPrograms *programs, pid_t pid);

gboolean wgw_programs_is_empty(WgwPrograms *programs);

/* wgw_programs_adopt - count everybody who is inside, but for the children of who is: those whom a
 * supervisor that died had counted. */
void wgw_programs_adopt(WgwPrograms *programs);

/* wgw_programs_scan - let the kernel have its say: take over whoever is inside without being known.
 * TRUE if nobody is. FALSE with an empty list: somebody may be, who could not be counted for want of
 * descriptors. */
gboolean wgw_programs_scan(WgwPrograms *programs);

/* wgw_programs_reaped - a child of ours has ended. FALSE if it was no program. */
gboolean wgw_programs_reaped(WgwPrograms *programs, pid_t pid, int status);

/* wgw_programs_signal - to one of them. FALSE with @error set if @pid is none. */
gboolean wgw_programs_signal(WgwPrograms *programs, pid_t pid, int number, GError **error);

/* wgw_programs_end_all - send a signal to everything inside, known or not, when nobody can come in any
 * more. Who joined but is not inside is no program of ours: he is left alone, and with SIGKILL
 * forgotten. */
void wgw_programs_end_all(WgwPrograms *programs, int number);

/* wgw_programs_end_helpers - kill the session's own bus and what it started that is no application, and
 * wait until they are gone. */
void wgw_programs_end_helpers(WgwPrograms *programs);

/* wgw_programs_to_variant - a(uss), floating. */
GVariant *wgw_programs_to_variant(WgwPrograms *programs);
