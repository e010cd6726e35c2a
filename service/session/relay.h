/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "session/mirror.h"

/* wgw_relay_follow - start a wg-wrap-relay whenever @mirror's session needs one, as long as @mirror
 * lives. The relay is the session's, and outlives this process. */
void wgw_relay_follow(WgwMirror *mirror);
