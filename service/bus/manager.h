/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"

/* wgw_manager_export - org.wgwrap.WgWrap1.Manager on the root object. */
gboolean wgw_manager_export(WgwService *service, GError **error);
