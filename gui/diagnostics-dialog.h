/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

/* wgw_diagnostics_dialog_present - what the service finds on this machine, each with what to do,
 * and all of it as text to copy. */
void wgw_diagnostics_dialog_present(GtkWindow *parent, WgwClient *client);
