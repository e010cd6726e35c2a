/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "dbus/log.h"
#include "session/mirror.h"

/* The logs of all profiles: what their supervisors said since this service runs, and before that as
 * far as those know, which outlasts the sessions; and what only the service knows, a start that failed
 * above all. In memory, for as long as there is a profile.
 *
 * Signal "logged" (const char *name, guint64 time, const char *severity, const char *message). */
#define WGW_TYPE_LOGS (wgw_logs_get_type())
G_DECLARE_FINAL_TYPE(WgwLogs, wgw_logs, WGW, LOGS, GObject)

WgwLogs *wgw_logs_new(void);

/* wgw_logs_add - enter a message of the service's own, without keys, in the log of the profile @name. */
void wgw_logs_add(WgwLogs *logs, const char *name, WgwLogSeverity severity, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* wgw_logs_follow - enter what @mirror's supervisor has said and will say. @caught_up, which may be NULL,
 * is called once the first is done. */
void wgw_logs_follow(WgwLogs *logs,
                     WgwMirror *mirror,
                     void (*caught_up)(gpointer user_data),
                     gpointer user_data);

/* wgw_logs_to_variant - of the profile @name, a(tss), floating: see wgw_log_to_variant. */
GVariant *wgw_logs_to_variant(WgwLogs *logs, const char *name, guint64 after);

/* wgw_logs_restore - enter what wgw_logs_to_variant gave, of a profile that is now called @name. */
void wgw_logs_restore(WgwLogs *logs, const char *name, GVariant *entries);

/* wgw_logs_forget - the profile @name is gone. */
void wgw_logs_forget(WgwLogs *logs, const char *name);
