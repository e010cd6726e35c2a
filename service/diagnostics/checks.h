/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* What a session needs of this machine, looked at one thing at a time. The outcome is made to be
 * pasted into a bug report: no key, no name of a host, a user or a profile, and the home directory
 * is written "~". */

/* wgw_diagnostics_run_async - run every check, in a thread of its own: a check may read a file,
 * ask the bus, or start wg-wrap-probe, which tries what it reports on. Takes well below a second.
 * @bus is the session bus, or NULL if there is none. Needs no service and no session. */
void wgw_diagnostics_run_async(GDBusConnection *bus,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

/* wgw_diagnostics_run_finish - the outcome, (transfer full), not floating: an a(ssbss) of an ID,
 * the check, whether it passed, what was found, and what to do if it did not pass ("" if it did); or NULL with
 * @error set, when it was cancelled. */
GVariant *wgw_diagnostics_run_finish(GAsyncResult *result, GError **error);

/* wgw_checks_drop_ids - such rows as an a(sbss), (transfer floating). */
GVariant *wgw_checks_drop_ids(GVariant *rows);

/* wgw_diagnostics_run - the same for a program without a main loop. (transfer full), never NULL. */
GVariant *wgw_diagnostics_run(GDBusConnection *bus);
