/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/client.h"
#include "gui/output.h"

/* What client.c knows, for client-calls.c. */

/* wgw_client_get_connection - to the bus; NULL until that has answered. (transfer none) */
GDBusConnection *wgw_client_get_connection(WgwClient *client);

/* wgw_client_get_session_path - of the tunnel's session; NULL: it has none. (transfer none) */
const char *wgw_client_get_session_path(WgwClient *client, WgwTunnel *tunnel);

/* wgw_client_watch_output - @output is that of the program of this process ID. */
void wgw_client_watch_output(WgwClient *client, guint pid, WgwOutput *output);

/* wgw_client_get_cancellable - cancelled when the client goes. (transfer none) */
GCancellable *wgw_client_get_cancellable(WgwClient *client);
