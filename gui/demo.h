/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/window.h"

/* wgw_demo_try - make the demo tunnel, show it in @window, and offer to open its page in it. */
void wgw_demo_try(WgwWindow *window);
