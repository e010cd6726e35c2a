/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "profile/problem.h"

static void
problem_free(gpointer data)
{
    WgwProblem *problem = data;

    g_free(problem->message);
    g_free(problem);
}

GPtrArray *
wgw_problems_new(void)
{
    return g_ptr_array_new_with_free_func(problem_free);
}

void
wgw_problems_add(GPtrArray *problems,
                 guint line,
                 guint column,
                 WgwSeverity severity,
                 const char *code,
                 char *message)
{
    WgwProblem *problem = g_new(WgwProblem, 1);

    *problem = (WgwProblem){line, column, severity, code, message};
    g_ptr_array_add(problems, problem);
}

const WgwProblem *
wgw_problems_first_error(GPtrArray *problems)
{
    for (guint i = 0; i < problems->len; i++) {
        const WgwProblem *problem = g_ptr_array_index(problems, i);

        if (problem->severity == WGW_SEVERITY_ERROR)
            return problem;
    }
    return NULL;
}

GVariant *
wgw_problems_to_variant(GPtrArray *problems)
{
    GVariantBuilder builder;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(uusss)"));
    for (guint i = 0; problems && i < problems->len; i++) {
        const WgwProblem *problem = g_ptr_array_index(problems, i);

        g_variant_builder_add(&builder, "(uusss)", problem->line, problem->column,
                              problem->severity == WGW_SEVERITY_ERROR ? "error" : "warning",
                              problem->code, problem->message);
    }
    return g_variant_builder_end(&builder);
}
