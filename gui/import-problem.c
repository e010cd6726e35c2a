/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/import-problem.h"

struct _WgwImportProblem {
    GObject parent_instance;

    char *label;
    char *reason;
};

G_DEFINE_FINAL_TYPE(WgwImportProblem, wgw_import_problem, G_TYPE_OBJECT)

enum { PROP_LABEL = 1, PROP_REASON, N_PROPERTIES };

static void
wgw_import_problem_finalize(GObject *object)
{
    WgwImportProblem *problem = WGW_IMPORT_PROBLEM(object);

    g_free(problem->label);
    g_free(problem->reason);
    G_OBJECT_CLASS(wgw_import_problem_parent_class)->finalize(object);
}

static void
wgw_import_problem_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    WgwImportProblem *problem = WGW_IMPORT_PROBLEM(object);

    switch (id) {
    case PROP_LABEL:
        g_value_set_string(value, problem->label);
        break;
    case PROP_REASON:
        g_value_set_string(value, problem->reason);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
}

static void
wgw_import_problem_class_init(WgwImportProblemClass *class)
{
    GObjectClass *object_class = G_OBJECT_CLASS(class);
    const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    object_class->finalize = wgw_import_problem_finalize;
    object_class->get_property = wgw_import_problem_get_property;
    g_object_class_install_property(object_class, PROP_LABEL,
                                    g_param_spec_string("label", NULL, NULL, NULL, readable));
    g_object_class_install_property(object_class, PROP_REASON,
                                    g_param_spec_string("reason", NULL, NULL, NULL, readable));
}

static void
wgw_import_problem_init(WgwImportProblem *problem)
{
}

WgwImportProblem *
wgw_import_problem_new(const char *label, char *reason)
{
    WgwImportProblem *problem = g_object_new(WGW_TYPE_IMPORT_PROBLEM, NULL);

    problem->label = g_strdup(label);
    problem->reason = reason;
    return problem;
}
