/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"

/* wgw_leak_check_async - have wg-wrap-check look for leaks in a session. Finish with
 * wgw_leak_check_finish: an a(ssbss), (transfer full), or NULL with @error set. */
void wgw_leak_check_async(WgwService *service,
                          WgwMirror *mirror,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
GVariant *wgw_leak_check_finish(GAsyncResult *result, GError **error);
