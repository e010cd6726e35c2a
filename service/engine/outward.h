/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/engine.h"

/* outward_run - a thread's main function, given the engine: packets from the TUN, sealed, to the sockets, until the TUN
 * is gone or the engine stops. */
void *outward_run(void *data);
