/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "engine/engine.h"

/* inward_run_4, inward_run_6 - a thread's main function: datagrams from the socket of one family, opened, to the
 * TUN, until the engine stops. */
void *inward_run_4(void *engine);
void *inward_run_6(void *engine);
