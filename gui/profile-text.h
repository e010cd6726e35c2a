/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include "gui/config-text.h"

/* A profile on its way in, or what stands in the place of one that cannot be read. */
typedef struct {
    char *label;         /* where it is, for people: "work.conf", "vpn.zip: work.conf" */
    char *wish;          /* for its name: anything */
    WgwConfigText *text; /* NULL: there is none, for this reason */
    char *problem;       /* for people */
} WgwProfileText;

/* The most bytes that a profile may have: the contract's. */
#define WGW_PROFILE_TEXT_MAX (1024 * 1024)

/* wgw_profile_text_new - of @size bytes, which are copied; or of a problem if they cannot be a profile. The
 * wish is @name without ".conf" or whatever else is behind its last dot. (transfer full) */
WgwProfileText *
wgw_profile_text_new(const char *label, const char *name, const char *bytes, gsize size);

/* wgw_profile_text_new_problem - @problem is taken. (transfer full) */
WgwProfileText *wgw_profile_text_new_problem(const char *label, char *problem);

void wgw_profile_text_free(WgwProfileText *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WgwProfileText, wgw_profile_text_free)
