/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What is told of a tunnel's life: the last WGW_LOG_MAX_ENTRIES entries, in order, each a (tss) as in
 * org.wgwrap.WgWrap1.Profile.GetLog(). The supervisor has one for its session, the service one for each
 * profile, which it fills with what supervisors say. No two entries of a log have the same time, so
 * that a time is a place in it. */
typedef struct _WgwLog WgwLog;

#define WGW_LOG_MAX_ENTRIES 500

/* Of a message, in characters: names of programs and files come from anybody. */
#define WGW_LOG_MAX_LENGTH 400

typedef enum {
    WGW_LOG_INFO,    /* as it should be */
    WGW_LOG_WARNING, /* worth a look */
    WGW_LOG_ERROR,   /* something was not done */
} WgwLogSeverity;

/* wgw_log_new - an empty log of the profile @name. Free with wgw_log_free. */
WgwLog *wgw_log_new(const char *name);
void wgw_log_free(WgwLog *log);

/* wgw_log_add - enter @message, which must not have keys in it, at this moment; and write it to this
 * process's own log, in the journal with the field WG_WRAP_PROFILE. The entry, lent until the next. */
GVariant *wgw_log_add(WgwLog *log, WgwLogSeverity severity, const char *message);

/* wgw_log_append - enter what another log had as its next, a (tss) that may be floating. The entry as it
 * is here, lent until the next: later than the one before even if the clock was set back between the
 * two. NULL if it was entered already. */
GVariant *wgw_log_append(WgwLog *log, GVariant *entry);

/* wgw_log_to_variant - the entries later than @after, µs since 1970: a(tss), floating. */
GVariant *wgw_log_to_variant(WgwLog *log, guint64 after);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwLog, wgw_log_free)
