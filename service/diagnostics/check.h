/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* One row of the report while it is being found out, and what the checks look with. */
typedef struct {
    GDBusConnection *bus;             /* lent; NULL if there is none */
    const struct _WgwLeaksHost *host; /* lent; for leaks.c */
    gboolean passed;
    char *found;
    char *advice; /* "" if it passed */
} WgwCheck;

typedef void (*WgwCheckFunc)(WgwCheck *check);

typedef struct {
    const char *id;   /* the contract's, which stays whatever the language */
    const char *name; /* marked N_() */
    WgwCheckFunc look;
} WgwCheckRow;

/* wgw_checks_run - look at all, each with a copy of @with. (transfer full), an a(ssbss). */
GVariant *wgw_checks_run(const WgwCheckRow *rows, gsize n, const WgwCheck *with);

/* wgw_check_pass - it is as it should be; the rest says what was found. Each check calls this or
 * wgw_check_fail exactly once. */
void wgw_check_pass(WgwCheck *check, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* wgw_check_fail - it is not: @advice is what to do about it, the rest what was found. */
void wgw_check_fail(WgwCheck *check, const char *advice, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* wgw_check_dup_tilde - @path with the home directory written "~". (transfer full) */
char *wgw_check_dup_tilde(const char *path);

/* machine.c: the kernel and its settings. */
void wgw_check_kernel(WgwCheck *check);
void wgw_check_tun(WgwCheck *check);
void wgw_check_box(WgwCheck *check);
void wgw_check_offloads(WgwCheck *check);
void wgw_check_limits(WgwCheck *check);
void wgw_check_clock(WgwCheck *check);

/* surroundings.c: the user's directories, the bus and the installation. */
void wgw_check_runtime_directory(WgwCheck *check);
void wgw_check_profiles_directory(WgwCheck *check);
void wgw_check_resolver(WgwCheck *check);
void wgw_check_session_bus(WgwCheck *check);
void wgw_check_service(WgwCheck *check);
void wgw_check_programs(WgwCheck *check);
