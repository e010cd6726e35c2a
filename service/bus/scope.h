/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* wgw_scope_make - where systemd --user is there, have the program @pid be in a scope of its own, as desktops
 * have it (systemd's DESKTOP_ENVIRONMENTS.md): what it takes is shown, limited and killed apart from the service
 * that had it started. @desktop_id or, if that is "", @name names it. Nothing waits for it, and nothing depends on it. */
void wgw_scope_make(GDBusConnection *connection,
                    guint pid,
                    const char *desktop_id,
                    const char *name,
                    const char *profile);
