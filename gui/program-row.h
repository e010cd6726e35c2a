/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

#include "gui/client.h"
#include "gui/program.h"

/* A program in a tunnel: icon, name, since when, and a button that stops it. One that has been asked to
 * end, and does not, can be killed. */
#define WGW_TYPE_PROGRAM_ROW (wgw_program_row_get_type())
G_DECLARE_FINAL_TYPE(WgwProgramRow, wgw_program_row, WGW, PROGRAM_ROW, AdwActionRow)

GtkWidget *wgw_program_row_new(WgwClient *client, WgwTunnel *tunnel, WgwProgram *program);

/* wgw_program_row_update - time has passed. */
void wgw_program_row_update(WgwProgramRow *row);
