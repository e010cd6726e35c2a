/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

/* The session's directory from inside, where its path is hidden: by its descriptor. */

/* wgw_directory_empty - without the lock, and what a successor finds in it. */
void wgw_directory_empty(int directory);

/* wgw_directory_write_identity - whose session it is, and which: "profile" and "mark". The text of that is
 * found at WGW_MARK_PATH, too, so /run must be writable: the network and the mount namespace, and a word
 * by which to tell them from later ones of the same numbers. 0 or a negative errno. */
int wgw_directory_write_identity(int directory, const char *name);

/* wgw_directory_remove - with the lock held: there may be no service to do it. Who has just made a lock
 * of his own in it keeps it. */
void wgw_directory_remove(int directory, const char *name);
