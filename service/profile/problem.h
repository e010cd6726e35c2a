/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <glib.h>

typedef enum {
    WGW_SEVERITY_WARNING, /* the profile works, but perhaps not as its author thinks */
    WGW_SEVERITY_ERROR,   /* the profile cannot be used */
} WgwSeverity;

/* What is wrong with a configuration, and where. */
typedef struct {
    guint line;   /* from 1; what concerns the whole file is at 1:1 */
    guint column; /* from 1, in characters */
    WgwSeverity severity;
    const char *code; /* a word for programs, static */
    char *message;    /* for people: what was found, what was expected; never a key's value */
} WgwProblem;

/* wgw_problems_new - an empty list of WgwProblem that owns its elements. Free with
 * g_ptr_array_unref. */
GPtrArray *wgw_problems_new(void);

/* wgw_problems_add - append a problem; code must be static, message is taken over. */
void wgw_problems_add(GPtrArray *problems,
                      guint line,
                      guint column,
                      WgwSeverity severity,
                      const char *code,
                      char *message);

/* wgw_problems_first_error - the first that is an error, lent, or NULL. */
const WgwProblem *wgw_problems_first_error(GPtrArray *problems);

/* wgw_problems_to_variant - a floating a(uusss) as org.wgwrap.WgWrap1.Manager.CheckConfig() gives
 * it. NULL counts as empty. */
GVariant *wgw_problems_to_variant(GPtrArray *problems);
