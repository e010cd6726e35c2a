/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "bus/service.h"

/* Of Linger, in seconds. */
#define WGW_SESSION_MAX_LINGER 3600

/* wgw_session_object_add - put @mirror on the bus, as org.wgwrap.WgWrap1.Session. */
void wgw_session_object_add(WgwService *service, WgwMirror *mirror);

void wgw_session_object_remove(WgwService *service, WgwMirror *mirror);
