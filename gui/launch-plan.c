/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "gui/launch-plan.h"

#include <glib/gi18n.h>

static gboolean
lookup(GVariant *description, const char *key)
{
    gboolean value = FALSE;

    g_variant_lookup(description, key, "b", &value);
    return value;
}

WgwLaunchPlan *
wgw_launch_plan_new(GVariant *reply)
{
    WgwLaunchPlan *plan = g_new0(WgwLaunchPlan, 1);
    g_autoptr(GVariant) description = g_variant_get_child_value(reply, 0);
    const char *bus = "", *recipe = "", *launcher = "";

    g_variant_lookup(description, "bus", "&s", &bus);
    g_variant_lookup(description, "recipe", "&s", &recipe);
    g_variant_lookup(description, "launcher", "&s", &launcher);
    plan->private_bus = g_str_equal(bus, "private");
    plan->private_data = lookup(description, "private-data");
    plan->running_outside = lookup(description, "running-outside");
    plan->has_launcher = *launcher != '\0';
    plan->recipe = g_strdup(recipe);
    return plan;
}

void
wgw_launch_plan_free(WgwLaunchPlan *plan)
{
    g_free(plan->recipe);
    g_free(plan);
}

gboolean
wgw_launch_plan_is_risky(const WgwLaunchPlan *plan)
{
    return plan->running_outside && !plan->private_bus && !*plan->recipe;
}

const char *
wgw_launch_plan_get_title(const WgwLaunchPlan *plan)
{
    if (plan->private_data)
        return _("Data of its own");
    if (plan->private_bus)
        return _("A message bus of its own");
    return *plan->recipe ? _("A copy of its own") : _("Only the network is its own");
}

const char *
wgw_launch_plan_get_words(const WgwLaunchPlan *plan)
{
    if (plan->private_data)
        return _(
            "In this tunnel it keeps its settings, logins and history apart from those outside, "
            "so that both can run side by side.");
    if (plan->private_bus)
        return _("It has your files and settings, but cannot find a copy outside to which it would "
                 "hand its windows.");
    if (*plan->recipe)
        return _("It has your files and settings, and is told not to look for a copy outside.");
    return _(
        "It has your files, your settings and the desktop's message bus as always; its traffic "
        "goes through the tunnel.");
}

const char *
wgw_launch_plan_get_copy_words(const WgwLaunchPlan *plan)
{
    return wgw_launch_plan_is_risky(plan)
               ? _("It may take over what is launched here and open its window outside. Close it "
                   "first, to be sure.")
               : _("The copy in this tunnel will run beside it.");
}
