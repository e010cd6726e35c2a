/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>
#include <gtksourceview/gtksource.h>

/* What Manager.CheckConfig says of the text in a view: a list below it, each row of which leads to
 * its place, and marks in the text and beside it. Signal "jump" (guint line, guint column): TRUE, if the place
 * has been shown elsewhere than in the text. */
#define WGW_TYPE_PROBLEM_LIST (wgw_problem_list_get_type())
G_DECLARE_FINAL_TYPE(WgwProblemList, wgw_problem_list, WGW, PROBLEM_LIST, AdwBin)

/* wgw_problem_list_set_view - once. */
void wgw_problem_list_set_view(WgwProblemList *list, GtkSourceView *view);

/* wgw_problem_list_set_problems - @problems is an a(uusss) about the text that the view has now. */
void wgw_problem_list_set_problems(WgwProblemList *list, GVariant *problems);

/* wgw_problem_list_jump_to_error - show the place of the first error. FALSE: there is none. */
gboolean wgw_problem_list_jump_to_error(WgwProblemList *list);
