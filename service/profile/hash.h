/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* wgw_hash_bytes - SipHash under a key of this process: who writes a configuration cannot choose
 * values that make a hash table slow. */
guint wgw_hash_bytes(const void *bytes, gsize len);
