/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <adwaita.h>

/* What was checked, of this machine or of a tunnel, a row for each: green or red, told by an icon and a
 * word as well, what was found, what that means, and what to do where it is not as it should be.
 * Property "only-failed": the others have no row. */
#define WGW_TYPE_CHECK_LIST (wgw_check_list_get_type())
G_DECLARE_FINAL_TYPE(WgwCheckList, wgw_check_list, WGW, CHECK_LIST, AdwBin)

/* wgw_check_list_set_checks - an a(ssbss), as the contract has it. Answers how many failed. */
guint wgw_check_list_set_checks(WgwCheckList *list, GVariant *checks);

/* wgw_check_list_has_failed - whether one of the checks with these IDs did. */
gboolean wgw_check_list_has_failed(WgwCheckList *list, const char *const *ids);

/* wgw_check_list_copy - all checks, also those without a row, as text below @heading. */
void wgw_check_list_copy(WgwCheckList *list, const char *heading);
