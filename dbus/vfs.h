/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* wgw_vfs_use_local - from now on GIO looks at local files only. By GVfs, where that is installed, it
 * would bring a connection to the bus and processes of its own, and do so for a launch as well. What the
 * environment says of it stays, for the programs that are launched. Before the first GFile. */
void wgw_vfs_use_local(void);
