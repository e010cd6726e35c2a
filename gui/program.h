/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

/* A program that runs in a tunnel. Never changes. */
#define WGW_TYPE_PROGRAM (wgw_program_get_type())
G_DECLARE_FINAL_TYPE(WgwProgram, wgw_program, WGW, PROGRAM, GObject)

/* wgw_program_new - @desktop_id is "" for what is no application; the strings are copied. */
WgwProgram *wgw_program_new(guint pid, const char *name, const char *desktop_id);

guint wgw_program_get_pid(WgwProgram *program);
const char *wgw_program_get_name(WgwProgram *program);
const char *wgw_program_get_desktop_id(WgwProgram *program);
/* wgw_program_get_started - when its process was, in seconds since 1970; 0: not known. */
guint64 wgw_program_get_started(WgwProgram *program);
