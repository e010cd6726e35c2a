/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

/* What programs keep for a profile: a directory for each recipe, below one for the profile, in
 * $XDG_DATA_HOME/wg-wrap/private. It outlasts the profile. Blocking: to be called in a thread. */

typedef struct {
    char *profile;
    char *recipe;
    char *desktop_id; /* of the application whose it is, or "": none or several are installed */
    char *name;       /* that application's, or else the recipe's */
    guint64 size;     /* bytes on the disk */
    guint64 changed;  /* when anything in it was, in seconds since 1970 */
} WgwPrivateData;

/* wgw_private_data_list - what is kept for @profiles, or for all there ever were if there are none in
 * it, in the order of names. (transfer full) (element-type WgwPrivateData) */
GPtrArray *wgw_private_data_list(const char *const *profiles);

/**
 * wgw_private_data_remove:
 * @profile: a profile's name, whether or not there is one
 * @recipes: what to remove; if none is in it, everything
 *
 * Remove what programs keep for @profile, as a whole: what is out of sight cannot be half there, and what
 * a crash leaves of it goes with the next removal.
 *
 * Returns: FALSE with WGW_ERROR_INVALID_ARGUMENT if there is no such thing, and WGW_ERROR_BUSY if a program
 *   runs on it: nothing is changed then; WGW_ERROR_FAILED or WGW_ERROR_NOT_PERMITTED if something cannot be
 *   removed, which is said
 */
gboolean wgw_private_data_remove(const char *profile, const char *const *recipes, GError **error);

/* wgw_private_data_sweep - what a removal that was cut off has left goes. */
void wgw_private_data_sweep(void);
