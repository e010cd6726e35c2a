/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib-object.h>

/* Why something was not imported. Never changes. Properties, for rows: "label", where it is, and "reason", what
 * is wrong there, both for people. */
#define WGW_TYPE_IMPORT_PROBLEM (wgw_import_problem_get_type())
G_DECLARE_FINAL_TYPE(WgwImportProblem, wgw_import_problem, WGW, IMPORT_PROBLEM, GObject)

/* wgw_import_problem_new - @reason is taken. */
WgwImportProblem *wgw_import_problem_new(const char *label, char *reason);
