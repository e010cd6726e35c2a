/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* For how long a session may linger, in seconds. */
#define WGW_LIFE_MAX_LINGER 3600

/* How long a session is to live, in the file "life" in its directory: its supervisor's successor knows
 * it from there, whoever else died. It has no more than one line, which is always as long and written at
 * once: who reads it finds the former or the new one, and there is always room for it. */
typedef struct {
    guint linger;  /* seconds */
    gboolean held; /* open without a program */
} WgwLife;

/* wgw_life_open - the file in the session's @directory, made if need be. The descriptor, the caller's;
 * -1 with errno. */
int wgw_life_open(int directory);

/* wgw_life_read - FALSE, and @ret_life as it was, if there is none in the session's @directory. */
gboolean wgw_life_read(int directory, WgwLife *ret_life);

/* wgw_life_write - to what wgw_life_open gave. 0 or a negative errno. */
int wgw_life_write(int fd, const WgwLife *life);
