/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <gio/gio.h>

/* What a program has written to its standard error last. It is collected by a process of its own, which
 * ends with the program's last copy of the descriptor: the program has somebody to write to for as long
 * as it lives, also when this application is long gone. */
#define WGW_TYPE_OUTPUT (wgw_output_get_type())
G_DECLARE_FINAL_TYPE(WgwOutput, wgw_output, WGW, OUTPUT, GObject)

/* wgw_output_new - *ret_fd (owned by the caller) is for the program. NULL if that cannot be had. */
WgwOutput *wgw_output_new(int *ret_fd);

/* wgw_output_wait_async - for the end of the writing, but not long: a child of the program that ended may
 * go on. */
void wgw_output_wait_async(WgwOutput *output, GAsyncReadyCallback callback, gpointer user_data);

/* wgw_output_wait_finish - the last lines, without control characters; "" if there are none or they are
 * not there yet. (transfer full) */
char *wgw_output_wait_finish(WgwOutput *output, GAsyncResult *result);
