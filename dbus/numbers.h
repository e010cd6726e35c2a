/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* wgw_numbers_use - from now on g_ascii_string_to_unsigned() can be used in threads. The first to read a
 * number makes GLib's C locale; where two threads are the first, one of them waits for a lock, and takes the
 * errno of that for a mistake in its number. Before there are threads. */
void wgw_numbers_use(void);
