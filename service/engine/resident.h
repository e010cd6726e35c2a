/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* resident_trim - give back the memory that only starting up has needed. Most of it is code: the
 * libraries' self-tests alone touch some 4 MB that are never run again. What is, comes back from the
 * page cache. */
void resident_trim(void);
