/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gtk/gtk.h>

#include "gui/client.h"

typedef enum {
    WGW_NAME_RENAME,    /* for the tunnel itself */
    WGW_NAME_DUPLICATE, /* for a copy of it */
} WgwNamePurpose;

/* wgw_name_dialog_present - ask for a name, and do what it is for. Whatever is wrong with it is said
 * in the dialog, which stays until it is right. */
void wgw_name_dialog_present(GtkWindow *parent,
                             WgwClient *client,
                             WgwTunnel *tunnel,
                             WgwNamePurpose purpose);
